// Everything wrong with a configuration, each with its place: built from zod's issues, worded for the person who wrote the file.
import type { z } from 'zod';
import { type Allowed, allowedAt, allowedBy, describe, keysOf } from './allowed.ts';
import { hint, nearest } from './nearest.ts';
import { type ConfigNode, formatPlace, type Place, placeAt, plain } from './node.ts';
import { shortened } from './shortened.ts';

export interface Problem {
  place: Place;
  message: string;
}

const MOST_SHOWN = 100;

/** All problems of a configuration; the message has one line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.slice(0, MOST_SHOWN).map(({ place, message }) => `${formatPlace(place)}: ${message}`);
    super([...lines, ...(problems.length > MOST_SHOWN ? [`and ${problems.length - MOST_SHOWN} more`] : [])].join('\n'));
    this.name = 'ConfigError';
  }
}

/** Throws one ConfigError with each of `problems` once, in the order of the files; does nothing when there is none. */
export function throwProblems(problems: readonly Problem[]): void {
  const unique = [...new Map(problems.map((problem) => [`${formatPlace(problem.place)} ${problem.message}`, problem])).values()];
  if (unique.length > 0) throw new ConfigError(unique.sort((a, b) => comparePlaces(a.place, b.place)));
}

function comparePlaces(a: Place, b: Place): number {
  if ('override' in a || 'override' in b) return Number('override' in a) - Number('override' in b);
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

/** Validates a tree. Problems point at the keys and values of `tree`; `output` is there when there are none. */
export function validate<Schema extends z.ZodType>(schema: Schema, tree: ConfigNode): { output?: z.output<Schema>; problems: Problem[] } {
  const input = plain(tree);
  const result = schema.safeParse(input);
  if (result.success) return { output: result.data, problems: [] };
  const allowed = allowedBy(schema);
  return { problems: result.error.issues.flatMap((issue) => explain(issue, { tree, input, allowed })) };
}

interface Context {
  tree: ConfigNode;
  input: unknown;
  allowed: Allowed;
}

function explain(issue: z.core.$ZodIssue, context: Context): Problem[] {
  const { tree, input } = context;
  const { path } = issue;
  const name = path.map(String).join('.');
  const value = lookUp(input, path);
  const allowed = allowedAt(context.allowed, path, input);
  const here = (message: string): Problem[] => [{ place: placeAt(tree, path), message }];

  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(allowed, value);
    return issue.keys.map((key) => ({
      place: placeAt(tree, [...path, key], 'key'),
      message: `unknown key ${show(key)}${name && ` in ${name}`}${hint(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && typeof value === 'object' && value !== null) {
    // Of several forms, the one with the fewest complaints is the one that was meant.
    const [causes] = [...issue.errors].sort((a, b) => a.length - b.length);
    return causes.flatMap((cause) => explain({ ...cause, path: [...path, ...cause.path] } as z.core.$ZodIssue, context));
  }
  if (issue.code === 'invalid_key') {
    return [{ place: placeAt(tree, path, 'key'), message: `${name}: ${issue.issues.map((cause) => cause.message).join('; ')}` }];
  }
  // A key that only some of the others ask for may be missing too.
  if (issue.code === 'custom') return here(`${name} ${issue.message}${value === undefined ? '' : `, found ${show(value)}`}`);
  if (value === undefined) {
    const inside = path.slice(0, -1);
    const what = describe(allowed);
    const message = `key "${String(path.at(-1))}" is missing${inside.length > 0 ? ` in ${inside.map(String).join('.')}` : ''}`;
    return [{ place: placeAt(tree, inside, 'key'), message: `${message}${what && ` (${what})`}` }];
  }
  const near = allowed?.enum && typeof value === 'string' ? nearest(value, allowed.enum.map(String)) : undefined;
  return here(`${name} must be ${describe(allowed) || issue.message}, found ${show(value)}${near ? ` (nearest: "${near}")` : ''}`);
}

function lookUp(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function show(value: unknown): string {
  // JSON has no NaN and no infinity.
  return shortened(typeof value === 'number' ? String(value) : JSON.stringify(value), 80);
}
