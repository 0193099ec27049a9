// Tiles of the report's pictures: what an arm left to show, how many images it gets, and small images made larger.
import fs from 'node:fs';
import path from 'node:path';
import { enlarge, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';

/** Width up to which tiles are enlarged. */
const WIDTH = 240;

/** Many arms show one image each: a picture of all would not be looked at. */
export const imagesAnArm = ({ arms }: Experiment): number => (arms.length > 2 ? 1 : 3);

/** Path of the `file` that the sparsest run of an arm (first seed, last sweep value) left in its folder; undefined when none did. */
export function lastShown({ runs, seeds }: Experiment, arm: string, folder: string, file: string): string | undefined {
  const own = runs.filter((run) => run.arm === arm && run.seed === seeds[0]).map(({ name }) => path.join(folder, name, file));
  return own.findLast((each) => fs.existsSync(each));
}

/** All tiles enlarged by one whole factor, so that images keep their sizes relative to each other. */
export function enlargeAlike<T extends RgbImage | undefined>(rows: readonly T[][]): T[][] {
  const widest = Math.max(1, ...rows.flat().map((tile) => tile?.width ?? 0));
  const factor = Math.max(1, Math.floor(WIDTH / widest));
  return rows.map((row) => row.map((tile) => (tile ? enlarge(tile, factor) : tile) as T));
}
