// Numbers with their allowed ranges, for the schemas beside this file.
import { z } from 'zod';

export const int = (min: number, max = 1e9) => z.int().min(min).max(max);
export const real = (min: number, max: number) => z.number().min(min).max(max);
export const fraction = () => real(0, 1);
export const positive = () => z.number().positive().max(1e9);
/** Side of an image in pixels. */
export const side = () => int(32, 4096).multipleOf(32);
/** May be left out; null takes back what a lower layer gave. */
export const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);
/** [smallest, largest] of a range to draw from. */
export const range = (min: number, max: number) =>
  z.tuple([real(min, max), real(min, max)]).refine(([low, high]) => low <= high, { error: 'the first value must not exceed the second' });
