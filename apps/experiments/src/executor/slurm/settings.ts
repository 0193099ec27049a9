// How jobs are asked for on a cluster: executor.yaml in the project's folder, then the command line. Nothing of it enters the hash of a
// run's configuration: where a run is made is no part of what it is.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readConfigText } from '../../config/config-file.ts';
import { type ConfigNode, child, type MapNode, merge, withoutKeys } from '../../config/node.ts';
import { overrideTree, parseOverride } from '../../config/overrides.ts';
import { ConfigError, throwProblems, validate } from '../../config/problems.ts';
import { int, optional } from '../../config/schema-numbers.ts';
import { parseYaml } from '../../config/yaml-source.ts';

/** The file's name, in the project's folder. */
export const EXECUTOR_FILE = 'executor.yaml';

// No line ends: each becomes one argument of sbatch, or one line of the job's script.
const word = z.string().regex(/^\S+$/, { error: 'must be a word without spaces' });
const line = z.string().regex(/^[^\r\n]+$/, { error: 'must be a single line' });
/** As Slurm writes it: minutes, minutes:seconds, hours:minutes:seconds, days-hours, ... */
const duration = z.union([
  int(1).transform(String),
  z.string().regex(/^(\d+|\d+:\d+|\d+:\d+:\d+|\d+-\d+|\d+-\d+:\d+|\d+-\d+:\d+:\d+)$/, {
    error: 'must be a time such as 90 (minutes), 4:00:00 or 1-12:00:00',
  }),
]);

const slurmShape = {
  partition: optional(word),
  account: optional(word),
  qos: optional(word),
  constraint: optional(line),
  /** Generic resources of a run, such as gpu:1. */
  gres: optional(word),
  /** Cores of a run; default: its engine.threads. */
  cpus: optional(int(1, 1024)),
  /** Memory of a run, such as 8G. */
  memory: optional(z.string().regex(/^\d+[KMGT]?$/, { error: 'must be a size such as 8G or 500M' })),
  /** Time limit of a job. A run that needs more saves, and goes on in its next job. */
  time: optional(duration),
  /** So many seconds before the time limit a run is asked to save and stop. */
  grace: int(1, 3600).default(120),
  /** Runs at once; default: as many as Slurm starts. */
  parallel: optional(int(1, 100_000)),
  /** How often a run whose process was killed is started again. */
  restarts: int(0, 100).default(3),
  /** Environment modules to load. */
  modules: z.array(word).default([]),
  /** Lines of bash before the run. */
  setup: z.array(line).default([]),
  /** Further arguments of sbatch, such as --exclude=node7. */
  options: z.array(line).default([]),
  /** Seconds between two looks at the queue. */
  poll: z.number().min(0.1).max(3600).default(5),
};

const slurmSchema = z.strictObject(slurmShape);
export type SlurmSettings = z.output<typeof slurmSchema>;

const mapping = z.record(z.string(), z.unknown()).nullable();
/** `slurm`: for all experiments. `experiments`: NAME or NAME:PROFILE -> what differs there. */
const fileSchema = z.strictObject({
  slurm: mapping.optional(),
  experiments: z.record(z.string(), z.strictObject({ slurm: mapping.optional() }).nullable()).optional(),
});

/**
 * The settings for an experiment: of all experiments, of this one, of its profile, of the command line (`key=value`); later wins.
 * @throws ConfigError with every problem and its place
 */
export function slurmSettings(
  root: string,
  { name, profile }: { name: string; profile: string },
  words: readonly string[] = [],
): SlurmSettings {
  const tree = readTree(root);
  const own = child(tree, 'experiments');
  const layers = [
    child(tree, 'slurm'),
    child(child(own, name), 'slurm'),
    child(child(own, `${name}:${profile}`), 'slurm'),
    ...words.map((text) => overrideTree(parseOverride(text))),
  ];
  const empty: ConfigNode = { kind: 'map', place: { file: EXECUTOR_FILE, line: 1, column: 1 }, entries: new Map() };
  const merged = layers.filter((layer) => layer?.kind === 'map').reduce<ConfigNode>((base, layer) => merge(base, layer!), empty);
  const { output, problems } = validate(slurmSchema, merged);
  throwProblems(problems);
  return output!;
}

function readTree(root: string): MapNode | undefined {
  const file = path.join(root, EXECUTOR_FILE);
  if (!fs.existsSync(file)) return undefined;
  const tree = parseYaml(readSettings(file), EXECUTOR_FILE);
  if (tree.kind === 'scalar' && tree.value === null) return undefined; // nothing but comments
  throwProblems(validate(fileSchema, tree).problems);
  return withoutKeys(tree as MapNode, []);
}

function readSettings(file: string): string {
  try {
    return readConfigText(file);
  } catch (error) {
    throw new ConfigError([{ place: { file: EXECUTOR_FILE, line: 1, column: 1 }, message: `cannot be read: ${(error as Error).message}` }]);
  }
}
