// Two trees of plain data, place by place.

export interface Difference {
  /** Dotted path. */
  path: string;
  /** Undefined where one side lacks it. */
  a: unknown;
  b: unknown;
}

/** Leaves by dotted path; lists of plain values are leaves. */
export function leaves(value: unknown, prefix = ''): Map<string, unknown> {
  if (value === undefined) return new Map();
  const isLeaf =
    value === null ||
    typeof value !== 'object' ||
    (Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object'));
  if (isLeaf) return new Map([[prefix, value]]);
  return new Map(Object.entries(value as object).flatMap(([key, inner]) => [...leaves(inner, prefix === '' ? key : `${prefix}.${key}`)]));
}

/** Where `a` and `b` differ; numbers only beyond the absolute `tolerance`. In the order of `a`, then what only `b` has. */
export function differences(a: unknown, b: unknown, tolerance = 0): Difference[] {
  const [left, right] = [leaves(a), leaves(b)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((path) => {
    const difference = { path, a: left.get(path), b: right.get(path) };
    return equal(difference.a, difference.b, tolerance) ? [] : [difference];
  });
}

function equal(a: unknown, b: unknown, tolerance: number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Object.is(a, b) || Math.abs(a - b) <= tolerance;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** For people: numbers short, texts as they are, nothing as `-`. */
export function shown(value: unknown): string {
  if (value === undefined) return '-';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
