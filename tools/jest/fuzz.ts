// Fuzzing of readers: how many cases, how long one may take, generators that break valid input, and the memory of a child process.
// STINT_FUZZ_RUNS: cases a property (500; the Nx target test-fuzz: 10,000). STINT_FUZZ_SEED repeats what a failure printed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';

export const FUZZ_RUNS = Number(process.env.STINT_FUZZ_RUNS ?? 500);
/** For jest: no property may run longer. A hang is seen long before, by CASE_MS. */
export const FUZZ_TIMEOUT = 120_000 + 240 * FUZZ_RUNS;
/** No single case may take longer, on a busy machine too. */
const CASE_MS = 5_000;

type Check<T> = (value: T) => unknown;

/** Checks `check` on STINT_FUZZ_RUNS values (it may be asynchronous); `share` takes fewer where a case is expensive. */
export async function fuzz<T>(values: fc.Arbitrary<T>, check: Check<T>, { share = 1, examples = [] as T[] } = {}): Promise<void> {
  const seed = process.env.STINT_FUZZ_SEED;
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const start = performance.now();
      await check(value);
      const took = performance.now() - start;
      if (took > CASE_MS) throw new Error(`took ${Math.round(took)} ms, at most ${CASE_MS} are allowed`);
    }),
    {
      numRuns: Math.ceil(FUZZ_RUNS * share),
      examples: examples.map((example) => [example]),
      ...(seed !== undefined && { seed: Number(seed) }),
    },
  );
}

/** What `read` gives, or undefined where it refuses; any error that `isRefusal` does not know is a failure of the reader. */
export async function readOrRefused<T>(read: () => T | Promise<T>, isRefusal: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** A valid file with 1 to 4 changes: bits flipped, bytes replaced, cut out, put in, doubled, or the end cut off. */
export function brokenBytes(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.oneof(fc.nat(Math.min(valid.length, 64)), fc.nat(valid.length));
  const change = fc.oneof(
    fc.record({ at, bit: fc.nat(7) }).map(
      ({ at, bit }) =>
        (bytes: Uint8Array) =>
          bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)),
    ),
    fc.record({ at, remove: fc.oneof(fc.constantFrom(0, 1, 4), fc.nat(valid.length)), insert: fc.uint8Array({ maxLength: 9 }) }).map(
      ({ at, remove, insert }) =>
        (bytes: Uint8Array) =>
          Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]),
    ),
    fc.record({ at, from: at, length: fc.nat(64) }).map(
      ({ at, from, length }) =>
        (bytes: Uint8Array) =>
          Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at)]),
    ),
    at.map((end) => (bytes: Uint8Array) => bytes.subarray(0, end)),
  );
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((bytes, apply) => new Uint8Array(apply(bytes)), valid));
}

/** What nobody expects in a field. As JSON: numbers that are not finite become null. */
export const HOSTILE_VALUES: unknown[] = [
  ...[null, true, false, '', ' ', '0', '1', '1e3', 'NaN', '\u0000', '\ud800', '__proto__', 'constructor', 'x'.repeat(300)],
  ...[0, -0, 1, -1, 0.5, -0.5, 255, 256, 65535, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[[], {}, [[]], [{}], [null], [0, 0, 0, 0], [-1, -1], { length: 3 }, { kind: null }, JSON.parse('{"__proto__": {"kind": 1}}')],
  nested(200),
];

/** `[[[...]]]`, so deep. */
export function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

/** A valid value with 1 to 3 changes: somewhere inside, a value replaced, a key taken out, renamed or added, an entry doubled. */
export function brokenJson(valid: unknown): fc.Arbitrary<unknown> {
  const hostile = fc.oneof(fc.constantFrom(...HOSTILE_VALUES), fc.jsonValue({ maxDepth: 2 }));
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'id', 'kind', 'length', ''), fc.string({ maxLength: 4 }));
  const change = fc.record({ steps: fc.array(fc.nat(), { maxLength: 6 }), how: fc.nat(4), value: hostile, key });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((value, { steps, ...edit }) => editAt(value, steps, edit), valid));
}

interface Edit {
  how: number;
  value: unknown;
  key: string;
}

function editAt(value: unknown, steps: readonly number[], edit: Edit): unknown {
  if (typeof value !== 'object' || value === null) return edit.value;
  const entries: [string, unknown][] = Object.entries(value);
  const make = (changed: readonly [string, unknown][]) =>
    Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
  const [step, ...rest] = steps;
  if (entries.length === 0) return edit.how === 0 ? edit.value : make([[edit.key, edit.value]]);
  const at = (step ?? 0) % entries.length;
  const before = entries.slice(0, at);
  const [key, inner] = entries[at];
  const after = entries.slice(at + 1);
  if (step !== undefined && rest.length > 0) return make([...before, [key, editAt(inner, rest, edit)], ...after]);
  switch (edit.how) {
    case 0:
      return edit.value;
    case 1:
      return make([...before, ...after]);
    case 2:
      return make([...before, [edit.key, inner], ...after]);
    case 3:
      return make([...entries, [edit.key, edit.value]]);
    default:
      return make([...before, [key, inner], [key, edit.value], ...after]);
  }
}

export interface ChildOutcome {
  stdout: string;
  stderr: string;
  status: number | null;
  /** The most memory that it ever held, MiB. */
  peak: number;
}

/** Runs TypeScript (CommonJS, with `require`) in a process of its own, in `folder`, stopped after three minutes. */
export function inChild(script: string, folder: string): ChildOutcome {
  const report = `process.on('exit', () => require('node:fs').writeSync(2, '\\nPEAK ' + process.resourceUsage().maxRSS));`;
  const enter = `process.chdir(${JSON.stringify(folder)});`;
  const args = ['-C', '@stint/source', '-r', 'ts-node/register/transpile-only', '-e', report + enter + script];
  const root = path.join(__dirname, '../..');
  const env = { ...process.env, TS_NODE_PROJECT: path.join(root, 'tsconfig.json'), FORCE_COLOR: '0' };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', timeout: 180_000 });
  return { stdout, stderr, status, peak: Number(/PEAK (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024 };
}
