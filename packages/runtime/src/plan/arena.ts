// Where each buffer of a plan lies in one block of memory. A buffer is needed from the first step that writes it to the last that reads
// it; two that are never needed together may share their place.

export interface Lifetime {
  /** Floats. */
  length: number;
  /** Steps, both included. */
  first: number;
  last: number;
}

/** Buffers start at a multiple of a cache line. */
const ALIGNMENT = 16;

/**
 * Places buffers, the largest first, each at the lowest place that is free during its life.
 * @returns an offset for each, and the floats needed in all.
 */
export function placeBuffers(buffers: readonly Lifetime[]): { offsets: number[]; floats: number } {
  const offsets: number[] = new Array(buffers.length).fill(0);
  const placed: number[] = [];
  const order = buffers.map((_, i) => i).sort((a, b) => buffers[b].length - buffers[a].length || a - b);
  let floats = 0;
  for (const i of order) {
    const { first, last, length } = buffers[i];
    const neighbours = placed
      .filter((j) => buffers[j].first <= last && buffers[j].last >= first)
      .sort((a, b) => offsets[a] - offsets[b] || a - b);
    let at = 0;
    for (const j of neighbours) {
      if (offsets[j] - at >= length) break;
      at = Math.max(at, aligned(offsets[j] + buffers[j].length));
    }
    offsets[i] = at;
    floats = Math.max(floats, aligned(at + length));
    placed.push(i);
  }
  return { offsets, floats };
}

const aligned = (floats: number) => Math.ceil(floats / ALIGNMENT) * ALIGNMENT;
