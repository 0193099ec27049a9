// Whatever an experiment's file, its overrides or executor.yaml say: a ConfigError or UsageError that is short and names the place, or a
// configuration whose YAML gives the same configuration again.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { brokenBytes, brokenJson, FUZZ_TIMEOUT, fuzz, HOSTILE_VALUES, inChild, readOrRefused } from '../../../../tools/jest/fuzz.ts';
import { EXECUTOR_FILE, slurmSettings } from '../executor/slurm/settings.ts';
import { UsageError } from './catalog.ts';
import { TINY, workspaceWith } from './fixture.ts';
import { configHash } from './hash.ts';
import { plain } from './node.ts';
import { ConfigError } from './problems.ts';
import { resolveExperiment } from './resolve.ts';
import { runConfigSchema } from './schema.ts';
import { parseYaml } from './yaml-source.ts';

jest.setTimeout(FUZZ_TIMEOUT);

const refusal = (error: unknown) =>
  error instanceof UsageError ||
  (error instanceof ConfigError && error.message.length < 20_000 && error.problems.every(({ message }) => message.length < 1000));

const workspace = workspaceWith({ 'tiny.yaml': TINY });
const file = path.join(workspace.experiments, 'tiny.yaml');

/** Resolves what the file says now; what is accepted says the same when it is written and read again. */
async function check(overrides: readonly string[] = []): Promise<boolean> {
  const experiment = await readOrRefused(() => resolveExperiment('tiny', workspace, { overrides }), refusal);
  if (!experiment) return false;
  expect(new Set(experiment.runs.map(({ name }) => name)).size).toBe(experiment.runs.length);
  for (const { config } of experiment.runs.slice(0, 2)) {
    const again = runConfigSchema.parse(plain(parseYaml(stringify(config), 'again.yaml')));
    expect(configHash(again)).toBe(configHash(config));
    for (const value of numbersIn(config)) if (!Number.isFinite(value)) throw new Error(`accepted ${value}`);
  }
  return true;
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

const MORE = `sweep: { loss.sparseWeight: [0.1, 1] }
seeds: [1, 2]
claims: [{ better: rbf, than: zeros, in: AP }]
profiles: { quick: { train: { steps: 3 } }, long: { arms: [rbf] } }
`;

test('values of an experiment changed', async () => {
  const valid = parse(TINY + MORE);
  let read = 0;
  await fuzz(
    brokenJson(valid),
    async (value) => {
      fs.writeFileSync(file, stringify(value, { aliasDuplicateObjects: false }));
      if (await check()) read++;
    },
    { share: 0.5 },
  );
  expect(read).toBeGreaterThan(0);
});

test('text of an experiment changed; any text; pieces of YAML', async () => {
  const pieces = [
    '&a ',
    '*a',
    '<<: ',
    '- ',
    '? ',
    ': ',
    '\n',
    '  ',
    '\t',
    '[',
    ']',
    '{',
    '}',
    ', ',
    'x',
    '"',
    "'",
    '|\n',
    '!!set ',
    '!x ',
    '#',
    '---\n',
    '%YAML 1.1\n',
    '1',
    '.nan',
    '0x',
    'null',
    '_base_: tiny.yaml',
  ];
  const text = fc.oneof(
    { weight: 5, arbitrary: brokenBytes(Buffer.from(TINY + MORE)) },
    { weight: 4, arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((parts) => Buffer.from(parts.join(''))) },
    fc.uint8Array({ maxLength: 60 }),
  );
  await fuzz(
    text,
    async (bytes) => {
      fs.writeFileSync(file, bytes);
      await check();
    },
    { share: 0.5 },
  );
});

test('overrides of any key and value', async () => {
  fs.writeFileSync(file, TINY + MORE);
  const keys = [
    'train.steps',
    'evaluate.batchSize',
    'model.sampling.interpolation',
    'sweep.train.lr',
    'seeds',
    'arms.rbf',
    'data',
    '_base_',
    '__proto__.x',
    'constructor',
    'arms.__proto__',
    'claims',
    'profiles.quick.train.lr',
    '',
  ];
  const value = fc.oneof(
    fc.constantFrom(...HOSTILE_VALUES).map((each) => String(JSON.stringify(each))),
    fc.string({ maxLength: 12 }),
    fc.constantFrom('.nan', '-.inf', '{kind: rbf}', '[1, 1]', '&a [*a]', '!!binary x'),
  );
  const override = fc.tuple(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), value).map(([key, text]) => `${key}=${text}`);
  await fuzz(fc.array(override, { minLength: 1, maxLength: 3 }), check, { share: 0.5 });
});

test('executor.yaml', async () => {
  const valid = {
    slurm: { partition: 'gpu', cpus: 2, memory: '8G', time: '1-12:00:00', modules: ['cuda'] },
    experiments: { tiny: { slurm: { gres: 'gpu:1' } }, 'tiny:quick': null },
  };
  await fuzz(
    fc.oneof(
      brokenJson(valid).map((value) => Buffer.from(stringify(value))),
      brokenBytes(Buffer.from(stringify(valid))),
    ),
    async (bytes) => {
      fs.writeFileSync(path.join(workspace.root, EXECUTOR_FILE), bytes);
      await readOrRefused(() => slurmSettings(workspace.root, { name: 'tiny', profile: 'quick' }), refusal);
    },
    { share: 0.5 },
  );
});

test('a long file of YAML that wants to be much more: an answer, in a process that never holds more than 600 MiB', () => {
  const bombs = {
    brackets: `'['.repeat(2 ** 18)`,
    dashes: `'- '.repeat(2 ** 17)`,
    questions: `'? '.repeat(2 ** 17)`,
    keys: `Array.from({ length: 3e4 }, (_, i) => 'k' + (i % 29999) + ': 1').join('\\n').slice(0, 2 ** 18)`,
    aliases: `['a0: &a0 [' + '1,'.repeat(1000) + ']', ...Array.from({ length: 2000 }, (_, i) => 'a' + (i + 1) + ': &a' + (i + 1) + ' [*a' + i + ', *a' + i + ']')].join('\\n')`,
    quotes: `'"'.repeat(2 ** 18)`,
    flow: `'{a: '.repeat(60) + '1,'.repeat(2 ** 17)`,
  };
  const list = Object.entries(bombs).map(([name, text]) => `[${JSON.stringify(name)}, () => ${text}]`);
  const { stdout, stderr, peak } = inChild(
    `const { parseYaml } = require(${JSON.stringify(path.join(__dirname, 'yaml-source.ts'))});
    for (const [name, text] of [${list}]) {
      try { parseYaml(text(), 'bomb.yaml'); console.log(name, 'read'); } catch (error) { console.log(name, error.name, error.message.length < 20000); }
    }`,
    workspace.root,
  );
  expect((stdout || stderr).trim().split('\n')).toEqual(Object.keys(bombs).map((name) => `${name} ConfigError true`));
  expect(peak).toBeLessThan(600);
});
