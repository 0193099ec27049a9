// What stands before and after the bottlenecks: stem, classifier, feature pyramid.
import type { FpnConfig, ResNetConfig } from '@stint/backbones';
import type { Dimension, Value } from './graph.ts';
import { stemWidths } from './network.ts';
import { convNorm, plainConv, type Scope } from './units.ts';

/** `imagenet`: 7x7/2, BN, relu, 3x3/2 max pool. `small`: twice 3x3/2, BN, relu. */
export function stem(scope: Scope, config: ResNetConfig, image: Value): Value {
  const [outer, inner] = stemWidths(config);
  const unit = { conv: 'conv1', norm: 'bn1', stride: 2, relu: true };
  if (config.stem.kind === 'imagenet') {
    const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
    return scope.graph.node('MaxPool', 'maxpool', [convNorm(scope, { ...unit, shape: [7, 7, 3, outer] }, image)], window);
  }
  const first = convNorm(scope, { ...unit, shape: [3, 3, 3, outer] }, image);
  return convNorm(scope, { ...unit, conv: 'conv2', norm: 'bn2', shape: [3, 3, outer, inner] }, first);
}

/** Mean over the positions, then the linear layer `fc`: [1,C,H,W] -> logits [1,classes]. */
export function classifier({ graph, body }: Scope, channels: number, classes: number, x: Value): Value {
  const mean = graph.node('Flatten', 'mean.flat', [graph.node('GlobalAveragePool', 'mean', [x])]);
  const weight = graph.floats('fc.weight', [channels, classes], () => body('fc.weight', [channels, classes]));
  const bias = graph.floats('fc.bias', [classes], () => body('fc.bias', [classes]));
  return graph.node('Gemm', 'logits', [mean, weight, bias]);
}

/** A map of the network with its channels and its size at this resolution. */
export interface FeatureMap {
  value: Value;
  channels: number;
  size: [Dimension, Dimension];
}

/**
 * Feature pyramid network (Lin et al. 2017) by the rules of torchvision: lateral 1x1, nearest upsampling to the finer map's size (index
 * floor(i h_in / h_out), also for odd sizes), 3x3, and the coarsest kept level at half its size by a max pool of one cell.
 * @returns p2, p3, ..., finest first.
 */
export function pyramid({ graph, pyramid: get }: Scope, config: FpnConfig, features: FeatureMap[]): Value[] {
  const { inChannels, channels, inner = channels, outputs = inChannels.length, extraMaxPool = config.outputs === undefined } = config;
  if (String(inChannels) !== String(features.map((map) => map.channels))) {
    throw new Error(`exportOnnx: fpn.inChannels [${inChannels}]; the backbone has [${features.map((map) => map.channels)}]`);
  }
  if (!(outputs >= 1 && outputs <= inChannels.length)) {
    throw new Error(`exportOnnx: fpn.outputs ${outputs} of ${inChannels.length} levels; give a number from 1 to ${inChannels.length}`);
  }
  const levels: Value[] = [];
  let above: Value | undefined;
  for (let i = features.length - 1; i >= 0; i--) {
    const { value, size } = features[i];
    const lateral = plainConv(graph, get, `inner_blocks.${i}.0`, [1, 1, inChannels[i], inner], value);
    const merged = above === undefined ? lateral : graph.node('Add', `merged${i}`, [lateral, upsampled(above, i, value, size)]);
    if (i < outputs) {
      levels.unshift(plainConv(graph, get, `layer_blocks.${i}.0`, [3, 3, inner, channels], merged, { output: `p${i + 2}` }));
    }
    above = merged;
  }
  if (extraMaxPool) {
    levels.push(graph.node('MaxPool', `p${outputs + 2}`, [levels[outputs - 1]], { kernel_shape: [1, 1], strides: [2, 2] }));
  }
  return levels;

  function upsampled(coarse: Value, i: number, fine: Value, size: [Dimension, Dimension]): Value {
    const sizes = size.every((n) => typeof n === 'number')
      ? graph.ints([1, inner, ...size])
      : graph.node('Concat', `size${i}`, [graph.ints([1, inner]), graph.node('Shape', `shape${i}`, [fine], { start: 2 })], { axis: 0 });
    const rule = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    return graph.node('Resize', `upsampled${i}`, [coarse, '', '', sizes], rule);
  }
}
