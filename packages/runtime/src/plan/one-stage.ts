// The one-stage head: per level a tower of 3x3 convolutions and, as one convolution, its branches. Boxes are decoded from the output maps.
import { type Detections, decodeOneStage, oneStageBranches, type ResolvedOneStage } from '@stint/detection-head/plain';
import { convolution } from './block.ts';
import type { PlanBuilder } from './builder.ts';
import type { PlannedMap } from './map.ts';
import type { Weights } from './weights.ts';

/** One output map [h,w,K + 4 (+ 1)] a level. */
export function planOneStage(plan: PlanBuilder, weights: Weights, config: ResolvedOneStage, pyramid: readonly PlannedMap[]): PlannedMap[] {
  const names = oneStageBranches(config).map(({ name }) => name);
  const filter = weights.joined(names);
  return pyramid.slice(0, config.strides.length).map((level, i) => {
    let x = level;
    for (let c = 0; c < config.convs; c++)
      x = convolution(plan, weights, x, { conv: `head.conv.${c}` }, { relu: true, label: `head.conv.${c}@${i}` });
    const output = { ...x, span: plan.buffer(x.height * x.width * filter.outChannels), channels: filter.outChannels };
    const shape = [1, x.height, x.width, x.channels] as const;
    const macs = x.height * x.width * 9 * filter.inChannels * filter.outChannels;
    plan.step({ op: 'convolve', label: `head.branches@${i}`, filter, input: x.span, shape, output: output.span }, { macs });
    return output;
  });
}

export function decodeOneStageMaps(
  config: ResolvedOneStage,
  maps: readonly PlannedMap[],
  values: readonly Float32Array[],
  size: { height: number; width: number },
): Detections {
  const outputs = maps.map(({ height, width, channels }, i) => ({ data: values[i], shape: [1, height, width, channels] as const }));
  return decodeOneStage(config, outputs, [size])[0];
}
