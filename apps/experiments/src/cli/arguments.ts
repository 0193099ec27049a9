// Reads what several commands take: EXPERIMENT[:PROFILE], key=value, --seeds, --arms, --data-root.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { MOST_RUNS } from '../config/layers.ts';
import { hint } from '../config/nearest.ts';
import { isOverride } from '../config/overrides.ts';
import { resolveExperiment } from '../config/resolve.ts';
import type { Experiment } from '../config/schema.ts';
import { isLatency } from '../latency/resolve.ts';

export interface SelectionOptions {
  profile?: string;
  seeds?: number[];
  arms?: string[];
  dataRoot?: string;
}

/** The experiment that the command line means, resolved. Throws UsageError or ConfigError. */
export function selectExperiment(target: string, words: readonly string[], options: SelectionOptions, workspace: Workspace): Experiment {
  const { name, profile } = parseTarget(target, words, options);
  if (isLatency(name, workspace)) throw new UsageError(`${name} measures time: it trains nothing`);
  const { seeds, arms, dataRoot } = options;
  const select = (overrides: readonly string[]) => resolveExperiment(name, workspace, { profile, overrides, seeds, arms });
  if (dataRoot === undefined) return select(words);
  const plain = select(words);
  const made = plain.runs.find((run) => !('root' in run.config.data));
  if (made) {
    throw new UsageError(
      `--data-root is for folders of images, and ${name}:${plain.profile} makes its own (data.kind is ${made.config.data.kind}); name a profile that reads some`,
    );
  }
  return select([...words, `data.root=${JSON.stringify(path.resolve(dataRoot))}`]);
}

/** The options again, as arguments of another command. */
export function selectionArguments({ profile, seeds, arms, dataRoot }: SelectionOptions): string[] {
  const given: [string, string | undefined][] = [
    ['--profile', profile],
    ['--seeds', seeds && `${seeds.join(',')},`],
    ['--arms', arms?.join(',')],
    ['--data-root', dataRoot && path.resolve(dataRoot)],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

/** What a report says its runs were made by. */
export function runCommandLine(target: string, words: readonly string[], options: SelectionOptions): string {
  return ['stint run', target, ...words, ...selectionArguments(options)].join(' ');
}

/** EXPERIMENT[:PROFILE], or --profile; `words` must be overrides. */
export function parseTarget(target: string, words: readonly string[], options: SelectionOptions): { name: string; profile?: string } {
  const [name, profile, ...more] = target.split(':');
  if (more.length > 0 || profile === '') throw new UsageError(`"${target}" must be EXPERIMENT or EXPERIMENT:PROFILE`);
  if (profile && options.profile && profile !== options.profile) {
    throw new UsageError(`"${target}" and --profile ${options.profile} name two profiles: give one`);
  }
  const stray = words.find((word) => !isOverride(word));
  if (stray !== undefined) throw new UsageError(`unexpected argument "${stray}": overrides look like key.path=value`);
  return { name, profile: profile ?? options.profile };
}

/** A file that an option names. @throws UsageError where there is none */
export function existing(option: string, file: string): string {
  if (!fs.existsSync(file)) throw new UsageError(`${option} ${file} does not exist`);
  return file;
}

/** `3`: seeds 1 to 3. `2,5`: these two. */
export function parseSeeds(text: string): number[] {
  const numbers = text.split(',').filter(Boolean).map(Number);
  if (!text.includes(',') && numbers[0] > MOST_RUNS) throw new UsageError(`--seeds ${text}: at most ${MOST_RUNS} runs are allowed`);
  const valid = numbers.length > 0 && numbers.every((n) => Number.isSafeInteger(n) && n >= 0) && new Set(numbers).size === numbers.length;
  if (!valid || text === '0') throw new UsageError(`--seeds ${text}: give a number of seeds (3) or a list of different seeds (1,2,7)`);
  return text.includes(',') ? numbers : Array.from({ length: numbers[0] }, (_, i) => i + 1);
}

export function parseNames(text: string): string[] {
  return text.split(',').filter(Boolean);
}

export function parsePositive(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`${option} ${text}: must be a whole number, at least 1`);
    return value;
  };
}

/** `1,2`: whole numbers, at least 1. */
export function parseCounts(option: string): (text: string) => number[] {
  return (text) => parseNames(text).map(parsePositive(option));
}

/** `1,0.5,.35`: shares of the positions, above 0. */
export function parseDensities(text: string): number[] {
  const densities = parseNames(text).map(Number);
  if (densities.length === 0 || densities.some((density) => !(density >= 0.02 && density <= 1))) {
    throw new UsageError(`--densities ${text}: give numbers from 0.02 to 1, e.g. 1,0.5,0.35`);
  }
  return densities;
}

/** `480x800`: height x width in pixels. */
export function parseSize(text: string): [number, number] {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match || Number(match[1]) < 1 || Number(match[2]) < 1)
    throw new UsageError(`--size ${text}: must be HEIGHTxWIDTH in pixels, e.g. 480x800`);
  return [Number(match[1]), Number(match[2])];
}

/** `2,3,4`: stages of a backbone. */
export function parseStages(text: string): number[] {
  const stages = parseNames(text).map(Number);
  if (stages.length === 0 || stages.some((stage) => !Number.isInteger(stage) || stage < 1 || stage > 4)) {
    throw new UsageError(`--deformable ${text}: give stages from 1 to 4, e.g. 2,3,4`);
  }
  return stages;
}

/** `.5`: a share of the channels, 0 <= share < 1. */
export function parseRatio(text: string): number {
  const ratio = Number(text);
  if (text.trim() === '' || !(ratio >= 0 && ratio < 1))
    throw new UsageError(`--ratio ${text}: give a share of the channels, 0 <= share < 1`);
  return ratio;
}

/** A finite number. */
export function parseFinite(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${option} ${text}: must be a number, e.g. 0.5`);
    return value;
  };
}

/** A number from 0 to 1. */
export function parseShare(option: string): (text: string) => number {
  return (text) => {
    const value = parseFinite(option)(text);
    if (value < 0 || value > 1) throw new UsageError(`${option} ${text}: must be from 0 to 1`);
    return value;
  };
}

/** A whole number, 0 among them. */
export function parseWhole(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
      throw new UsageError(`${option} ${text}: must be a whole number, at least 0`);
    return value;
  };
}

/** `0.35` or `matched`. */
export function parseDensity(text: string): number | 'matched' {
  return text === 'matched' ? text : parseShare('--density')(text);
}

/** `0.4,0.6`: shares of the dense network's MACs. */
export function parseBudgets(text: string): number[] {
  const budgets = parseNames(text).map(Number);
  if (budgets.length === 0 || budgets.some((budget) => !(budget > 0 && budget <= 2)))
    throw new UsageError(`--budgets ${text}: give shares of the dense network's MACs, e.g. 0.4,0.6,0.8`);
  return budgets;
}

/** The value, which must be one of `known`. */
export function oneOf<Kind extends string>(option: string, value: string, known: readonly Kind[]): Kind {
  if (!known.includes(value as Kind)) throw new UsageError(`${option} ${value} is not known${hint(value, known)}`);
  return value as Kind;
}
