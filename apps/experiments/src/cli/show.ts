// `stint show`: what would run, and the configuration of the first run of each arm.
import { stringify } from 'yaml';
import type { Workspace } from '../config/catalog.ts';
import { configHash, pretrainKey } from '../config/hash.ts';
import { meansLatency, showLatencyCommand } from '../latency/commands.ts';
import { type SelectionOptions, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export function showCommand(
  target: string,
  words: readonly string[],
  options: SelectionOptions & { json?: boolean },
  { io, workspace }: { io: Io; workspace: Workspace },
): number {
  if (meansLatency(target, workspace)) return showLatencyCommand(target, words, options, { io, workspace });
  const experiment = selectExperiment(target, words, options, workspace);
  if (options.json) {
    const runs = experiment.runs.map((run) => ({ ...run, hash: configHash(run.config), pretrainKey: pretrainKey(run.config) }));
    printJson(io, { ...experiment, runs });
    return 0;
  }
  const { runs, claims, ...head } = experiment;
  io.out(stringify({ ...head, claims, runs: runs.map((run) => run.name) }, { lineWidth: 140 }).trimEnd());
  for (const arm of experiment.arms) {
    const first = runs.find((run) => run.arm === arm);
    if (first) io.out(`\n# ${first.name}\n${stringify(first.config, { lineWidth: 140 }).trimEnd()}`);
  }
  return 0;
}
