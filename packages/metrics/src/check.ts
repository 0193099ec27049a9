// Checks on single entries of COCO JSON, before their types are known. `where` names the file and the entry.

export type Entry = Record<string, unknown>;

/** COCO JSON that has no one right reading; the message names the file, the entry and what was expected. */
export class CocoFormatError extends Error {
  override readonly name = 'CocoFormatError';
}

/** Largest coordinate, size or area that makes sense; products of larger ones would leave the numbers. */
const LARGEST = 1e9;

/** `value` as an object with unknown fields. */
export function asEntry(value: unknown, where: string): Entry {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CocoFormatError(`${where} must be an object, found ${show(value)}`);
  return value as Entry;
}

export function asList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new CocoFormatError(`${where} must be an array, found ${show(value)}`);
  return value;
}

/** An integer, as ids are. */
export function asId(entry: Entry, field: string, where: string): number {
  const value = entry[field];
  if (!Number.isSafeInteger(value)) throw new CocoFormatError(`${where}: ${field} must be an integer, found ${show(value)}`);
  return value as number;
}

export function asFinite(entry: Entry, field: string, where: string): number {
  const value = entry[field];
  if (!Number.isFinite(value)) throw new CocoFormatError(`${where}: ${field} must be a finite number, found ${show(value)}`);
  return value as number;
}

export function asName(entry: Entry, where: string): string {
  if (typeof entry.name !== 'string') throw new CocoFormatError(`${where}: name must be a string, found ${show(entry.name)}`);
  return entry.name;
}

/** 0, 1 or a boolean; missing: 0. */
export function asCrowd({ iscrowd = 0 }: Entry, where: string): number {
  if (iscrowd !== 0 && iscrowd !== 1 && typeof iscrowd !== 'boolean')
    throw new CocoFormatError(`${where}: iscrowd must be 0 or 1, found ${show(iscrowd)}`);
  return Number(iscrowd);
}

/** `[x, y, width, height]`. Sizes may be zero or negative, as in the reference: such a box overlaps nothing. */
export function asBox(entry: Entry, where: string): [number, number, number, number] {
  const box = entry.bbox;
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite))
    throw new CocoFormatError(`${where}: bbox must be four finite numbers [x, y, width, height], found ${show(box)}`);
  if (!isBox(box)) throw new CocoFormatError(`${where}: bbox must have numbers of at most ${LARGEST}, found ${show(box)}`);
  return box as [number, number, number, number];
}

/** Four numbers that areas and overlaps can be computed of. */
export function isBox(box: readonly unknown[]): boolean {
  return box.length === 4 && box.every((value) => typeof value === 'number' && Math.abs(value) <= LARGEST);
}

/** A value in an error message: short, whatever its size or depth. */
function show(value: unknown): string {
  const text = outline(value, 2);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function outline(value: unknown, depth: number): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value.length > 56 ? `${JSON.stringify(value.slice(0, 56))}...` : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const keys = Object.keys(value);
  if (keys.length > 8 || (depth === 0 && keys.length > 0)) return Array.isArray(value) ? `a list of ${keys.length}` : 'an object';
  if (Array.isArray(value)) return `[${value.map((inner) => outline(inner, depth - 1)).join(', ')}]`;
  return `{${keys.map((key) => `${outline(key, 0)}:${outline((value as Entry)[key], depth - 1)}`).join(', ')}}`;
}
