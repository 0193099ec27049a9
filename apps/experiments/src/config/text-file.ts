// Files as text: regular ones of a size that makes sense, in UTF-8.
import fs from 'node:fs';

/** The text of a file. Throws what the file system says (ENOENT, EISDIR), or what is wrong as the end of a sentence: `is not in UTF-8`. */
export function readTextFile(file: string, most: { bytes: number; of: string }): string {
  const stat = fs.statSync(file);
  // A pipe would wait for someone to write.
  if (!stat.isFile() && !stat.isDirectory()) throw new Error('is a pipe or a device, no file');
  if (stat.size > most.bytes) throw new Error(`has ${stat.size} bytes, more than the ${most.bytes} ${most.of}`);
  const bytes = fs.readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not in UTF-8');
  }
}
