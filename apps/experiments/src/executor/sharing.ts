// Runs that differ only in their evaluation share one training: the first of them trains, the others evaluate its checkpoint.
import fs from 'node:fs';
import path from 'node:path';
import { trainingKey } from '../config/hash.ts';
import type { Run } from '../config/schema.ts';

/**
 * Whose training each run uses: its own, or that of another run of `runs`.
 * @param finished whether a run's result is there, made by this configuration and code.
 */
export function trainers(runs: readonly Run[], finished: (run: Run) => boolean, folderOf: (run: Run) => string): Map<Run, Run> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = trainingKey(run.config);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const trained = (run: Run) => finished(run) && fs.existsSync(path.join(folderOf(run), CHECKPOINT));
  return new Map(
    [...groups.values()].flatMap((group) => {
      const trainer = group.find(trained) ?? group.find((run) => !finished(run)) ?? group[0];
      return group.map((run) => [run, trainer] as const);
    }),
  );
}

/** What a training leaves in its run's folder. */
export const CHECKPOINT = 'last.safetensors';
