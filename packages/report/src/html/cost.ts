// MACs per image pixel: where a network spends its multiply-accumulates. A sampled cell costs what its convolutions cost there, a
// cell that is filled in what the interpolation costs, and some layers cost the same everywhere. The sum over the pixels is the
// network's MACs, by construction of the parts (apps/experiments: report/cost.ts).

/** One step of the network, the stem or a block. All costs in MACs per image pixel. */
export interface CostStage {
  name: string;
  /** Spent at every pixel. */
  uniform: number;
  /** `mask`: place in the image's list of masks. */
  parts: { mask: number; sampled: number; filled: number }[];
}

/** Cells row-major, 1 where sampled. */
export interface MaskCells {
  height: number;
  width: number;
  cells: Uint8Array;
}

export interface CostMap {
  height: number;
  width: number;
  /** MACs per image pixel, row-major. */
  values: Float32Array;
}

/** The costs of the first `count` stages added up, at the resolution of the finest mask. */
export function costMap(stages: readonly CostStage[], masks: readonly MaskCells[], count = stages.length): CostMap {
  const height = Math.max(1, ...masks.map((mask) => mask.height));
  const width = Math.max(1, ...masks.map((mask) => mask.width));
  const values = new Float32Array(height * width);
  for (const { uniform, parts } of stages.slice(0, count)) {
    for (let i = 0; i < values.length; i++) values[i] += uniform;
    for (const { mask, sampled, filled } of parts) addPart(values, height, width, masks[mask], sampled, filled);
  }
  return { height, width, values };
}

function addPart(values: Float32Array, height: number, width: number, mask: MaskCells, sampled: number, filled: number): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++) {
      values[y * width + x] += mask.cells[row + Math.floor(((x + 0.5) * mask.width) / width)] ? sampled : filled;
    }
  }
}

/** Cells as base64, eight a byte. */
export function packCells(cells: ArrayLike<number | string>): string {
  const bytes = new Uint8Array(Math.ceil(cells.length / 8));
  for (let i = 0; i < cells.length; i++) if (Number(cells[i]) > 0) bytes[i >> 3] |= 128 >> (i & 7);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

export function unpackCells(packed: string, count: number): Uint8Array {
  const bytes = atob(packed);
  return Uint8Array.from({ length: count }, (_, i) => (bytes.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1);
}
