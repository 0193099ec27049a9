// Checks on single entries of COCO JSON, before their types are known. `where` names the file and the entry.

export type Entry = Record<string, unknown>;

/** `value` as an object with unknown fields. */
export function asEntry(value: unknown, where: string): Entry {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${where} must be an object, found ${show(value)}`);
  return value as Entry;
}

export function asList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} must be an array, found ${show(value)}`);
  return value;
}

/** An integer, as ids are. */
export function asId(entry: Entry, field: string, where: string): number {
  const value = entry[field];
  if (!Number.isSafeInteger(value)) throw new Error(`${where}: ${field} must be an integer, found ${show(value)}`);
  return value as number;
}

export function asFinite(entry: Entry, field: string, where: string): number {
  const value = entry[field];
  if (!Number.isFinite(value)) throw new Error(`${where}: ${field} must be a finite number, found ${show(value)}`);
  return value as number;
}

/** `[x, y, width, height]`. Sizes may be zero or negative, as in the reference: such a box overlaps nothing. */
export function asBox(entry: Entry, where: string): [number, number, number, number] {
  const box = entry.bbox;
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite))
    throw new Error(`${where}: bbox must be four finite numbers [x, y, width, height], found ${show(box)}`);
  return box as [number, number, number, number];
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'number'
      ? String(value)
      : Array.isArray(value) && value.length < 8
        ? `[${value.map(show).join(', ')}]`
        : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
