// Identity of the code that makes a result: equal configuration AND equal code, equal result. An edit makes finished runs stale.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import notInARun from './not-in-a-run.json';

const WORKSPACE = path.join(__dirname, '../../../..');

/** What shows, lists or times results, or is not used to make them: edits there leave finished runs as they are. The Nx plugin reads it too. */
const NOT_IN_A_RUN = notInARun.map((folder) => path.join(folder, path.sep));
let known: string | undefined;

/** 16 hex digits over the TypeScript sources of the libraries and the app that make a run's result, without tests. */
export function codeHash(workspace = WORKSPACE): string {
  if (workspace === WORKSPACE && known) return known;
  const hash = createHash('sha256');
  for (const file of sourceFiles(workspace)) {
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(workspace, file)))
      .update('\0');
  }
  const digest = hash.digest('hex').slice(0, 16);
  if (workspace === WORKSPACE) known = digest;
  return digest;
}

function sourceFiles(workspace: string): string[] {
  const projects = ['packages', 'apps'].flatMap((folder) => {
    const base = path.join(workspace, folder);
    return fs.existsSync(base) ? fs.readdirSync(base).map((name) => path.join(folder, name, 'src')) : [];
  });
  return projects
    .filter((source) => fs.existsSync(path.join(workspace, source)))
    .flatMap((source) =>
      fs.readdirSync(path.join(workspace, source), { recursive: true, encoding: 'utf8' }).map((name) => path.join(source, name)),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NOT_IN_A_RUN.some((folder) => file.startsWith(folder)))
    .sort();
}
