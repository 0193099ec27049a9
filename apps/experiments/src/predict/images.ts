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

/**
 * In the order of the arguments, each file once; within a folder or a pattern by name.
 * @param out where pictures are written: what a folder or a pattern finds there is of a run before and left out.
 */
export function listImages(args: readonly string[], out?: string): ListedImage[] {
  const seen = new Set<string>();
  const names = new Set<string>();
  const written = (arg: string, file: string) => out !== undefined && file !== arg && isWithin(out, file) && !isWithin(out, arg);
  const found = args.flatMap((arg) => expand(arg, (file) => !written(arg, file)));
  return found.flatMap(({ file, name, problem }) => {
    const key = path.resolve(file);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ file, name: unused(stem(name), names), ...(problem !== undefined && { problem }) }];
  });
}

function isWithin(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function expand(arg: string, wanted: (file: string) => boolean): ListedImage[] {
  const stat = fs.statSync(arg, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    const files = walk(arg)
      .filter((file) => isImage(file) && wanted(path.join(arg, file)))
      .sort();
    if (files.length === 0)
      return [{ file: arg, name: path.basename(arg), problem: `the folder holds no images (${EXTENSIONS.join(' ')})` }];
    return files.map((file) => ({ file: path.join(arg, file), name: file }));
  }
  // A file whose name looks like a pattern is that file.
  if (stat || !isPattern(arg)) return [{ file: arg, name: path.basename(arg) }];
  const files = expandPattern(arg).filter(wanted);
  if (files.length === 0) return [{ file: arg, name: path.basename(arg), problem: 'no file matches this pattern' }];
  return files.map((file) => ({ file, name: path.basename(file) }));
}

const stem = (name: string): string => name.slice(0, name.length - path.extname(name).length);

/** What may be written of an image is called NAME.png, NAME.labels.png and NAME.masks.png. */
const OUTPUTS = ['', '.labels', '.masks'];

/** Two images of one name (x.jpg and x.png, a/x.jpg and b/x.jpg) get outputs of their own. */
function unused(name: string, names: Set<string>): string {
  const outputs = (of: string) => OUTPUTS.map((kind) => `${of}${kind}`.toLowerCase());
  let free = name;
  for (let count = 2; outputs(free).some((output) => names.has(output)); count++) free = `${name}-${count}`;
  for (const output of outputs(free)) names.add(output);
  return free;
}
