// Anchors: reference boxes of a few sizes and aspect ratios at every cell of every pyramid level (Ren et al. 2015, sec. 3.1.1).
// Order and rounding are torchvision's AnchorGenerator: levels one after another; inside a level row, column, ratio, size;
// the base anchors are rounded half to even.
import type { ImageSize } from '../types.ts';

/** Base anchors of one level around (0, 0), [ratios x sizes] boxes; a ratio is height / width. */
export function baseAnchors(sizes: readonly number[], ratios: readonly number[]): Float32Array {
  const boxes: number[] = [];
  for (const ratio of ratios) {
    // Float32 steps as in the reference, so that values near one half round the same way.
    const tall = Math.fround(Math.sqrt(ratio));
    const wide = Math.fround(1 / tall);
    for (const size of sizes) {
      const x = roundHalfEven(Math.fround(wide * size) / 2);
      const y = roundHalfEven(Math.fround(tall * size) / 2);
      boxes.push(-x, -y, x, y);
    }
  }
  return Float32Array.from(boxes);
}

/** Anchors of one level of `height` x `width` cells, [height x width x base] boxes. */
export function levelAnchors(base: Float32Array, [height, width]: ImageSize, [strideY, strideX]: ImageSize): Float32Array {
  const anchors = new Float32Array(height * width * base.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let b = 0; b < base.length; b += 2) {
        anchors[at++] = base[b] + x * strideX;
        anchors[at++] = base[b + 1] + y * strideY;
      }
    }
  }
  return anchors;
}

/**
 * Anchors of every level, in input pixels.
 * @param sizes sizes in pixels, a list a level
 * @param ratios height / width, shared by the levels
 * @param featureSizes `[height, width]` of each level
 * @param imageSize of the padded input; a level's stride is the whole number of pixels a cell, as torchvision counts it
 */
export function anchorPyramid(
  sizes: readonly (readonly number[])[],
  ratios: readonly number[],
  featureSizes: readonly ImageSize[],
  imageSize: ImageSize,
): Float32Array[] {
  if (sizes.length !== featureSizes.length)
    throw new Error(
      `anchorPyramid: sizes for ${sizes.length} levels do not match a pyramid of ${featureSizes.length}; give a list a level`,
    );
  return featureSizes.map((size, level) => {
    const stride = [Math.floor(imageSize[0] / size[0]), Math.floor(imageSize[1] / size[1])] as const;
    return levelAnchors(baseAnchors(sizes[level], ratios), size, stride);
  });
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
