// Finding the files of a set, and pairing images with their labels.
import fs from 'node:fs/promises';
import path from 'node:path';

/** Files at any depth of a folder, as paths from it with forward slashes, in the order of their names. */
export async function filesIn(operation: string, folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${operation}: the folder ${folder} ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`}`);
  });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
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
