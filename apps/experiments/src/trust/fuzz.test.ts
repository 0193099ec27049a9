// Whatever stands in the files of a finished run, and in an expectation: an error that names the file and the way out, or numbers that are
// compared to the end.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { brokenBytes, brokenJson, FUZZ_TIMEOUT, fuzz, nested, readOrRefused } from '../../../../tools/jest/fuzz.ts';
import { compareCommand } from '../cli/compare.ts';
import { UsageError } from '../config/catalog.ts';
import { configHash } from '../config/hash.ts';
import { ConfigError } from '../config/problems.ts';
import { finishedResult, writeRun } from '../executor/run-folder.ts';
import { tinyConfig, tinyResult, tinyRun } from '../run/tiny-run.ts';
import { driftsOf, expectationFile, expectedNumbers, readExpectation } from './expectation.ts';
import { readFinishedRun } from './finished-run.ts';
import { JsonFileError } from './json-file.ts';

jest.setTimeout(FUZZ_TIMEOUT);

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-run-files-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const workspace = { root, experiments: path.join(root, 'experiments') };

const run = tinyRun(tinyConfig({ pretrain: null }));
const RESULT = tinyResult(run);
const ENVIRONMENT = {
  stint: '0.1.0',
  commit: null,
  dirty: false,
  code: '0123456789abcdef',
  engine: {
    backend: 'tensorflow',
    tensorflowVersion: '2.21.0',
    tfjsVersion: '4.22.0',
    threads: 1,
    gpu: false,
    oneDnn: true,
    device: 'cpu',
  },
  kernels: { isa: 'avx2', available: ['avx2'] },
  node: 'v20',
  platform: 'linux-x64',
  cpu: 'c',
  cores: 2,
  memoryGiB: 4,
  started: '2026-11-29T20:06:55.406Z',
};

const [good, bad] = ['good', 'bad'].map((name) => path.join(root, name, run.name));
for (const folder of [good, bad]) {
  writeRun(path.join(folder, 'config.yaml'), run);
  fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify(RESULT));
  fs.writeFileSync(path.join(folder, 'env.json'), JSON.stringify(ENVIRONMENT));
}
const CONFIG = fs.readFileSync(path.join(good, 'config.yaml'), 'utf8');

/** Short, and of a class that the command line knows; `file` is named. */
const refuses = (file: string) => (error: unknown) =>
  (error instanceof JsonFileError || error instanceof UsageError || error instanceof ConfigError) &&
  error.message.length < 20_000 &&
  error.message.includes(file);

/** Reads and compares the bad run with the good one. */
async function compared(file: string): Promise<boolean> {
  const lines: string[] = [];
  const io = { out: (text: string) => void lines.push(text), err: (text: string) => void lines.push(text) };
  const code = await readOrRefused(() => compareCommand(good, bad, { json: true }, { io }), refuses(file));
  if (code === undefined) {
    const { result } = (await readOrRefused(() => readFinishedRun(bad), refuses(file))) ?? {};
    expect(result).toBeUndefined();
    return false;
  }
  const { result } = readFinishedRun(bad);
  for (const value of Object.values(expectedNumbers(result))) expect(Number.isFinite(value)).toBe(true);
  expect(JSON.parse(lines.join('\n')).runs).toHaveLength(1);
  return true;
}

