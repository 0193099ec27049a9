import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { find, OPENVINO, Unavailable } from './python.ts';

const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-python-'));
afterAll(() => fs.rmSync(cache, { recursive: true, force: true }));

function executable(file: string, script: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test('without a Python the engine is unavailable, with the reason', () => {
  const lines: string[] = [];
  const search = () => find((line) => lines.push(line), { STINT_CACHE: cache, PYTHON: '/no/python' });
  expect(search).toThrow(Unavailable);
  expect(search).toThrow(/\/no\/python could not make a virtual environment: .*ENOENT/);
  expect(lines[0]).toMatch(/^installing OpenVINO \d+/);
});

test('a failing installation says what was printed last', () => {
  const python = executable(path.join(cache, 'fails'), 'echo "no module named venv" >&2; exit 1');
  expect(() => find(() => {}, { STINT_CACHE: cache, PYTHON: python })).toThrow(
    'could not make a virtual environment: no module named venv',
  );
});

test('an interpreter that has it is used as it is; the environment made before comes first', () => {
  const has = `echo ${OPENVINO}-build`;
  const own = executable(path.join(cache, 'own'), has);
  expect(find(() => {}, { XDG_CACHE_HOME: cache, PYTHON: own })).toBe(own);
  const made = executable(path.join(cache, `stint/bench/openvino-${OPENVINO}/bin/python`), has);
  expect(find(() => {}, { XDG_CACHE_HOME: cache, PYTHON: own })).toBe(made);
});
