// The end of torchvision's classifiers: mean over all positions, then the linear layer `fc` (He et al. 2016, table 1).
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy.ts';
import type { Classification, ClassificationConfig, ClassificationHead, ParameterSpec, Params } from './types.ts';

/** Throws on settings that cannot work, naming them. */
export function classificationHead(config: ClassificationConfig): ClassificationHead {
  const { channels, classes, labelSmoothing = 0 } = config;
  for (const [name, value] of Object.entries({ channels, classes })) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`classificationHead: ${name} ${value}; give a whole number, at least 1`);
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new Error(`classificationHead: labelSmoothing ${labelSmoothing}; give a share, 0 <= share < 1`);
  const parameters: ParameterSpec[] = [
    { name: 'fc.weight', shape: [channels, classes], role: 'weight', trainable: true },
    { name: 'fc.bias', shape: [classes], role: 'bias', trainable: true },
  ];
  const forward: ClassificationHead['forward'] = (params, features) => {
    const last = features.at(-1);
    if (last?.shape[3] !== channels)
      throw new Error(`classificationHead: features [${last?.shape ?? 'none'}] do not have the ${channels} channels of the configuration`);
    const missing = parameters.find(({ name }) => !params[name]);
    if (missing) throw new Error(`classificationHead: parameter '${missing.name}' is missing; initialise() makes a full set`);
    return tf.tidy(() => tf.add(tf.matMul(tf.mean(last, [1, 2]) as tf.Tensor2D, params['fc.weight'] as tf.Tensor2D), params['fc.bias']));
  };
  return {
    parameters,
    initialise: (seed) => initialise(parameters, channels, seed),
    forward,
    losses: (params, features, { labels }) =>
      tf.tidy(() => ({ cls_loss: crossEntropy(forward(params, features), labels, labelSmoothing) })),
    predict(params, features) {
      const scores = tf.tidy(() => tf.softmax(forward(params, features)));
      const values = scores.dataSync() as Float32Array;
      scores.dispose();
      return Array.from({ length: values.length / classes }, (_, image) => ranked(values.slice(image * classes, (image + 1) * classes)));
    },
  };
}

/** As torch starts a linear layer: weight and bias uniform within 1 / sqrt(inputs). */
function initialise(specs: readonly ParameterSpec[], inputs: number, seed: number): Params {
  const bound = 1 / Math.sqrt(inputs);
  return Object.fromEntries(
    specs.map(({ name, shape }, index) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        tf.tensor(
          uniformValues(count, [seed, index]).map((u) => (2 * u - 1) * bound),
          shape,
        ),
      ];
    }),
  );
}

function ranked(scores: Float32Array): Classification {
  const ranking = Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  return { scores, ranking };
}
