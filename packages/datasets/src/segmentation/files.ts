// Finding the files of a set, and pairing images with their labels.
import fs from 'node:fs/promises';
import path from 'node:path';
import { DatasetError } from '../errors.ts';

/**
 * Files at any depth of a folder, as paths from it with forward slashes, in the order of their names. Links to folders are followed, as torchvision
 * does. Rejects on a link into a folder that holds it, and on one that leads nowhere.
 */
export async function filesIn(operation: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (place: string, above: readonly string[]): Promise<void> => {
    const real = await fs.realpath(place);
    if (above.includes(real)) throw new DatasetError(`${operation}: ${place} links to ${real}, which holds it: remove the link`);
    for (const entry of await fs.readdir(place, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const file = path.join(place, entry.name);
      const isFolder = entry.isSymbolicLink() ? (await fs.stat(file)).isDirectory() : entry.isDirectory();
      if (isFolder) await visit(file, [...above, real]);
      else files.push(path.relative(folder, file).replaceAll(path.sep, '/'));
    }
  };
  await visit(folder, []).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof DatasetError) throw error;
    const { code, path: place = folder } = error;
    const what = place === folder ? `the folder ${folder}` : place;
    throw new DatasetError(`${operation}: ${what} ${code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`}`);
  });
  return files.sort();
}

/** Entries of both maps by key. Throws, naming the first five, when an image has no label image or a label image no image. */
export function pairByKey(
  operation: string,
  images: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): { key: string; image: string; label: string }[] {
  const problems = [...unmatched('no label image for', images, labels), ...unmatched('no image for', labels, images)];
  if (problems.length > 0) throw new DatasetError(`${operation}: ${problems.join('; ')}`);
  return [...images].map(([key, image]) => ({ key, image, label: labels.get(key)! }));
}

function unmatched(problem: string, files: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  const alone = [...files].filter(([key]) => !others.has(key)).map(([, file]) => file);
  if (alone.length === 0) return [];
  return [`${problem} ${alone.slice(0, 5).join(', ')}${alone.length > 5 ? ` and ${alone.length - 5} more` : ''}`];
}
