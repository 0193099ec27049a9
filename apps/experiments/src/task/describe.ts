// Parts of descriptions that the tasks share.
import { fpnLayout, resnetLayout } from '@stint/backbones/plain';
import type { ModelDescription } from '@stint/runtime';
import type { ModelConfig } from '../config/schema.ts';

/** The backbone with its sampling, without where its weights came from. */
export function describeBackbone({ backbone, sampling }: ModelConfig): ModelDescription['backbone'] {
  const { weights: _, ...body } = backbone;
  return { ...body, sampling };
}

/** Backbone and pyramid, and the stride of each pyramid level: the backbone's, then twice the last for a level made by max pooling. */
export function describePyramid(model: ModelConfig): {
  backbone: ModelDescription['backbone'];
  fpn: { channels: number; outputs?: number };
  strides: number[];
} {
  const backbone = describeBackbone(model);
  const fpn = model.fpn!; // the schema asks for it
  const { strides, outChannels } = resnetLayout(backbone);
  const { levels } = fpnLayout({ inChannels: outChannels, ...fpn });
  return { backbone, fpn, strides: levels <= strides.length ? strides.slice(0, levels) : [...strides, strides.at(-1)! * 2] };
}
