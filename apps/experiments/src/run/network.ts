// A network is a backbone, a feature pyramid where the task reads one, and the task's head, over ONE named parameter map. Names follow
// torchvision's models: `backbone.body.*`, `backbone.fpn.*` and the head's own; without a pyramid those of a plain ResNet (`conv1.weight`, `fc.weight`).
import { type Backbone, type BlockSamples, type ForwardContext, fpn, type ParameterSpec, type Params, resnet } from '@stint/backbones';
import { BODY, type ModelDescription, PYRAMID } from '@stint/runtime';
import type * as tf from '@tensorflow/tfjs-core';
import type { HeadConfig, ModelConfig } from '../config/schema.ts';
import { taskOf, taskOfDescription } from '../task/index.ts';
import type { Category, TaskHead } from '../task/task.ts';

export interface Network {
  backbone: Backbone;
  head: TaskHead;
  parameters: ParameterSpec[];
  /** Before the names of the backbone's own parameters. */
  bodyPrefix: string;
  initialise(seed: number): Params;
  /** Images [N,H,W,3], normalised -> what the head reads (pyramid, or the backbone's features), finest first, and the masks of each sampled block. */
  forward(params: Params, images: tf.Tensor4D, context: ForwardContext): { maps: tf.Tensor4D[]; samples: BlockSamples[] };
}

/** Builds the network of a description. @param settings of the head's losses, which a description does not say. */
export function createNetwork(description: ModelDescription, settings?: HeadConfig): Network {
  // The classifier `fc` is the head's.
  const { classes: _, ...body } = description.backbone;
  const backbone = resnet(body);
  const head = taskOfDescription(description).createHead(description, settings);
  const pyramid = description.fpn && fpn({ inChannels: backbone.outChannels, ...description.fpn });
  const bodyPrefix = pyramid ? BODY : '';
  const parts = [
    { prefix: bodyPrefix, part: backbone },
    ...(pyramid ? [{ prefix: PYRAMID, part: pyramid }] : []),
    { prefix: '', part: head },
  ];
  return {
    backbone,
    head,
    bodyPrefix,
    parameters: parts.flatMap(({ prefix, part }) => part.parameters.map((spec) => ({ ...spec, name: prefix + spec.name }))),
    initialise: (seed) => Object.assign({}, ...parts.map(({ prefix, part }, index) => withPrefix(part.initialise(seed + index), prefix))),
    forward(params, images, context) {
      const { features, samples } = backbone.forward(withoutPrefix(params, bodyPrefix), images, context);
      return { maps: pyramid ? pyramid.forward(withoutPrefix(params, PYRAMID), features) : features, samples };
    },
  };
}

function withPrefix(params: Params, prefix: string): Params {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [prefix + name, value]));
}

function withoutPrefix(params: Params, prefix: string): Params {
  return Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** What a checkpoint says of its network, so that the file alone can be compiled, pruned or exported. */
export function describeNetwork(model: ModelConfig, categories: readonly Category[]): ModelDescription {
  return { ...taskOf(model).describe(model, categories), categories: [...categories] };
}
