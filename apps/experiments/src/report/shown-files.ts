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

/** Base64 of `channels` bytes a pixel. */
const pixels = (channels: number) => (image: { width: number; height: number }, text: string) =>
  Buffer.byteLength(text, 'base64') === channels * image.width * image.height;

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
  images: z.array(
    z
      .object({ id: z.number(), rgb: z.string(), masks: z.array(mask), ...sizes })
      .refine((image) => pixels(3)(image, image.rgb), { path: ['rgb'], message: 'has not three bytes a pixel' }),
  ),
});

const label = { message: 'has not one byte a pixel' };
const predictions = z.object({
  classes: z.array(z.string()),
  images: z.array(
    z
      .object({ name: z.string(), rgb: z.string(), truth: z.string(), prediction: z.string(), ...sizes })
      .refine((image) => pixels(3)(image, image.rgb), { path: ['rgb'], message: 'has not three bytes a pixel' })
      .refine((image) => pixels(1)(image, image.truth), { path: ['truth'], ...label })
      .refine((image) => pixels(1)(image, image.prediction), { path: ['prediction'], ...label }),
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