/** A file's text changed, its bytes broken, or any bytes; `written` makes the text. */
const damaged = (valid: unknown, written: (value: unknown) => string) =>
  fc.oneof(
    { weight: 6, arbitrary: brokenJson(valid).map((value) => Buffer.from(written(value) ?? '')) },
    { weight: 3, arbitrary: brokenBytes(Buffer.from(written(valid))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );

for (const [name, valid] of [
  ['result.json', RESULT],
  ['env.json', ENVIRONMENT],
] as const)
  test(`${name}: refused by name, or compared`, async () => {
    const file = path.join(bad, name);
    let read = 0;
    await fuzz(damaged(valid, JSON.stringify), async (bytes) => {
      fs.writeFileSync(file, bytes);
      if (await compared(file)) read++;
      // What has no result of its configuration and code is not finished.
      expect(finishedResult(run, bad)).toBeUndefined();
    });
    fs.writeFileSync(file, JSON.stringify(valid));
    expect(await compared(file)).toBe(true);
    expect(read).toBeGreaterThan(0);
  });

test('config.yaml: refused by name, or the same configuration', async () => {
  const file = path.join(bad, 'config.yaml');
  await fuzz(
    damaged(parse(CONFIG), (value) => stringify(value, { aliasDuplicateObjects: false })),
    async (bytes) => {
      fs.writeFileSync(file, bytes);
      if (await compared(file)) expect(configHash(readFinishedRun(bad).run.config)).toBe(RESULT.configHash);
    },
    { share: 0.5 },
  );
  fs.writeFileSync(file, CONFIG);
});

test('an expectation: refused by name, or every number that is expected is held', async () => {
  const file = expectationFile('tiny', 'quick', workspace);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const found = { 'rbf/seed1': { AP: 50, macs: 1e6 }, 'zeros/seed1': { AP: 40, macs: 1e6 } };
  const valid = { made: { code: 'x', on: null }, tolerances: { AP: { absolute: 1 }, macs: { relative: 0.02 } }, runs: found };
  await fuzz(damaged(valid, JSON.stringify), async (bytes) => {
    fs.writeFileSync(file, bytes);
    const expectation = await readOrRefused(() => readExpectation('tiny', 'quick', workspace), refuses(file));
    if (!expectation) return;
    const drifts = driftsOf(expectation, found);
    for (const [name, numbers] of Object.entries(expectation.runs))
      for (const [key, value] of Object.entries(numbers)) {
        const held = new Map<string, number>(Object.entries(new Map(Object.entries(found)).get(name) ?? {}));
        const own = held.get(key);
        const given = new Map(Object.entries(expectation.tolerances)).get(key);
        const { absolute = 0, relative = 0 } = given ?? (key === 'macs' ? { relative: 0.02 } : { absolute: 1 });
        const holds = own !== undefined && Math.abs(own - value) <= absolute + relative * Math.abs(value);
        const told = drifts.some((drift) => drift.run === name && (drift.name === key || drift.name === 'the run'));
        expect([name, key, told]).toEqual([name, key, !holds]);
      }
  });
});

test('what no fuzzer makes: too deep, too large, a folder, a link to nothing, not UTF-8', () => {
  for (const name of ['result.json', 'env.json', 'config.yaml']) {
    const file = path.join(bad, name);
    const kept = fs.readFileSync(file);
    const says = (pattern: RegExp) => {
      expect(() => readFinishedRun(bad)).toThrow(pattern);
      expect(() => readFinishedRun(bad)).toThrow(file);
    };
    fs.writeFileSync(file, JSON.stringify({ ...parse(String(kept)), more: nested(300) }));
    says(/deeper than \d+ levels/);
    fs.writeFileSync(file, '['.repeat(200_000));
    says(/deeper than \d+ levels|is not JSON/);
    fs.truncateSync(file, 2 ** 34); // sparse: takes no room
    says(/bytes, more than the \d+/);
    fs.writeFileSync(file, Buffer.from([0x7b, 0xff, 0xfe]));
    says(/UTF-8.*; (restore|remove)/);
    fs.rmSync(file);
    fs.mkdirSync(file);
    says(/is a folder|EISDIR/);
    fs.rmSync(file, { recursive: true });
    fs.writeFileSync(file, kept);
  }
  expect(readFinishedRun(bad).result).toEqual(RESULT);
});

test('the same key as in every object is no run and no number', () => {
  const expectation = { made: {}, tolerances: {}, runs: { constructor: {}, a: { toString: 1 } } } as never;
  expect(driftsOf(expectation, { a: {} })).toEqual([
    { run: 'constructor', name: 'the run', expected: 1, found: undefined },
    { run: 'a', name: 'toString', expected: 1, found: undefined },
  ]);
});
