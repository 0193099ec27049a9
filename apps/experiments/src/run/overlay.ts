// What the report draws of a run: the masks of a few fixed validation images, as plain data (masks.json + raw pixels).
import path from 'node:path';
import { denormalise, type ImageBatch } from '@stint/datasets';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from '../task/task.ts';
import { masksOf, samplerOf } from './evaluate.ts';
import { writeFileAtomic } from './files.ts';
import type { Model } from './model.ts';

const IMAGES = 4;

/** masks.json: sampled cells of each block as strings of 0 and 1, row-major. */
export interface Overlay {
  /** The network, for its cost: a pruned one is not that of its configuration. */
  backbone?: Model['description']['backbone'];
  images: { id: number; width: number; height: number; rgb: string; masks: OverlayMask[] }[];
}

export interface OverlayMask {
  block: string;
  mask: 1 | 2 | 3;
  height: number;
  width: number;
  stride: number;
  bits: string;
}

/** Writes `FOLDER/masks.json` with the first validation images and the masks drawn on them; nothing for a dense model. */
export async function saveOverlay(folder: string, model: Model, config: RunConfig, data: RunData): Promise<void> {
  if (config.model.sampling.integration === 'dense' || config.evaluate.sampler === 'dense') return;
  const images: Overlay['images'] = [];
  for await (const batch of data.valBatches(IMAGES, config.evaluate.scale)) {
    const [n, height, width] = batch.shape;
    tf.tidy(() => {
      const { samples } = model.network.forward(model.params, tf.tensor4d(batch.images, batch.shape), {
        mode: 'inference',
        sampler: samplerOf(config.evaluate, config.model.sampling, [config.seed, 1_000_000, batch.ids[0]]),
        shift: config.evaluate.shift,
      });
      const wanted = Math.min(n, IMAGES - images.length);
      for (let i = 0; i < wanted; i++) {
        const rgb = toRgb(batch, i);
        images.push({
          id: batch.ids[i],
          width,
          height,
          rgb: Buffer.from(rgb).toString('base64'),
          masks: samples.flatMap((block) =>
            Object.values(masksOf(block)).map((mask: tf.Tensor4D, k) => {
              const [, h, w] = mask.shape;
              const values = tf.slice(mask, [i, 0, 0, 0], [1, h, w, 1]).dataSync();
              return {
                block: block.name,
                mask: (k + 1) as OverlayMask['mask'],
                height: h,
                width: w,
                stride: height / h,
                bits: Array.from(values, (v) => (v > 0 ? '1' : '0')).join(''),
              };
            }),
          ),
        });
      }
    });
    if (images.length >= IMAGES) break;
  }
  writeFileAtomic(path.join(folder, 'masks.json'), JSON.stringify({ backbone: model.description.backbone, images } satisfies Overlay));
}

/** Image `index` of a batch as RGB bytes of the padded size. */
function toRgb({ images, shape: [, height, width] }: ImageBatch, index: number): Uint8Array {
  const size = height * width * 3;
  return denormalise(images.subarray(index * size, (index + 1) * size));
}
