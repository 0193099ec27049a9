// Values of pixels: to what the network expects and back, and brighter or darker.
import type { ImageSample } from './sample.ts';

const { min } = Math; // see resample.ts

/** Mean and standard deviation a channel (RGB) of images scaled to 0..1. */
export interface ColourStatistics {
  mean: readonly number[];
  std: readonly number[];
}

/** What torchvision's pretrained networks were trained with. */
export const IMAGENET_STATISTICS: ColourStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** (value / 255 - mean) / std, in float32. Expects values 0..255, so it comes after resizing and brightness, and once. */
export function normalise(sample: ImageSample, statistics: ColourStatistics = IMAGENET_STATISTICS): ImageSample {
  const { factor, offset } = affine(statistics);
  const { image } = sample;
  const result = new Float32Array(image.length);
  for (let i = 0; i < image.length; i += 3) {
    result[i] = image[i] * factor[0] + offset[0];
    result[i + 1] = image[i + 1] * factor[1] + offset[1];
    result[i + 2] = image[i + 2] * factor[2] + offset[2];
  }
  return { ...sample, image: result };
}

/** Normalised pixels [..., 3] as 8-bit RGB again, for pictures. Padding (zero) becomes the mean colour. */
export function denormalise(values: Float32Array, statistics: ColourStatistics = IMAGENET_STATISTICS): Uint8Array {
  const { factor, offset } = affine(statistics);
  const result = new Uint8ClampedArray(values.length); // rounds and clips
  for (let i = 0; i < values.length; i++) result[i] = (values[i] - offset[i % 3]) / factor[i % 3];
  return new Uint8Array(result.buffer);
}

/** Multiplies pixels of range 0..255 by a factor and clips at white; an 8-bit image stays 8-bit. */
export function adjustBrightness(sample: ImageSample, factor: number): ImageSample {
  if (!(factor >= 0 && factor < Number.POSITIVE_INFINITY)) throw new Error(`adjustBrightness: factor ${factor} must be finite and >= 0`);
  const source = sample.image;
  const image = source instanceof Float32Array ? new Float32Array(source.length) : new Uint8ClampedArray(source.length);
  for (let i = 0; i < source.length; i++) {
    image[i] = min(255, source[i] * factor);
  }
  return { ...sample, image: image instanceof Float32Array ? image : new Uint8Array(image.buffer) };
}

function affine({ mean, std }: ColourStatistics): { factor: number[]; offset: number[] } {
  if (mean.length !== 3 || std.length !== 3 || !std.every((value) => value > 0)) {
    throw new Error(`normalise: mean [${mean}] and std [${std}] must be three numbers each, std > 0`);
  }
  return { factor: std.map((value) => 1 / (255 * value)), offset: mean.map((value, c) => -value / std[c]) };
}
