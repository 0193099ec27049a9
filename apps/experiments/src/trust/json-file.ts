// JSON files that this project writes, read back: by then any of them may be cut off, changed by hand, or another thing altogether.
import type { z } from 'zod';
import { shortened } from '../config/shortened.ts';
import { readTextFile } from '../config/text-file.ts';

/** A file is there and cannot be what it should be. The message names the file, what is wrong with it, and the way out. */
export class JsonFileError extends Error {
  override name = 'JsonFileError';
}

export interface JsonFileOptions {
  /** What it should be: `result of a run`. */
  what: string;
  /** What a person does about a damaged one, an imperative: `remove it`. */
  wayOut: string;
  /** Default 16 MiB: a hundred times what the largest result takes. */
  mostBytes?: number;
}

const MIB = 2 ** 20;
/** Deeper than anything that is written; what walks a tree may recurse. */
const MOST_LEVELS = 32;
const MOST_SHOWN = 5;

/** What a regular file of JSON in UTF-8 holds, as `schema` has it. @throws JsonFileError, also where there is no file */
export function readJsonFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  { what, wayOut, mostBytes = 16 * MIB }: JsonFileOptions,
): z.output<Schema> {
  const fail = (problem: string): never => {
    throw new JsonFileError(`${file} ${problem}${problem.includes('\n') ? '\n  ' : '; '}${wayOut}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(readText(file, mostBytes));
  } catch (error) {
    return fail(error instanceof SyntaxError ? `is not JSON: ${shortened(error.message)}` : (error as Error).message);
  }
  if (isDeeper(value, MOST_LEVELS)) return fail(`is nested deeper than ${MOST_LEVELS} levels`);
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : fail(`is no ${what}:${described(parsed.error)}`);
}

/** Throws the reason alone. */
function readText(file: string, mostBytes: number): string {
  let text: string;
  try {
    text = readTextFile(file, { bytes: mostBytes, of: 'that are read' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const known: Record<string, string> = { ENOENT: 'does not exist', EISDIR: 'is a folder' };
    throw new Error(code === undefined ? message : (known[code] ?? `cannot be read (${code})`));
  }
  if (text === '') throw new Error('is empty');
  return text;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function described({ issues }: z.ZodError): string {
  const lines = issues
    .slice(0, MOST_SHOWN)
    .map(({ path, message }) => `\n  ${shortened(path.map(String).join('.')) || 'the file'}: ${shortened(message)}`);
  const more = issues.length > MOST_SHOWN ? `\n  and ${issues.length - MOST_SHOWN} more` : '';
  return lines.join('') + more;
}
