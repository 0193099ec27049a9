// Which images a command line means: files, folders (with all below them), patterns. What is not there is a problem of its own place in the
// list, and no reason to leave the others.
import fs from 'node:fs';
import path from 'node:path';
import { expandPattern, isPattern, walk } from './glob.ts';

export interface ListedImage {
  file: string;
  /** Path for its outputs, relative, without extension; different for every image. */
  name: string;
  /** Why there is nothing to read. */
  problem?: string;
}

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

const isImage = (file: string): boolean => EXTENSIONS.includes(path.extname(file).toLowerCase());

/** In the order of the arguments, each file once; within a folder or a pattern by name. */
export function listImages(args: readonly string[]): ListedImage[] {
  const seen = new Set<string>();
  const names = new Set<string>();
  return args.flatMap(expand).flatMap(({ file, name, problem }) => {
    const key = path.resolve(file);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ file, name: unused(stem(name), names), ...(problem !== undefined && { problem }) }];
  });
}

function expand(arg: string): ListedImage[] {
  const stat = fs.statSync(arg, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    const files = walk(arg).filter(isImage).sort();
    if (files.length === 0)
      return [{ file: arg, name: path.basename(arg), problem: `the folder holds no images (${EXTENSIONS.join(' ')})` }];
    return files.map((file) => ({ file: path.join(arg, file), name: file }));
  }
  // A file whose name looks like a pattern is that file.
  if (stat || !isPattern(arg)) return [{ file: arg, name: path.basename(arg) }];
  const files = expandPattern(arg);
  if (files.length === 0) return [{ file: arg, name: path.basename(arg), problem: 'no file matches this pattern' }];
  return files.map((file) => ({ file, name: path.basename(file) }));
}

const stem = (name: string): string => name.slice(0, name.length - path.extname(name).length);

/** Two images of one name (x.jpg and x.png, a/x.jpg and b/x.jpg) get outputs of their own. */
function unused(name: string, names: Set<string>): string {
  let free = name;
  for (let count = 2; names.has(free.toLowerCase()); count++) free = `${name}-${count}`;
  names.add(free.toLowerCase());
  return free;
}
