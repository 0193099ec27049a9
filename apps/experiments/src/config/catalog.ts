// Which experiments there are: every YAML directly in the experiments folder (bases/ holds what they share).
import fs from 'node:fs';
import path from 'node:path';
import { hint } from './nearest.ts';

export interface Workspace {
  /** The project's folder: data, runs and caches are relative to it. */
  root: string;
  /** Folder of the experiment files. */
  experiments: string;
}

/** The workspace that the command belongs to; STINT_ROOT points elsewhere. */
export function findWorkspace(): Workspace {
  const root = path.resolve(process.env.STINT_ROOT ?? path.join(__dirname, '../../../..'));
  return { root, experiments: path.join(root, 'experiments') };
}

export function experimentNames({ experiments }: Workspace): string[] {
  if (!fs.existsSync(experiments)) return [];
  return fs
    .readdirSync(experiments)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** The file of an experiment. Throws with the nearest name. */
export function experimentFile(name: string, workspace: Workspace): string {
  const names = experimentNames(workspace);
  if (!names.includes(name)) throw new UsageError(`no experiment "${name}"${hint(name, names)}; "stint list" shows all`);
  return path.join(workspace.experiments, `${name}.yaml`);
}

/** The person asked for something that does not exist or makes no sense: exit code 2. */
export class UsageError extends Error {}
