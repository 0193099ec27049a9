// A bottleneck as nodes. Dense: y = relu(BN3(conv3(relu(BN2(conv2(relu(BN1(conv1 x))))))) + shortcut x) (He et al. 2016).
import type { Value } from './graph.ts';
import type { Block } from './network.ts';
import { convNorm, type Scope, type Unit } from './units.ts';

/** The three convolutions of a bottleneck. */
export function blockUnits({ name, inChannels, planes, planes2, outChannels, stride }: Block): Record<1 | 2 | 3, Unit> {
  const unit = (i: number, shape: Unit['shape'], options: Partial<Unit>): Unit => ({
    conv: `${name}.conv${i}`,
    norm: `${name}.bn${i}`,
    shape,
    ...options,
  });
  return {
    1: unit(1, [1, 1, inChannels, planes], { relu: true }),
    2: unit(2, [3, 3, planes, planes2], { stride, relu: true }),
    3: unit(3, [1, 1, planes2, outChannels], {}),
  };
}

/** @param x [1,inChannels,H,W]. @returns [1,outChannels,H',W'], called `output`. */
export function denseBlock(scope: Scope, block: Block, x: Value, output: string): Value {
  const units = blockUnits(block);
  const residual = convNorm(scope, units[3], convNorm(scope, units[2], convNorm(scope, units[1], x)));
  return joined(scope, block, x, residual, output);
}

/** relu(residual + shortcut x). */
export function joined(scope: Scope, block: Block, x: Value, residual: Value, output: string): Value {
  const { name, inChannels, outChannels, stride, downsample } = block;
  const unit: Unit = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1`, shape: [1, 1, inChannels, outChannels], stride };
  const shortcut = downsample ? convNorm(scope, unit, x) : x;
  return scope.graph.node('Relu', output, [scope.graph.node('Add', `${name}.sum`, [residual, shortcut])]);
}
