// Distillation: the dense pretrained network, frozen, shows what it makes of the same images, and the sampled one is drawn to it.
// Hinton et al., "Distilling the Knowledge in a Neural Network", 2015; features as hints: Romero et al., "FitNets", 2015. The distance is
//   L = mean over the maps of  sum (s - t)^2 / sum t^2,
// relative, so that its weight means the same for every network. Maps: what the head reads (the pyramid), or what it says of every cell or image.
import type { ImageBatch } from '@stint/datasets';
import { loadWeights } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { Category } from '../task/task.ts';
import { createModel, type Model } from './model.ts';

type Kind = NonNullable<RunConfig['loss']['distillation']>['kind'];

export interface Teacher {
  /** The maps of a batch; the caller owns them. Not recorded for gradients. */
  show(batch: ImageBatch): tf.Tensor[];
  dispose(): void;
}

/** The network of `config` without masks, with the weights of the file. */
export function createTeacher(config: RunConfig, categories: readonly Category[], pretrained: string): Teacher {
  const { kind } = config.loss.distillation!;
  const dense = { ...config.model, sampling: { ...config.model.sampling, integration: 'dense' as const } };
  const model = createModel(dense, categories, config.seed);
  loadWeights(pretrained, model.params);
  return {
    show: (batch) =>
      tf.tidy(() => {
        const { maps } = model.network.forward(model.params, tf.tensor4d(batch.images, batch.shape), { mode: 'dense' });
        return taught(kind, model, maps, [batch.shape[1], batch.shape[2]]);
      }),
    dispose: () => model.dispose(),
  };
}

/** What is compared of a model: what its head reads, or the outputs of its head on it. */
export function taught(
  kind: Kind,
  { network, params }: Pick<Model, 'network' | 'params'>,
  maps: tf.Tensor4D[],
  imageSize: readonly [number, number],
): tf.Tensor[] {
  return kind === 'features' ? maps : network.head.outputs(params, maps, imageSize);
}

/** Relative squared distance, mean over the maps. */
export function distance(student: readonly tf.Tensor[], teacher: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const terms = student.map((map, i) => tf.div(tf.sum(tf.squaredDifference(map, teacher[i])), tf.sum(tf.square(teacher[i]))));
    return tf.div(tf.addN(terms), terms.length) as tf.Scalar;
  });
}
