// RoIAlign as a sparse matrix: which feature cells make up each output bin, and how much each weighs (He et al. 2017, sec. 3;
// rules of torchvision.ops.roi_align). The sampling grid of a RoI is separable, so each axis is worked out once.

/** Boxes to pool, in input pixels, and the image of the batch that each lies in. */
export interface Rois {
  boxes: Float32Array;
  images: Int32Array;
}

export interface RoiGrid {
  /** Bins `[height, width]` that each RoI is divided into. */
  size: readonly [height: number, width: number];
  /** Feature cells a pixel, e.g. 1/4 at stride 4. */
  scale: number;
  /** Samples along each axis of a bin; 0 = as many as the bin has cells, rounded up. */
  samplingRatio: number;
  /** True shifts by half a cell, so that pixel centres meet cell centres; false is the older rule and lets no RoI be under one cell. */
  aligned: boolean;
}

/** A sparse matrix as triples: `weights[t]` stands in row `bins[t]` (of RoI x bin) and column `cells[t]` (of image x row x column). */
export interface Taps {
  bins: Int32Array;
  cells: Int32Array;
  weights: Float32Array;
}

/** Start and length of a RoI along one axis, in cells. */
export function roiExtent(low: number, high: number, { scale, aligned }: RoiGrid): { start: number; length: number } {
  const start = low * scale - (aligned ? 0.5 : 0);
  const length = (high - low) * scale;
  return { start, length: aligned ? length : Math.max(length, 1) };
}

/** The taps of every RoI on maps of `height` x `width` cells. */
export function roiTaps({ boxes, images }: Rois, [height, width]: readonly [number, number], grid: RoiGrid): Taps {
  const [rows, columns] = grid.size;
  const axes = Array.from(images, (_, roi) => {
    const b = 4 * roi;
    const y = axisTaps(roiExtent(boxes[b + 1], boxes[b + 3], grid), rows, height, grid.samplingRatio);
    const x = axisTaps(roiExtent(boxes[b], boxes[b + 2], grid), columns, width, grid.samplingRatio);
    return { y, x };
  });
  const count = axes.reduce((sum, { y, x }) => sum + y.bins.length * x.bins.length, 0);
  const taps: Taps = { bins: new Int32Array(count), cells: new Int32Array(count), weights: new Float32Array(count) };
  let at = 0;
  axes.forEach(({ y, x }, roi) => {
    for (let j = 0; j < y.bins.length; j++) {
      const bin = (roi * rows + y.bins[j]) * columns;
      const cell = (images[roi] * height + y.cells[j]) * width;
      for (let i = 0; i < x.bins.length; i++, at++) {
        taps.bins[at] = bin + x.bins[i];
        taps.cells[at] = cell + x.cells[i];
        taps.weights[at] = y.weights[j] * x.weights[i];
      }
    }
  });
  return taps;
}

interface AxisTaps {
  bins: number[];
  cells: number[];
  weights: number[];
}

/** Linear interpolation along one axis: two neighbours a sample, the mean over the samples of a bin. */
function axisTaps({ start, length }: { start: number; length: number }, bins: number, cells: number, samplingRatio: number): AxisTaps {
  const taps: AxisTaps = { bins: [], cells: [], weights: [] };
  const binLength = length / bins;
  const samples = samplingRatio > 0 ? samplingRatio : Math.ceil(binLength);
  for (let bin = 0; bin < bins; bin++) {
    const first = taps.cells.length;
    for (let sample = 0; sample < samples; sample++) {
      const position = start + binLength * (bin + (sample + 0.5) / samples);
      // More than one cell outside counts as 0; up to one cell outside the border cell is repeated.
      if (!(position >= -1 && position <= cells)) continue;
      const inside = Math.min(Math.max(position, 0), cells - 1);
      const cell = Math.floor(inside);
      addTap(taps, first, bin, cell, (1 - (inside - cell)) / samples);
      addTap(taps, first, bin, cell + 1, (inside - cell) / samples);
    }
  }
  return taps;
}

/** Neighbouring samples share cells, which are then one tap. Positions rise, so an equal cell can only be among the last two. */
function addTap(taps: AxisTaps, first: number, bin: number, cell: number, weight: number): void {
  if (weight === 0) return;
  const last = taps.cells.length - 1;
  for (let t = last; t >= first && t > last - 2; t--) {
    if (taps.cells[t] === cell) {
      taps.weights[t] += weight;
      return;
    }
  }
  taps.bins.push(bin);
  taps.cells.push(cell);
  taps.weights.push(weight);
}
