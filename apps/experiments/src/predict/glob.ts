// File patterns for commands that take many files: `*` and `?` within a name, `**` over folders, `[a-z]`, `{jpg,png}`. Shells expand these
// themselves; quoted, or on a shell that does not, they arrive here.
import fs from 'node:fs';
import path from 'node:path';
import { patternMatcher } from './glob-match.ts';

const SPECIAL = /[*?[\]{}]/;

export const isPattern = (text: string): boolean => SPECIAL.test(text);

/** Files that match, sorted; hidden ones only when the pattern names the dot. Symbolic links to folders are not entered. @throws UsageError */
export function expandPattern(pattern: string): string[] {
  const parts = pattern.split(/[\\/]/);
  const first = parts.findIndex(isPattern);
  const base = parts.slice(0, first).join(path.sep) || (pattern.startsWith('/') ? path.sep : '');
  const rest = parts.slice(first);
  const matches = patternMatcher(rest.join('/'));
  const depth = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.length;
  return walk(base || '.', depth)
    .filter(matches)
    .sort()
    .map((file) => path.join(base, file));
}

/** Paths of the files below a folder, relative to it, with `/`; folders that cannot be read hold none. */
export function walk(folder: string, depth = Number.POSITIVE_INFINITY, prefix = ''): string[] {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const name = prefix + entry.name;
    if (entry.isDirectory()) return depth > 1 ? walk(path.join(folder, entry.name), depth - 1, `${name}/`) : [];
    return isFile(path.join(folder, entry.name), entry) ? [name] : [];
  });
}

function isFile(file: string, entry: fs.Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
