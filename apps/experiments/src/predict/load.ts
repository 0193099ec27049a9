// Images for the network, read and brought to its size, where no pictures are drawn.
import { type ColourStatistics, normalise, type Picture, readImage, resizeShortSide } from '@stint/datasets';
import { UsageError } from '../config/catalog.ts';
import type { ListedImage } from './images.ts';
import type { NetworkImage } from './predictor.ts';

export interface Resize {
  short: number;
  long?: number;
}

/**
 * `picture` at the size that `resize` says, in floats normalised by `statistics` as in an evaluation (as it is: bytes); `scale`: pixels of
 * the result a pixel of the picture.
 */
export function fitImage(
  picture: Picture,
  resize: Resize | undefined,
  statistics: ColourStatistics | undefined,
): { input: NetworkImage; scale: { x: number; y: number } } {
  if (!resize) return { input: picture, scale: { x: 1, y: 1 } };
  const { width, height, data } = picture;
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) };
  const resized = resizeShortSide({ id: 0, width, height, image: data, ...nothing }, resize);
  const { image } = normalise(resized, statistics);
  return { input: { width: resized.width, height: resized.height, data: image as Float32Array }, scale: resized.scale ?? { x: 1, y: 1 } };
}

/** Images that can be read; of the others `onBad` hears. */
export async function loadImages(
  images: readonly ListedImage[],
  { resize, statistics }: { resize?: Resize; statistics?: ColourStatistics },
  onBad: (image: string, reason: string) => void,
): Promise<NetworkImage[]> {
  const loaded: NetworkImage[] = [];
  for (const { file, problem } of images) {
    try {
      if (problem !== undefined) throw new Error(problem);
      loaded.push(fitImage(await readImage(file), resize, statistics).input);
    } catch (error) {
      onBad(file, (error as Error).message);
    }
  }
  return loaded;
}

/** `--short-side` and `--max-side` as one thing. */
export function resizeOf({ shortSide, maxSide }: { shortSide?: number; maxSide?: number }): Resize | undefined {
  if (maxSide !== undefined && (shortSide === undefined || maxSide < shortSide))
    throw new UsageError(`--max-side ${maxSide} bounds what --short-side brings images to: give a --short-side of at most ${maxSide}`);
  return shortSide === undefined ? undefined : { short: shortSide, long: maxSide };
}
