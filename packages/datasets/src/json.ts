// JSON files that others wrote, read without taking more memory than an honest file of their size needs.
import { DatasetError } from './errors.ts';
import { readRegularFile } from './read-file.ts';

/** V8's longest string. */
const MOST_BYTES = 2 ** 29 - 24;
/** Lists and objects, and keys: more than the annotations of a file of the largest size have; each may take 100 bytes. */
const MOST_ENTRIES = 25_000_000;

const BRACE = '{'.charCodeAt(0);
const BRACKET = '['.charCodeAt(0);
const COLON = ':'.charCodeAt(0);

/** What stands in a JSON file in UTF-8 (512 MiB at most). Rejects with a DatasetError that names the file. */
export async function readJsonFile(file: string, maxBytes = MOST_BYTES): Promise<unknown> {
  const fail = (problem: string): never => {
    throw new DatasetError(`${file}: ${problem}`);
  };
  const bytes = await readRegularFile(file, maxBytes).catch((error: Error) => fail(error.message));
  const { containers, keys } = countEntries(bytes);
  if (containers > MOST_ENTRIES || keys > MOST_ENTRIES)
    fail(`${containers} lists and objects and ${keys} keys are more than can be held (${MOST_ENTRIES}): split the file`);
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text);
  } catch (error) {
    const hint = /\b(NaN|Infinity)\b/.test(text.slice(0, 1e6)) ? '; NaN and Infinity are not JSON' : '';
    return fail(`is not valid JSON in UTF-8: ${(error as Error).message}${hint}`);
  }
}

/** Those in strings are counted too: a limit needs no parser. */
function countEntries(bytes: Uint8Array): { containers: number; keys: number } {
  let containers = 0;
  let keys = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === BRACE || byte === BRACKET) containers++;
    else if (byte === COLON) keys++;
  }
  return { containers, keys };
}
