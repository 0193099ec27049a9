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
  const bins: number[] = [];
  const cells: number[] = [];
  const weights: number[] = [];
  const [rows, columns] = grid.size;
  images.forEach((image, roi) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * roi, 4 * roi + 4);
    const y = axisTaps(roiExtent(y1, y2, grid), rows, height, grid.samplingRatio);
    const x = axisTaps(roiExtent(x1, x2, grid), columns, width, grid.samplingRatio);
    for (let j = 0; j < y.bins.length; j++) {
      const bin = (roi * rows + y.bins[j]) * columns;
      const cell = (image * height + y.cells[j]) * width;
      for (let i = 0; i < x.bins.length; i++) {
        bins.push(bin + x.bins[i]);
        cells.push(cell + x.cells[i]);
        weights.push(y.weights[j] * x.weights[i]);
      }
    }
  });
  return { bins: Int32Array.from(bins), cells: Int32Array.from(cells), weights: Float32Array.from(weights) };
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
  const add = (bin: number, cell: number, weight: number) => {
    if (weight === 0) return;
    taps.bins.push(bin);
    taps.cells.push(cell);
    taps.weights.push(weight / samples);
  };
  for (let bin = 0; bin < bins; bin++) {
    for (let sample = 0; sample < samples; sample++) {
      const position = start + binLength * (bin + (sample + 0.5) / samples);
      // More than one cell outside counts as 0; up to one cell outside the border cell is repeated.
      if (!(position >= -1 && position <= cells)) continue;
      const inside = Math.min(Math.max(position, 0), cells - 1);
      const cell = Math.min(Math.floor(inside), cells - 1);
      add(bin, cell, 1 - (inside - cell));
      add(bin, cell + 1, inside - cell);
    }
  }
  return taps;
}
