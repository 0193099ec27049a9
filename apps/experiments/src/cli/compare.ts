// `stint compare`: what two runs, or two experiments run by run, differ in: configuration, results, surroundings.
import path from 'node:path';
import Table from 'cli-table3';
import { type Difference, differences, shown } from '../trust/differences.ts';
import { environmentChanges } from '../trust/environments.ts';
import { type FinishedRun, readFinishedRun, runFolders } from '../trust/finished-run.ts';
import { type Io, printJson } from './io.ts';

export interface CompareOptions {
  /** Absolute differences of results that do not count. */
  tolerance?: number;
  json?: boolean;
}

interface Pair {
  run: string;
  config: Difference[];
  results: Difference[];
  environment: Difference[];
}

/** Exit code 0 whatever differs: it answers a question. */
export async function compareCommand(a: string, b: string, { tolerance = 0, json }: CompareOptions, { io }: { io: Io }): Promise<number> {
  const [left, right] = [a, b].map((folder) => runFolders(folder).map(readFinishedRun));
  const whole = left.length > 1 || right.length > 1;
  const [named, others] = [left, right].map((runs, i) => new Map(runs.map((run) => [whole ? keyOf(run, [a, b][i]) : 'run', run])));
  const common = [...named.keys()].filter((name) => others.has(name));
  const pairs = common.map((name) =>
    compare(whole ? name : `${left[0].run.name}, ${right[0].run.name}`, named.get(name)!, others.get(name)!, tolerance),
  );
  const only = { a: [...named.keys()].filter((name) => !others.has(name)), b: [...others.keys()].filter((name) => !named.has(name)) };
  if (json) printJson(io, { a, b, runs: pairs, only });
  else io.out(describe([a, b], pairs, only));
  return 0;
}

/** A run's place in its experiment: its folder seen from the one that was given. */
const keyOf = ({ folder }: FinishedRun, given: string): string =>
  path.relative(path.resolve(given), folder).split(path.sep).join('/') || '.';

function compare(run: string, a: FinishedRun, b: FinishedRun, tolerance: number): Pair {
  return {
    run,
    config: differences(a.run.config, b.run.config),
    results: differences(numbersOf(a), numbersOf(b), tolerance),
    environment: environmentChanges({ code: a.result.codeHash, ...a.environment }, { code: b.result.codeHash, ...b.environment }),
  };
}

/** What a result measures: no times, hashes or names. */
function numbersOf({ result }: FinishedRun): Record<string, unknown> {
  const {
    seconds: _s,
    configHash: _c,
    codeHash: _o,
    checkpoint: _k,
    experiment: _e,
    profile: _p,
    arm: _a,
    sweep: _w,
    seed: _d,
    ...numbers
  } = result;
  return numbers;
}

function describe([a, b]: readonly [string, string] | string[], pairs: readonly Pair[], only: { a: string[]; b: string[] }): string {
  const lines = [`a: ${a}`, `b: ${b}`];
  const equal = pairs.filter(({ config, results }) => config.length === 0 && results.length === 0);
  for (const pair of pairs) {
    if (equal.includes(pair)) continue;
    lines.push(`\n${pair.run}`);
    if (pair.config.length > 0) lines.push(table('configuration', pair.config));
    if (pair.results.length > 0) lines.push(table('result', pair.results));
    else lines.push('  the results are the same');
  }
  if (equal.length > 0)
    lines.push(`\n${equal.length} of ${pairs.length} are the same in configuration and result: ${equal.map(({ run }) => run).join('; ')}`);
  const surroundings = new Map(pairs.flatMap(({ environment }) => environment).map((each) => [JSON.stringify(each), each]));
  if (surroundings.size > 0) lines.push(`\n${table('made by', [...surroundings.values()])}`);
  for (const side of ['a', 'b'] as const) if (only[side].length > 0) lines.push(`\nonly in ${side}: ${only[side].join(', ')}`);
  return lines.join('\n');
}

function table(title: string, rows: readonly Difference[]): string {
  const out = new Table({ head: [title, 'a', 'b', 'b - a'], style: { head: [], border: [], compact: true } });
  for (const { path, a, b } of rows)
    out.push([path, shown(a), shown(b), typeof a === 'number' && typeof b === 'number' ? shown(b - a) : '']);
  return out.toString();
}
