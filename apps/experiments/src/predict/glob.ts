// File patterns for commands that take many files: `*` and `?` within a name, `**` over folders, `[a-z]`, `{jpg,png}`. Shells expand these
// themselves; quoted, or on a shell that does not, they arrive here.
import fs from 'node:fs';
import path from 'node:path';

const SPECIAL = /[*?[\]{}]/;

export const isPattern = (text: string): boolean => SPECIAL.test(text);

/** Files that match, sorted; hidden ones only when the pattern names the dot. Symbolic links to folders are not entered. */
export function expandPattern(pattern: string): string[] {
  const parts = pattern.split(/[\\/]/);
  const first = parts.findIndex(isPattern);
  const base = parts.slice(0, first).join(path.sep) || (pattern.startsWith('/') ? path.sep : '');
  const rest = parts.slice(first);
  const matcher = patternToRegExp(rest.join('/'));
  const depth = rest.includes('**') ? Number.POSITIVE_INFINITY : rest.length;
  return walk(base || '.', depth)
    .filter((file) => matcher.test(file))
    .sort()
    .map((file) => path.join(base, file));
}

/** Matches paths with `/` between names, relative to where the pattern begins. */
export function patternToRegExp(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    const startsName = i === 0 || pattern[i - 1] === '/';
    if (char === '*' && pattern[i + 1] === '*' && startsName && (pattern[i + 2] === '/' || i + 2 === pattern.length)) {
      source += pattern[i + 2] === '/' ? '(?:(?!\\.)[^/]+/)*' : '(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+';
      i += pattern[i + 2] === '/' ? 2 : 1;
    } else if (char === '*') source += startsName ? '(?!\\.)[^/]*' : '[^/]*';
    else if (char === '?') source += startsName ? '(?!\\.)[^/]' : '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) source += '\\[';
      else {
        const [negated, members] = /^([!^]?)(.*)$/s.exec(pattern.slice(i + 1, end))!.slice(1);
        source += `(?!/)[${negated && '^'}${members.replaceAll('\\', '\\\\').replaceAll('[', '\\[').replaceAll('^', '\\^')}]`;
        i = end;
      }
    } else if (char === '{' && pattern.indexOf('}', i) > 0) {
      braces++;
      source += '(?:';
    } else if (char === '}' && braces > 0) {
      braces--;
      source += ')';
    } else if (char === ',' && braces > 0) source += '|';
    else source += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${source}$${''}`, 'u');
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
