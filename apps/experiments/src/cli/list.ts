// `stint list`: the experiments, their profiles and what to expect of each.
import { experimentNames, type Workspace } from '../config/catalog.ts';
import { resolveExperiment } from '../config/resolve.ts';
import { listLatency } from '../latency/commands.ts';
import { isLatency } from '../latency/resolve.ts';
import { type Io, printJson } from './io.ts';

interface Listed {
  name: string;
  title: string;
  paper?: { table?: number; figure?: number };
  profiles: { profile: string; runs?: number; cases?: number; expect?: string; default: boolean }[];
}

export function listCommand({ json }: { json?: boolean }, { io, workspace }: { io: Io; workspace: Workspace }): number {
  const experiments: Listed[] = experimentNames(workspace).map((name) => {
    if (isLatency(name, workspace)) return listLatency(name, workspace);
    const { title, paper, profiles, profile: main } = resolveExperiment(name, workspace);
    const each = profiles.map((profile) => {
      const { expect, runs } = resolveExperiment(name, workspace, { profile });
      return { profile, runs: runs.length, expect, default: profile === main };
    });
    return { name, title, paper, profiles: each };
  });
  if (json) printJson(io, { experiments });
  for (const { name, title, paper, profiles } of json ? [] : experiments) {
    const source = paper?.table ? ` (paper, Table ${paper.table})` : paper?.figure ? ` (paper, Fig. ${paper.figure})` : '';
    io.out(`${name}  ${title}${source}`);
    for (const { profile, runs, cases, expect, default: isDefault } of profiles) {
      io.out(
        `  ${`:${profile}`.padEnd(12)}${(runs === undefined ? `${cases} cases` : `${runs} runs`).padStart(9)}  ${expect ?? ''}${isDefault ? '  [default]' : ''}`,
      );
    }
  }
  return 0;
}
