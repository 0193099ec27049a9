// Checks of arguments, for messages that name the operation, the argument, the value and the way out. The addon checks again what could
// make it read or write outside an array.

/** Batch, height, width, channels of a map in NHWC. */
export type MapShape = readonly [batch: number, height: number, width: number, channels: number];

type ArrayTypes = { Float32Array: Float32Array; Uint8Array: Uint8Array; Int32Array: Int32Array };

const MAX_SIDE = 2 ** 24;
const MAX_CELLS = 2 ** 31 - 1;
// Read through the prototype: it tells the type of an array of any realm, and nothing can imitate it.
const typeName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get as (
  this: unknown,
) => string | undefined;

/** `value` as a typed array of `length` elements. */
export function typed<T extends keyof ArrayTypes>(
  operation: string,
  name: string,
  value: unknown,
  type: T,
  length?: number,
): ArrayTypes[T] {
  const got = typeName.call(value);
  if (got !== type) throw new TypeError(`${operation}: ${name} is ${got ?? describe(value)}; give a ${type}`);
  const array = value as ArrayTypes[T];
  if (length !== undefined && array.length !== length) {
    const detached = array.length === 0 ? ' (is its buffer detached?)' : '';
    throw new RangeError(`${operation}: ${name} has ${array.length} elements${detached}; give ${length}`);
  }
  return array;
}

export function optional<T extends keyof ArrayTypes>(
  operation: string,
  name: string,
  value: unknown,
  type: T,
  length?: number,
): ArrayTypes[T] | null {
  return value === undefined || value === null ? null : typed(operation, name, value, type, length);
}

export function whole(operation: string, name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number') throw new TypeError(`${operation}: ${name} is ${describe(value)}; give a number`);
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(`${operation}: ${name} is ${value}; give a whole number from ${low} to ${high}`);
  }
  return value;
}

export function finite(operation: string, name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${operation}: ${name} is ${describe(value)}; give a number`);
  if (!Number.isFinite(value)) throw new RangeError(`${operation}: ${name} is ${value}; give a finite number`);
  return value;
}

export function odd(operation: string, name: string, value: unknown, high: number): number {
  const number = whole(operation, name, value, 1, high);
  if (number % 2 === 0) throw new RangeError(`${operation}: ${name} is ${number}; give an odd number`);
  return number;
}

/** Whole numbers from 1 that a map can have, `rank` of them (a shape of rank 3 is a mask's, without channels). */
export function sizes(operation: string, name: string, value: unknown, rank: 3 | 4): number[] {
  const wanted = rank === 4 ? '[N,H,W,C]' : '[N,H,W]';
  if (!Array.isArray(value) || value.length !== rank) {
    throw new TypeError(`${operation}: ${name} is ${Array.isArray(value) ? listed(value) : describe(value)}; give ${wanted}`);
  }
  for (const side of value) whole(operation, `${name} ${listed(value)}`, side, 1, MAX_SIDE);
  if (value[0] * value[1] * value[2] > MAX_CELLS) {
    throw new RangeError(`${operation}: ${name} is [${value}]; give at most ${MAX_CELLS} positions`);
  }
  return [...value];
}

/** `shape` as the sizes of a map. */
export function mapShape(
  operation: string,
  shape: unknown,
  name = 'shape',
): [batch: number, height: number, width: number, channels: number] {
  return sizes(operation, name, shape, 4) as [number, number, number, number];
}

/** The array to write: the one that was given, of `length`, or a new one. */
export function outputFor(operation: string, value: Float32Array | undefined | null, length: number): Float32Array {
  return optional(operation, 'output', value, 'Float32Array', length) ?? new Float32Array(length);
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A list that should have held numbers. */
export function listed(values: readonly unknown[]): string {
  return `[${Array.from(values, (value) => (typeof value === 'number' ? value : describe(value)))}]`;
}
