// The layers and parameters of the one-stage head, without a tensor library (Tian et al. 2019, FCOS, sec. 4; Lin et al. 2017, RetinaNet,
// sec. 4.1: the class bias starts at a prior of .01, so that the many background cells do not swamp the first steps).
import type { ParameterSpec } from '../types.ts';
import type { ResolvedConfig } from './config.ts';

/** Probability of every class that an untrained head gives. */
const PRIOR = 0.01;
/** Logarithm of the distance to each side, in strides, that an untrained head gives: e strides, 11 px at stride 4. */
const START_DISTANCE = 1;

/** The 3x3 layers that read the tower, in the order of their columns in the head's output. */
export function branches({ classes, centreness }: ResolvedConfig): { name: string; columns: number; bias: number; deviation: number }[] {
  const all = [
    { name: 'head.cls_logits', columns: classes, bias: -Math.log((1 - PRIOR) / PRIOR), deviation: 0.01 },
    { name: 'head.bbox_reg', columns: 4, bias: START_DISTANCE, deviation: 0.01 },
    { name: 'head.bbox_ctrness', columns: 1, bias: 0, deviation: 0.01 },
  ];
  return centreness ? all : all.slice(0, 2);
}

export interface Layer {
  name: string;
  shape: [number, number, number, number];
  bias: number;
  deviation: number;
}

/** Every convolution, in the order of computation: the tower, then the branches. */
export function layers(config: ResolvedConfig): Layer[] {
  const { channels, width, convs } = config;
  // There is no normalisation: He's normal start (fan-in) keeps the scale of the features through the tower.
  const tower = Array.from({ length: convs }, (_, i): Layer => {
    const inputs = i === 0 ? channels : width;
    return { name: `head.conv.${i}`, shape: [3, 3, inputs, width], bias: 0, deviation: Math.sqrt(2 / (9 * inputs)) };
  });
  const inputs = convs > 0 ? width : channels;
  return [
    ...tower,
    ...branches(config).map(({ name, columns, bias, deviation }): Layer => ({ name, shape: [3, 3, inputs, columns], bias, deviation })),
  ];
}

export function parameterSpecs(config: ResolvedConfig): ParameterSpec[] {
  return layers(config).flatMap(({ name, shape }) => [
    { name: `${name}.weight`, shape, role: 'weight', trainable: true },
    { name: `${name}.bias`, shape: [shape[3]], role: 'bias', trainable: true },
  ]);
}
