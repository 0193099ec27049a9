// What an experiment still needs, before anything is started: which runs, whose trainings they use, and whether their folders allow it.
import path from 'node:path';
import { UsageError } from '../config/catalog.ts';
import type { Experiment, Run } from '../config/schema.ts';
import { describeHolder, lockHolder } from '../run/lock.ts';
import type { ExecuteOptions } from './executor.ts';
import { type FolderState, folderState, LOCK } from './run-folder.ts';
import { finishedTrainings, type Trainer, trainers } from './sharing.ts';

export interface PlannedRun {
  run: Run;
  folder: string;
  state: FolderState;
  /** Whose training it evaluates; absent: it trains itself. */
  trainer?: Trainer & { folder: string };
}

export interface Plan {
  experiment: Experiment;
  /** Not finished yet: those that train, then those that evaluate another's training. */
  trainings: PlannedRun[];
  sharing: PlannedRun[];
  reused: number;
}

/**
 * Looks at every run's folder.
 * @param underWay runs that go on already, and may hold their folders
 * @throws UsageError when a folder holds another configuration, or another process works in it
 */
export function planExperiment(experiment: Experiment, options: ExecuteOptions, underWay: ReadonlySet<string> = new Set()): Plan {
  const { log } = options;
  const folderOf = (run: Run): string => path.join(options.folder, run.name);
  const states = new Map(experiment.runs.map((run) => [run, options.force ? 'new' : folderState(run, folderOf(run))]));
  refuseOtherConfigs(
    [...states].filter(([, state]) => state === 'other-config').map(([run]) => folderOf(run)),
    options,
  );
  const open = experiment.runs.filter((run) => states.get(run) !== 'finished');
  refuseHeld(
    open.filter(({ name }) => !underWay.has(name)),
    folderOf,
  );
  const reused = experiment.runs.length - open.length;
  if (reused > 0) log(`${reused} of ${experiment.runs.length} runs are finished already`);
  const stale = [...states.values()].filter((state) => state === 'stale').length;
  if (stale > 0) log(`${stale} of ${experiment.runs.length} runs were made by other code and are made again`);

  const trainerOf = trainers(experiment.runs, {
    finished: (run) => states.get(run) === 'finished',
    folderOf,
    others: open.length > 0 && !options.force ? finishedTrainings(path.join(options.root, 'runs'), options.folder) : undefined,
  });
  const planned = open.map((run): PlannedRun => {
    const { folder, run: trainer } = trainerOf.get(run)!;
    const own = { run, folder: folderOf(run), state: states.get(run)! };
    return folder === undefined ? own : { ...own, trainer: { folder, run: trainer } };
  });
  const sharing = planned.filter(({ trainer }) => trainer);
  const elsewhere = sharing.filter(({ trainer }) => !trainer!.run).length;
  const source = elsewhere > 0 ? ` (${elsewhere} of them: in another experiment)` : '';
  if (sharing.length > 0) log(`${sharing.length} of ${open.length} runs evaluate what another run trains${source}`);
  return { experiment, trainings: planned.filter(({ trainer }) => !trainer), sharing, reused };
}

function refuseOtherConfigs(folders: readonly string[], { root }: ExecuteOptions): void {
  if (folders.length === 0) return;
  const names = folders.map((folder) => `  ${path.relative(root, folder)}`).join('\n');
  throw new UsageError(
    `these folders hold runs of another configuration:\n${names}\nKeep them with --out DIR for the new runs, or replace them with --force`,
  );
}

function refuseHeld(runs: readonly Run[], folderOf: (run: Run) => string): void {
  const held = runs.flatMap((run) => {
    const holder = lockHolder(path.join(folderOf(run), LOCK));
    return holder ? [`  ${run.name}: ${describeHolder(holder)}`] : [];
  });
  if (held.length === 0) return;
  throw new UsageError(
    `these runs are being made by others:\n${held.join('\n')}\nWait for them, or stop them; where one is certainly dead, remove the file "${LOCK}" in its folder`,
  );
}
