// What the transforms work on: a sample on its way from the stored image to the network. Transforms never write into their input.
import type { DetectionSample } from '../types.ts';

export interface ImageSample extends Omit<DetectionSample, 'image'> {
  /** [height, width, 3]. 8-bit as stored, or float32 after a resize (0..255) or normalisation. */
  image: Uint8Array | Float32Array;
  /** Pixels per pixel of the stored image, default 1: divide detected boxes by it to score them. */
  scale?: { x: number; y: number };
}
