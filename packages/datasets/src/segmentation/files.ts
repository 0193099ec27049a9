// Finding the files of a set, and pairing images with their labels.
import fs from 'node:fs/promises';
import path from 'node:path';

/** Files at any depth of a folder, as paths from it with forward slashes, in the order of their names. Links to folders are followed. */
export async function filesIn(operation: string, folder: string): Promise<string[]> {
  return (await walk(operation, folder)).sort();
}

/** Names of the folders in a folder, links to folders among them, sorted. */
export async function foldersIn(operation: string, folder: string): Promise<string[]> {
  const entries = await entriesOf(operation, folder);
  return entries.flatMap(({ name, isFolder }) => (isFolder ? [name] : [])).sort();
}

/** `above`: the real paths of the folders that lead here, so that a link to one of them comes to an end. */
async function walk(operation: string, folder: string, prefix = '', above: readonly string[] = []): Promise<string[]> {
  const entries = await entriesOf(operation, folder);
  const real = await fs.realpath(folder);
  if (above.includes(real)) return [];
  const found: string[] = [];
  for (const { name, isFolder } of entries) {
    if (isFolder) found.push(...(await walk(operation, path.join(folder, name), `${prefix}${name}/`, [...above, real])));
    else found.push(`${prefix}${name}`);
  }
  return found;
}

/** Hidden files and folders are none of a set's. */
async function entriesOf(operation: string, folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${operation}: the folder ${folder} ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`}`);
  });
  return Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry) => ({
        name: entry.name,
        isFolder: entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(folder, entry.name))),
      })),
  );
}

/** A link that leads nowhere is no folder: it is found missing when it is read. */
async function isFolder(folder: string, name: string): Promise<boolean> {
  const found = await fs.stat(path.join(folder, name)).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Entries of both maps by key. Throws, naming the first five, when an image has no label image or a label image no image. */
export function pairByKey(
  operation: string,
  images: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): { key: string; image: string; label: string }[] {
  const problems = [...unmatched('no label image for', images, labels), ...unmatched('no image for', labels, images)];
  if (problems.length > 0) throw new Error(`${operation}: ${problems.join('; ')}`);
  return [...images].map(([key, image]) => ({ key, image, label: labels.get(key)! }));
}

function unmatched(problem: string, files: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  const alone = [...files].filter(([key]) => !others.has(key)).map(([, file]) => file);
  if (alone.length === 0) return [];
  return [`${problem} ${alone.slice(0, 5).join(', ')}${alone.length > 5 ? ` and ${alone.length - 5} more` : ''}`];
}

const WRITTEN_LABELS = '.labels.png';

/** Leaves out the pictures NAME.png and NAME.masks.png that `stint predict` writes beside the labels NAME.labels.png. */
export function withoutPictures(files: readonly string[]): string[] {
  const labelled = new Set(files.filter((file) => file.endsWith(WRITTEN_LABELS)).map((file) => file.slice(0, -WRITTEN_LABELS.length)));
  return files.filter((file) => file.endsWith(WRITTEN_LABELS) || !labelled.has(file.replace(/(\.masks)?\.png$/, '')));
}
