// ResNet of bottlenecks (He et al. 2016, in torchvision's form: the stride sits in the 3x3 convolution), dense or with learned sampling.
import * as tf from '@tensorflow/tfjs-core';
import { blockForward } from './block.ts';
import { parameter } from './conv-bn.ts';
import { initialise } from './initialise.ts';
import { resnet50Config, resnet101Config, resnetLayout } from './layout.ts';
import { stemForward } from './stem.ts';
import type { Backbone, BackboneOutput, BlockSamples, ForwardContext, Params, ResNetConfig, SamplingConfig } from './types.ts';

/** A backbone as plain functions over named parameters. Throws on a configuration that makes no network. */
export function resnet(config: ResNetConfig): Backbone {
  const layout = resnetLayout(config);
  return {
    ...layout,
    initialise: (seed) => initialise(layout.parameters, seed, config.sampling),
    forward: (params, x, ctx) => forward(config, layout.blocks, params, x, ctx),
  };
}

/** ResNet-50 of torchvision: 25.6 M parameters with the classifier. */
export function resnet50(options: { sampling?: SamplingConfig; classes?: number } = {}): Backbone {
  return resnet(resnet50Config(options));
}

/** ResNet-101 of torchvision: 44.5 M parameters with the classifier. */
export function resnet101(options: { sampling?: SamplingConfig; classes?: number } = {}): Backbone {
  return resnet(resnet101Config(options));
}

function forward(config: ResNetConfig, blocks: Backbone['blocks'], params: Params, x: tf.Tensor4D, ctx: ForwardContext): BackboneOutput {
  if (x.rank !== 4 || x.shape[3] !== 3) throw new Error(`backbone: images [${x.shape}]; give [N,H,W,3]`);
  const samples: BlockSamples[] = [];
  const run = () => {
    const features: tf.Tensor4D[] = [];
    let h = stemForward(params, config.stem, x, ctx.batchNorm);
    blocks.forEach((block, i) => {
      const out = blockForward(params, block, h, ctx);
      if (out.samples) samples.push(out.samples);
      h = out.y;
      if (blocks[i + 1]?.stage !== block.stage) features.push(h);
    });
    const logits = config.classes ? classify(params, h) : undefined;
    return { features, samples, logits };
  };
  return tf.tidy(run as unknown as () => tf.TensorContainer) as unknown as BackboneOutput;
}

/** Mean over the positions, then the linear layer `fc`; [N,H,W,C] -> [N,classes]. */
function classify(params: Params, h: tf.Tensor4D): tf.Tensor2D {
  return tf.add(tf.matMul(tf.mean(h, [1, 2]) as tf.Tensor2D, parameter(params, 'fc.weight')), parameter(params, 'fc.bias'));
}
