// New running statistics for a pruned network's batch norms: what a layer gives has changed with the channels it reads, and fine-tuning keeps the
// statistics frozen. Li et al., "EagleEye", 2020 (adaptive batch normalisation): forward passes over training images, no weight is touched.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from '../task/task.ts';
import type { Model } from './model.ts';

/** Mean statistics over `batches` training batches, every position computed; a pure function of model, data and seed. */
export async function recalibrate(
  { network, params, buffers }: Model,
  data: RunData,
  { train, seed }: RunConfig,
  batches: number,
): Promise<void> {
  for (let i = 0; i < batches; i++) {
    // Batches that training does not begin with.
    const step = Math.floor(uniformValues(1, [seed, i, 11])[0] * 1e6);
    const batch = await data.trainBatch(step, train.batchSize, seed);
    tf.tidy(() => {
      network.forward(params, tf.tensor4d(batch.images, batch.shape), {
        mode: 'dense',
        batchNorm: {
          mode: 'train',
          // The running value is the mean of all batches so far.
          momentum: 1 / (i + 1),
          update(name, value) {
            buffers[network.bodyPrefix + name].assign(value);
            value.dispose();
          },
        },
      });
    });
  }
}
