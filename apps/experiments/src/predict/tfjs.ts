// TensorFlow as a predictor: the network of an evaluation during training, for what the compiled runtime does not know.

import { type BlockSamples, countMacs } from '@stint/backbones';
import type { Sampler } from '@stint/core-sampling';
import { type ColourStatistics, collate, normalise } from '@stint/datasets';
import type { Detections } from '@stint/detection-head';
import { startEngine } from '@stint/engine';
import type { Checkpoint } from '@stint/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluateConfig } from '../config/schema.ts';
import { eachMask, masksOf } from '../run/evaluate.ts';
import { createNetwork } from '../run/network.ts';
import type { NetworkImage, PredictedMask, Prediction, Predictor, PredictorOptions } from './predictor.ts';

/** Of an evaluation, a head that detects reads nothing. */
const EVALUATE = {} as EvaluateConfig;

/** @param options with the shift resolved. @throws where the model has no detection head. */
export async function openTfjs(checkpoint: Checkpoint, options: PredictorOptions & { shift: number }): Promise<Predictor> {
  const { description, source } = checkpoint;
  if (description.head?.kind !== 'one-stage' && description.head?.kind !== 'faster-rcnn')
    throw new Error(`${source}: in TensorFlow only detectors can be run, and it has no detection head`);
  const engine = await startEngine({ threads: options.threads, quiet: true });
  const network = createNetwork(description);
  const params = Object.fromEntries(
    network.parameters.map(({ name, shape }) => [name, tf.tensor(checkpoint.tensors.get(name)!.data, shape as number[])]),
  );
  const { sampling } = description.backbone;
  const { sampler: kind, seed, shift, interval, density } = options;
  const dense = !sampling || sampling.integration === 'dense' || kind === 'dense';
  const sampler = {
    kind: (kind ?? 'stochastic') as Sampler['kind'],
    interval: interval ?? sampling?.interval ?? 0,
    density,
    key: [seed],
  } satisfies Sampler;

  function predict(image: NetworkImage): Prediction {
    const batch = collate([asSample(image, description.input)]);
    const [, height, width] = batch.shape;
    const start = performance.now();
    const found = tf.tidy(() => {
      const samples: BlockSamples[] = [];
      const look = (images: tf.Tensor4D) => {
        const seen = network.forward(params, images, { mode: dense ? 'dense' : 'inference', sampler, shift });
        samples.push(...seen.samples);
        return seen.maps;
      };
      const [detections] = network.head.predict(params, batch, look, EVALUATE) as Detections[];
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
      return { detections, masks, ms, macs: countMacs(network.backbone, [height, width], dense ? undefined : densities) } as never;
    });
    return found as Prediction;
  }

  return {
    engine: 'tfjs',
    about: `TensorFlow ${engine.tensorflowVersion}, ${engine.threads} ${engine.threads === 1 ? 'thread' : 'threads'}`,
    description,
    shift,
    predict: async (image) => predict(image),
    close: () => tf.dispose(params),
  };
}

function asSample({ data, height, width }: NetworkImage, statistics: ColourStatistics | undefined) {
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) };
  const sample = { id: 0, image: data, height, width, ...nothing };
  return data instanceof Float32Array ? sample : normalise(sample, statistics);
}
