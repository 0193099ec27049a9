// Which cell learns which box (Tian et al. 2019, FCOS, sec. 3.1 and 3.2, with the centre sampling of its journal version).
// A cell is its centre, ((x + .5) stride, (y + .5) stride). It may learn a box if it lies inside it, nearer to its centre than
// `centreRadius` strides in x and in y, and if its largest distance to a side is in the size range of its level. Of several
// boxes the smallest wins (equal areas: the first). Boxes without such a cell, thinner than a stride, are not learnt.
import type { DetectionTargets } from '../types.ts';

export interface Level {
  stride: number;
  height: number;
  width: number;
}

export interface AssignOptions {
  centreRadius: number;
  /** `[from, to)` in pixels, a level. */
  sizeRanges: readonly (readonly [number, number])[];
}

/** Rows count cells level by level, in a level image by image, in an image row by row. */
export interface Assignment {
  /** Number of rows. */
  rows: number;
  /** Rows that learn a box, ascending. */
  positives: Int32Array;
  /** Class of each positive. */
  labels: Int32Array;
  /** Left, top, right, bottom of each positive, in strides. */
  distances: Float32Array;
  /** Rows inside an ignored region that learn no box: they are not background either. */
  ignored: Int32Array;
}

const BACKGROUND = -1;
const IGNORED = -2;

export function assignTargets(levels: readonly Level[], targets: DetectionTargets, options: AssignOptions): Assignment {
  const images = targets.boxes.length;
  const rows = levels.reduce((sum, { height, width }) => sum + images * height * width, 0);
  /** Index of the box within its image, or BACKGROUND or IGNORED. */
  const owner = new Int32Array(rows).fill(BACKGROUND);
  let count = 0;
  eachImage(levels, images, (level, index, image, offset) => {
    const boxes = targets.boxes[image];
    for (const box of fallingArea(boxes)) count += claim(level, index, boxes, box, options, owner, offset);
    if (targets.ignore) ignoreInside(level, targets.ignore[image], owner, offset);
  });

  const assignment: Assignment = {
    rows,
    positives: new Int32Array(count),
    labels: new Int32Array(count),
    distances: new Float32Array(4 * count),
    ignored: owner.includes(IGNORED)
      ? new Int32Array(rows).map((_, row) => row).filter((row) => owner[row] === IGNORED)
      : new Int32Array(0),
  };
  let at = 0;
  eachImage(levels, images, ({ stride, height, width }, _, image, offset) => {
    const boxes = targets.boxes[image];
    if (boxes.length === 0) return;
    for (let row = offset; row < offset + height * width; row++) {
      const box = owner[row];
      if (box < 0) continue;
      const x = ((row - offset) % width) + 0.5;
      const y = Math.floor((row - offset) / width) + 0.5;
      assignment.positives[at] = row;
      assignment.labels[at] = targets.labels[image][box];
      assignment.distances[4 * at] = x - boxes[4 * box] / stride;
      assignment.distances[4 * at + 1] = y - boxes[4 * box + 1] / stride;
      assignment.distances[4 * at + 2] = boxes[4 * box + 2] / stride - x;
      assignment.distances[4 * at + 3] = boxes[4 * box + 3] / stride - y;
      at++;
    }
  });
  return assignment;
}

function eachImage(
  levels: readonly Level[],
  images: number,
  visit: (level: Level, index: number, image: number, offset: number) => void,
): void {
  let offset = 0;
  levels.forEach((level, index) => {
    for (let image = 0; image < images; image++, offset += level.height * level.width) visit(level, index, image, offset);
  });
}

/** Largest first, so that smaller boxes overwrite; of equal areas the first comes last. */
function fallingArea(boxes: Float32Array): number[] {
  const area = (i: number) => (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
  return Array.from({ length: boxes.length / 4 }, (_, i) => i).sort((a, b) => area(b) - area(a) || b - a);
}

/** Gives `box` the cells it may have, visiting only those near its centre. Returns how many were nobody's before. */
function claim(
  { stride, height, width }: Level,
  index: number,
  boxes: Float32Array,
  box: number,
  { centreRadius, sizeRanges }: AssignOptions,
  owner: Int32Array,
  offset: number,
): number {
  const [x1, y1, x2, y2] = boxes.subarray(4 * box, 4 * box + 4);
  const [from, to] = sizeRanges[index];
  const radius = centreRadius * stride;
  const left = Math.max(x1, (x1 + x2) / 2 - radius);
  const right = Math.min(x2, (x1 + x2) / 2 + radius);
  const top = Math.max(y1, (y1 + y2) / 2 - radius);
  const bottom = Math.min(y2, (y1 + y2) / 2 + radius);
  let fresh = 0;
  for (let y = Math.max(0, Math.floor(top / stride - 0.5)); y < height; y++) {
    const cy = (y + 0.5) * stride;
    if (cy >= bottom) break;
    if (cy <= top) continue;
    for (let x = Math.max(0, Math.floor(left / stride - 0.5)); x < width; x++) {
      const cx = (x + 0.5) * stride;
      if (cx >= right) break;
      if (cx <= left) continue;
      const reach = Math.max(cx - x1, cy - y1, x2 - cx, y2 - cy);
      if (reach < from || reach >= to) continue;
      const row = offset + y * width + x;
      if (owner[row] === BACKGROUND) fresh++;
      owner[row] = box;
    }
  }
  return fresh;
}

function ignoreInside({ stride, height, width }: Level, regions: Float32Array, owner: Int32Array, offset: number): void {
  for (let r = 0; r < regions.length; r += 4) {
    for (let y = 0; y < height; y++) {
      const cy = (y + 0.5) * stride;
      if (cy < regions[r + 1] || cy > regions[r + 3]) continue;
      for (let x = 0; x < width; x++) {
        const cx = (x + 0.5) * stride;
        if (cx < regions[r] || cx > regions[r + 2]) continue;
        if (owner[offset + y * width + x] === BACKGROUND) owner[offset + y * width + x] = IGNORED;
      }
    }
  }
}
