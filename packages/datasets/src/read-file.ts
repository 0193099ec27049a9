// Whole files into memory: regular ones of a size that makes sense.
import fs from 'node:fs/promises';
import { DatasetError } from './errors.ts';

/** The bytes of a file. Rejects with the reason alone: missing, a folder, a pipe or device (which may never end), empty, over `maxBytes`. */
export async function readRegularFile(file: string, maxBytes: number): Promise<Buffer> {
  try {
    const stat = await fs.stat(file);
    if (!stat.isFile() && !stat.isDirectory()) throw new DatasetError('the file is a pipe or a device: give a regular file');
    if (stat.size > maxBytes) throw new DatasetError(`the file has ${stat.size} bytes, more than the ${maxBytes} that are read`);
    const bytes = await fs.readFile(file);
    if (bytes.length === 0) throw new DatasetError('the file is empty');
    return bytes;
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DatasetError(code === 'ENOENT' ? 'the file is missing' : `the file cannot be read (${code ?? message})`);
  }
}
