// Pictures that runs left for the report, read back: their bytes must be as many as their sizes say.
import { checkDescription } from '@stint/runtime';
import { z } from 'zod';
import type { Overlay } from '../run/overlay.ts';
import type { ShownPredictions } from '../task/segmentation/scoring.ts';
import { readJsonFile } from '../trust/json-file.ts';

const READ = {
  what: 'file of pictures',
  wayOut: 'remove it, and the report leaves these pictures out; or run again: stint run ... --force',
  mostBytes: 2 ** 28,
};

const side = z.int().min(1).max(65_535);
const sizes = { width: side, height: side };

/** For `refine`: that `key` is base64 of so many bytes a pixel. */
const holds = <Key extends string>(key: Key, count: 'one byte' | 'three bytes') => {
  const fits = (image: { width: number; height: number } & Record<Key, string>) =>
    Buffer.byteLength(image[key], 'base64') === (count === 'one byte' ? 1 : 3) * image.width * image.height;
  const told = { path: [key], message: `has not ${count} a pixel` };
  return [fits, told] as const;
};

const mask = z
  .object({
    block: z.string(),
    mask: z.literal([1, 2, 3]),
    stride: z.number().positive(),
    bits: z.string().regex(/^[01]*$/, 'must be of 0 and 1'),
    ...sizes,
  })
  .refine(({ width, height, bits }) => bits.length === width * height, { path: ['bits'], message: 'has not one cell a position' });

const overlay = z.object({
  backbone: z.unknown().optional(),
  images: z.array(z.object({ id: z.number(), rgb: z.string(), masks: z.array(mask), ...sizes }).refine(...holds('rgb', 'three bytes'))),
});

const predictions = z.object({
  classes: z.array(z.string()),
  images: z.array(
    z
      .object({ name: z.string(), rgb: z.string(), truth: z.string(), prediction: z.string(), ...sizes })
      .refine(...holds('rgb', 'three bytes'))
      .refine(...holds('truth', 'one byte'))
      .refine(...holds('prediction', 'one byte')),
  ),
});

/** masks/masks.json of a run. @throws JsonFileError, ModelFileError: the file and what is wrong in it */
export function readOverlay(file: string): Overlay {
  const read = readJsonFile(file, overlay, READ);
  const backbone = read.backbone === undefined ? undefined : checkDescription({ backbone: read.backbone }, file).backbone;
  return { ...read, backbone };
}

/** predictions/shown.json of a run. @throws JsonFileError: the file and what is wrong in it */
export const readPredictions = (file: string): ShownPredictions => readJsonFile(file, predictions, READ);
