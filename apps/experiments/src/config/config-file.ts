// Configuration files as text: regular files of a size that a person writes, in UTF-8.
import fs from 'node:fs';

const MOST_BYTES = 2 ** 18;

/** Throws the reason alone, short enough for the end of a sentence; ENOENT where there is no file. */
export function readConfigText(file: string): string {
  let bytes: Buffer;
  try {
    const stat = fs.statSync(file);
    // A pipe would wait for someone to write.
    if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is a pipe or a device, no file');
    if (stat.size > MOST_BYTES) throw new Error(`it has ${stat.size} bytes, more than the ${MOST_BYTES} of a configuration`);
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new Error((error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not in UTF-8');
  }
}
