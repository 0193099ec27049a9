// Geometry of boxes on typed arrays: `x1, y1, x2, y2` one after another, pixels, no +1 (torchvision.ops.boxes).
// Plain TypeScript: the numbers are few, and targets must not enter the gradient tape.

/** Number of boxes in a flat list. Throws if its length is no multiple of 4. */
export function boxCount(boxes: ArrayLike<number>): number {
  if (boxes.length % 4 !== 0) throw new Error(`boxCount: ${boxes.length} numbers are no list of boxes; give x1, y1, x2, y2 for each box`);
  return boxes.length / 4;
}

/** Areas of n boxes, [n]. */
export function boxAreas(boxes: Float32Array): Float32Array {
  const areas = new Float32Array(boxCount(boxes));
  for (let i = 0, b = 0; i < areas.length; i++, b += 4) areas[i] = (boxes[b + 2] - boxes[b]) * (boxes[b + 3] - boxes[b + 1]);
  return areas;
}

/** Area of the intersection of box `i` of `a` and box `j` of `b`; 0 when they do not meet. */
export function intersection(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const p = 4 * i;
  const q = 4 * j;
  // Comparisons, not Math.min and Math.max: this is the innermost loop of NMS and of matching.
  let left = a[p];
  let right = a[p + 2];
  if (b[q] > left) left = b[q];
  if (b[q + 2] < right) right = b[q + 2];
  if (!(right > left)) return 0;
  let top = a[p + 1];
  let bottom = a[p + 3];
  if (b[q + 1] > top) top = b[q + 1];
  if (b[q + 3] < bottom) bottom = b[q + 3];
  return bottom > top ? (right - left) * (bottom - top) : 0;
}

/** Intersection over union, [n, m] row-major for n boxes `a` and m boxes `b`. Two empty boxes give 0, not NaN. */
export function boxIou(a: Float32Array, b: Float32Array): Float32Array {
  const areasA = boxAreas(a);
  const areasB = boxAreas(b);
  const iou = new Float32Array(areasA.length * areasB.length);
  for (let i = 0, at = 0; i < areasA.length; i++) {
    for (let j = 0; j < areasB.length; j++, at++) {
      const overlap = intersection(a, i, b, j);
      if (overlap > 0) iou[at] = overlap / (areasA[i] + areasB[j] - overlap);
    }
  }
  return iou;
}

/** For each of n boxes the largest share of its own area that one of `regions` covers, [n] in 0..1. */
export function boxCoverage(boxes: Float32Array, regions: Float32Array): Float32Array {
  const areas = boxAreas(boxes);
  const count = boxCount(regions);
  return areas.map((area, i) => {
    let most = 0;
    for (let j = 0; j < count; j++) most = Math.max(most, intersection(boxes, i, regions, j));
    return most > 0 ? most / area : 0;
  });
}

/** Boxes clipped to the image `[0, width] x [0, height]`. */
export function clipBoxes(boxes: Float32Array, height: number, width: number): Float32Array {
  return boxes.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height));
}

/** Indices of the boxes with both sides >= `minSize`, ascending. */
export function largeBoxes(boxes: Float32Array, minSize: number): Int32Array {
  const keep: number[] = [];
  for (let i = 0, b = 0; b < boxes.length; i++, b += 4) {
    if (boxes[b + 2] - boxes[b] >= minSize && boxes[b + 3] - boxes[b + 1] >= minSize) keep.push(i);
  }
  return Int32Array.from(keep);
}

/** Boxes at the given indices, in that order. */
export function takeBoxes(boxes: Float32Array, indices: ArrayLike<number>): Float32Array {
  const taken = new Float32Array(4 * indices.length);
  for (let i = 0; i < indices.length; i++) taken.set(boxes.subarray(4 * indices[i], 4 * indices[i] + 4), 4 * i);
  return taken;
}

/** Several lists one after another. */
export function concatenate(lists: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(lists.reduce((length, list) => length + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}
