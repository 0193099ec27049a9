// Configuration files as text, of a size that a person writes.
import { readTextFile } from './text-file.ts';

const MOST = { bytes: 2 ** 18, of: 'of a configuration' };

/** Throws the reason alone, short enough for the end of a sentence; ENOENT where there is no file. */
export function readConfigText(file: string): string {
  try {
    return readTextFile(file, MOST);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code ?? `it ${message}`);
  }
}
