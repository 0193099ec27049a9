// What an experiment's profile is expected to give: a small committed file, `experiments/expected/<name>/<profile>.json`, written by
// `stint reproduce --update`. A person may change its tolerances; an update keeps them.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { writeFileAtomic } from '../run/files.ts';
import type { RunResult } from '../run/result.ts';
import { readJsonFile } from './json-file.ts';

const tolerance = z.strictObject({ absolute: z.number().min(0).optional(), relative: z.number().min(0).optional() });

const schema = z.strictObject({
  /** What made the numbers, for people. */
  made: z.record(z.string(), z.unknown()),
  /** How far a number may be off, by its name, or by `<arm>/<name>` for one arm; `absolute` + `relative` times what is expected. */
  tolerances: z.record(z.string(), tolerance),
  /** By run and name. */
  runs: z.record(z.string(), z.record(z.string(), z.number())),
});

const READ = { what: 'expectation', wayOut: 'restore it (git checkout), or remove it and write it anew: stint reproduce --update' };

export type Expectation = z.infer<typeof schema>;
export type Tolerance = z.infer<typeof tolerance>;

/** Of numbers that a file gives no tolerance: metrics in percent by points, costs and losses by share. */
const DEFAULTS: Record<string, Tolerance> = { macs: { relative: 0.02 }, density: { absolute: 0.02 }, loss: { relative: 0.05 } };
const METRIC: Tolerance = { absolute: 1 };

export function toleranceOf(name: string, tolerances: Expectation['tolerances'], run?: string): Tolerance {
  const own = [...(run === undefined ? [] : [`${armOf(run)}/${name}`]), name].find((key) => Object.hasOwn(tolerances, key));
  if (own !== undefined) return tolerances[own];
  return Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : METRIC;
}

const armOf = (run: string): string => run.split('/', 1)[0];

export function expectationFile(name: string, profile: string, { experiments }: Workspace): string {
  return path.join(experiments, 'expected', name, `${profile}.json`);
}

/** @throws UsageError when there is none; JsonFileError with what is wrong in it. */
export function readExpectation(name: string, profile: string, workspace: Workspace): Expectation {
  const file = expectationFile(name, profile, workspace);
  if (!fs.existsSync(file)) {
    const folder = path.dirname(file);
    const known = fs.existsSync(folder) ? fs.readdirSync(folder).map((each) => each.replace(/\.json$/, '')) : [];
    const there = known.length > 0 ? `; there are: ${known.join(', ')}` : '';
    throw new UsageError(
      `nothing is expected of ${name}:${profile} yet${there}; write it down: stint reproduce ${name}:${profile} --update`,
    );
  }
  return readJsonFile(file, schema, READ);
}

/** Writes the numbers of `runs`; tolerances of a file that is there stay. @throws JsonFileError when that file is damaged: nothing is written */
export function writeExpectation(file: string, expectation: Omit<Expectation, 'tolerances'>): void {
  const names = [...new Set(Object.values(expectation.runs).flatMap(Object.keys))];
  const before: Expectation['tolerances'] = fs.existsSync(file) ? readJsonFile(file, schema, READ).tolerances : {};
  const { made, runs } = expectation;
  const ofArms = new Set(Object.entries(runs).flatMap(([run, numbers]) => Object.keys(numbers).map((name) => `${armOf(run)}/${name}`)));
  const tolerances = {
    ...Object.fromEntries(names.map((name) => [name, toleranceOf(name, before)])),
    ...Object.fromEntries(Object.entries(before).filter(([name]) => ofArms.has(name))),
  };
  writeFileAtomic(file, `${JSON.stringify({ made, tolerances, runs }, null, 2)}\n`);
}

/** The size classes and recalls of COCO: too few objects in small sets to hold them to. */
const SHAKY = /^(AP75|AP[sml]|AR)/;

/** The numbers of a result that are worth holding to. */
export function expectedNumbers({ metrics, macs, densities, training }: RunResult): Record<string, number> {
  const shares = Object.values(densities)
    .flatMap((block) => Object.values(block))
    .filter((share) => share !== undefined);
  return {
    ...Object.fromEntries(
      Object.entries(metrics)
        .filter(([name, value]) => !SHAKY.test(name) && value >= 0)
        .map(([name, value]) => [name, short(value)]),
    ),
    macs: short(macs.total.direct.mean),
    ...(shares.length > 0 && { density: short(shares.reduce((sum, share) => sum + share, 0) / shares.length) }),
    ...(training?.loss && { loss: short(training.loss.mean) }),
  };
}

const short = (value: number): number => Number(value.toPrecision(8));

export interface Drift {
  run: string;
  name: string;
  expected?: number;
  found?: number;
  /** How far it may be off. */
  allowed?: number;
}

/** What is out of tolerance, and runs or numbers that only one side has. */
export function driftsOf({ runs, tolerances }: Expectation, found: Record<string, Record<string, number>>): Drift[] {
  const names = [...new Set([...Object.keys(runs), ...Object.keys(found)])];
  return names.flatMap((run): Drift[] => {
    if (!Object.hasOwn(found, run)) return [{ run, name: 'the run', expected: 1, found: undefined }];
    if (!Object.hasOwn(runs, run)) return [{ run, name: 'the run', expected: undefined, found: 1 }];
    return [...new Set([...Object.keys(runs[run]), ...Object.keys(found[run])])].flatMap((name): Drift[] => {
      const [expected, value] = [runs, found].map((side) => (Object.hasOwn(side[run], name) ? side[run][name] : undefined));
      if (expected === undefined || value === undefined) return [{ run, name, expected, found: value }];
      const { absolute = 0, relative = 0 } = toleranceOf(name, tolerances, run);
      const allowed = absolute + relative * Math.abs(expected);
      return Math.abs(value - expected) <= allowed ? [] : [{ run, name, expected, found: value, allowed }];
    });
  });
}
