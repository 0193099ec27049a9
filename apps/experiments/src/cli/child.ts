// The hidden commands that "stint run" starts: one run or one pretraining in this process.
import path from 'node:path';
import type { Workspace } from '../config/catalog.ts';
import { runChild } from '../executor/child.ts';
import { listenForStop } from '../executor/stop.ts';

export async function childCommand(
  kind: 'train' | 'pretrain',
  { config, resume = false, trained }: { config: string; resume?: boolean; trained?: string },
  { workspace }: { workspace: Workspace },
): Promise<number> {
  const control = listenForStop();
  try {
    const work = await import('../run/index.ts');
    const options = {
      root: workspace.root,
      configFile: path.resolve(config),
      resume,
      trained: trained && path.resolve(trained),
      signal: control.stop,
      stream: process.stderr,
    };
    return await runChild(kind, work, options);
  } finally {
    control.release();
  }
}
