// `stint list`: the experiments, their profiles and what to expect of each.
import { experimentNames, type Workspace } from '../config/catalog.ts';
import { resolveExperiment } from '../config/resolve.ts';
import { type Io, printJson } from './io.ts';

export function listCommand({ json }: { json?: boolean }, { io, workspace }: { io: Io; workspace: Workspace }): number {
  const experiments = experimentNames(workspace).map((name) => {
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
    for (const { profile, runs, expect, default: isDefault } of profiles) {
      io.out(`  ${`:${profile}`.padEnd(12)}${`${runs} runs`.padStart(9)}  ${expect ?? ''}${isDefault ? '  [default]' : ''}`);
    }
  }
  return 0;
}
