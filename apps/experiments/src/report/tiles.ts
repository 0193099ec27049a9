// Tiles of the report's pictures: how many images an arm gets, and small images made larger.
import { enlarge, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';

/** Width up to which tiles are enlarged. */
const WIDTH = 240;

/** Many arms show one image each: a picture of all would not be looked at. */
export const imagesAnArm = ({ arms }: Experiment): number => (arms.length > 2 ? 1 : 3);

/** All tiles enlarged by one whole factor, so that images keep their sizes relative to each other. */
export function enlargeAlike<T extends RgbImage | undefined>(rows: readonly T[][]): T[][] {
  const widest = Math.max(1, ...rows.flat().map((tile) => tile?.width ?? 0));
  const factor = Math.max(1, Math.floor(WIDTH / widest));
  return rows.map((row) => row.map((tile) => (tile ? enlarge(tile, factor) : tile) as T));
}
