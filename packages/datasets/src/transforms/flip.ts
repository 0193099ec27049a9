// Mirrors a sample left to right: pixels, labels and boxes.
import type { ImageSample } from './sample.ts';

/** The mirror image. Twice is the identity. */
export function flipHorizontal(sample: ImageSample): ImageSample {
  const { width, height, image, boxes, segmentation } = sample;
  const flipped = boxes.slice();
  for (let i = 0; i < boxes.length; i += 4) {
    flipped[i] = width - boxes[i + 2];
    flipped[i + 2] = width - boxes[i];
  }
  return {
    ...sample,
    image: mirror(image, height, width, 3),
    boxes: flipped,
    ...(segmentation && { segmentation: mirror(segmentation, height, width, 1) }),
  };
}

function mirror<T extends Uint8Array | Float32Array>(data: T, height: number, width: number, channels: number): T {
  const result = data.slice() as T;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * channels;
      for (let c = 0, to = (y * width + x) * channels; c < channels; c++) result[to + c] = data[from + c];
    }
  }
  return result;
}
