// `stint pretrain`: only the shared networks of an experiment, into the cache.
import type { Workspace } from '../config/catalog.ts';
import { pretrainKey } from '../config/hash.ts';
import { executePretraining } from '../executor/local.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { pretrainedFolder } from '../run/pretrained.ts';
import { type SelectionOptions, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export async function pretrainCommand(
  target: string,
  words: readonly string[],
  options: SelectionOptions & { jobs?: number; fresh?: boolean; json?: boolean; executor?: 'local' | 'slurm' },
  { io, workspace, command }: { io: Io; workspace: Workspace; command?: readonly string[] },
): Promise<number> {
  const { root } = workspace;
  const { runs, name, profile } = selectExperiment(target, words, options, workspace);
  const log = options.json ? io.err : io.out;
  const networks = [...new Map(runs.map(({ config }) => [pretrainKey(config), config]))].filter(([key]) => key !== null);
  if (networks.length === 0) log(`${name}:${profile} starts from fresh or imported weights: nothing to pretrain`);
  if (options.executor === 'slurm') {
    log('pretrainings are jobs of the run: stint run --executor slurm submits them first');
    return 0;
  }
  const control = listenForStop();
  try {
    const { stop, kill } = control;
    const failures = await executePretraining(runs, {
      root,
      folder: root,
      jobs: options.jobs,
      fresh: options.fresh,
      stop,
      kill,
      log,
      command,
    });
    if (options.json) {
      const listed = networks.map(([key, config]) => ({ key, folder: pretrainedFolder(config, root) }));
      printJson(io, { networks: listed, failed: failures.length > 0 });
    }
    if (stop.aborted) return exitCodeOf(stop);
    return failures.length > 0 ? 1 : 0;
  } finally {
    control.release();
  }
}
