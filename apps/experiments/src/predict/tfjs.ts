// TensorFlow as a predictor: the network of an evaluation during training, for what the compiled runtime does not know.

import { type BlockSamples, countMacs, isSampled } from '@stint/backbones';
import type { Sampler } from '@stint/core-sampling';
import { type ColourStatistics, collate, noObjects, normalise } from '@stint/datasets';
import type { Detections } from '@stint/detection-head';
import { startEngine } from '@stint/engine';
import type { Checkpoint, LabelImage } from '@stint/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluateConfig } from '../config/schema.ts';
import { eachMask, masksOf } from '../run/evaluate.ts';
import { createNetwork } from '../run/network.ts';
import type { TaskKind } from '../task/kinds.ts';
import type { SegmentationBatch } from '../task/segmentation/data.ts';
import type { NetworkImage, PredictedMask, Prediction, Predictor, ResolvedOptions } from './predictor.ts';

/** Of an evaluation, heads that see images whole read nothing. */
const EVALUATE = {} as EvaluateConfig;

export async function openTfjs(checkpoint: Checkpoint, options: ResolvedOptions): Promise<Predictor> {
  const { description } = checkpoint;
  const engine = await startEngine({ threads: options.threads, quiet: true });
  const network = createNetwork(description);
  const params = Object.fromEntries(
    network.parameters.map(({ name, shape }) => [name, tf.tensor(checkpoint.tensors.get(name)!.data, shape as number[])]),
  );
  const { sampling } = description.backbone;
  const { task, sampler: kind, seed, shift, interval, density } = options;
  const dense = !isSampled(sampling) || kind === 'dense';
  const sampler = {
    kind: (kind ?? 'stochastic') as Sampler['kind'],
    interval: interval ?? sampling?.interval ?? 0,
    density,
    key: [seed],
  } satisfies Sampler;

  function predict(image: NetworkImage, [labelHeight, labelWidth]: readonly [number, number]): Prediction {
    const batch = {
      ...collate([asSample(image, description.input)]),
      // Segmentation gives labels in the size of the true ones; there are none, and only their size is read.
      truth: [{ name: '', label: { height: labelHeight, width: labelWidth, data: new Uint8Array(0) } }],
    } satisfies SegmentationBatch;
    const [, height, width] = batch.shape;
    const start = performance.now();
    const found = tf.tidy(() => {
      const samples: BlockSamples[] = [];
      const look = (images: tf.Tensor4D) => {
        const seen = network.forward(params, images, { mode: dense ? 'dense' : 'inference', sampler, shift });
        samples.push(...seen.samples);
        return seen.maps;
      };
      const [found] = network.head.predict(params, batch, look, EVALUATE);
      const ms = performance.now() - start;
      const masks = samples.flatMap((block) =>
        Object.values(masksOf(block)).map((mask: tf.Tensor4D, k): PredictedMask => {
          const [, h, w] = mask.shape;
          return { block: block.name, mask: (k + 1) as 1 | 2 | 3, height: h, width: w, stride: height / h, values: mask.dataSync() };
        }),
      );
      const densities = Object.fromEntries(
        samples.map((block) => [block.name, eachMask(masksOf(block), (mask) => tf.mean(mask).dataSync()[0])]),
      );
      // Plain values: nothing for tidy to free.
      const macs = countMacs(network.backbone, [height, width], dense ? undefined : densities);
      return { ...inPrediction(task, found), masks, ms, macs } as never;
    });
    return found as Prediction;
  }

  return {
    engine: 'tfjs',
    about: `TensorFlow ${engine.tensorflowVersion}, ${engine.threads} ${engine.threads === 1 ? 'thread' : 'threads'}`,
    description,
    shift,
    task,
    predict: async (image, labelSize) => predict(image, labelSize),
    close: () => tf.dispose(params),
  };
}

/** What a task finds in an image, where a prediction has it. */
function inPrediction(task: TaskKind, found: unknown): Pick<Prediction, 'detections' | 'labels' | 'logits'> {
  if (task === 'detection') return { detections: found as Detections };
  if (task === 'segmentation') return { labels: found as LabelImage };
  // Probabilities: their logarithms are logits.
  return { logits: (found as Float32Array).map(Math.log) };
}

function asSample({ data, height, width }: NetworkImage, statistics: ColourStatistics | undefined) {
  const sample = { id: 0, image: data, height, width, ...noObjects() };
  return data instanceof Float32Array ? sample : normalise(sample, statistics);
}
