// docs/cli.md names every command, and the exit codes that the program tells.
import fs from 'node:fs';
import path from 'node:path';
import { EXIT_CODES } from './help.ts';
import { createProgram } from './program.ts';

const text = fs.readFileSync(path.join(__dirname, '../../../../docs/cli.md'), 'utf8');

test('every command that is not hidden', () => {
  const program = createProgram({ io: { out: () => {}, err: () => {} }, onExit: () => {} });
  const names = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands.map((inner) => `${command.name()} ${inner.name()}`) : [command.name()],
  );
  const documented = names.filter((name) => !name.endsWith('-run'));
  expect(documented.length).toBeGreaterThan(15);
  for (const name of documented) expect(text).toMatch(new RegExp(`\`(npx stint )?${name}[ \`]|npx stint ${name}`));
});

test('every option of predict', () => {
  const program = createProgram({ io: { out: () => {}, err: () => {} }, onExit: () => {} });
  const predict = program.commands.find((command) => command.name() === 'predict')!;
  for (const { long } of predict.options) expect(text).toContain(long);
});

test('the exit codes', () => {
  const codes = [...EXIT_CODES.matchAll(/\b(\d+)\b(?= |,)/g)].map(([, code]) => code);
  expect(codes).toEqual(expect.arrayContaining(['0', '1', '2', '130', '143']));
  for (const code of ['0', '1', '2', '130, 143']) expect(text).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
});
