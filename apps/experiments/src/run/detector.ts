// A detector is a backbone, a feature pyramid and a head over ONE named parameter map. Names follow torchvision's
// detection models: `backbone.body.*`, `backbone.fpn.*`, and the head's own.
import { type BlockSamples, type ForwardContext, fpn, type ParameterSpec, type Params, resnet } from '@stint/backbones';
import { fpnLayout, resnetLayout } from '@stint/backbones/plain';
import { type DetectionHead, fasterRcnn, oneStage } from '@stint/detection-head';
import { BODY, type HeadDescription, type ModelDescription, PYRAMID } from '@stint/runtime';
import type * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';

export interface Detector {
  backbone: ReturnType<typeof resnet>;
  head: DetectionHead;
  parameters: ParameterSpec[];
  initialise(seed: number): Params;
  /** Images [N,H,W,3], normalised -> pyramid maps, finest first, and the masks of each sampled block. */
  forward(params: Params, images: tf.Tensor4D, context: ForwardContext): { pyramid: tf.Tensor4D[]; samples: BlockSamples[] };
}

/** Builds the detector of a description that has a pyramid and a head. */
export function createDetector(description: ModelDescription): Detector {
  const backbone = resnet(description.backbone);
  const pyramid = fpn({ inChannels: backbone.outChannels, ...description.fpn! });
  const head = createHead(description.head!);
  const parts = [
    { prefix: BODY, part: backbone },
    { prefix: PYRAMID, part: pyramid },
    { prefix: '', part: head },
  ];
  return {
    backbone,
    head,
    parameters: parts.flatMap(({ prefix, part }) => part.parameters.map((spec) => ({ ...spec, name: prefix + spec.name }))),
    initialise: (seed) => Object.assign({}, ...parts.map(({ prefix, part }, index) => withPrefix(part.initialise(seed + index), prefix))),
    forward(params, images, context) {
      const { features, samples } = backbone.forward(withoutPrefix(params, BODY), images, context);
      return { pyramid: pyramid.forward(withoutPrefix(params, PYRAMID), features), samples };
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

/** Stride of each pyramid level: the backbone's, then twice the last for a level made by max pooling. */
function pyramidStrides(strides: number[], levels: number): number[] {
  return levels <= strides.length ? strides.slice(0, levels) : [...strides, strides.at(-1)! * 2];
}

function headDescription({ head, fpn: { channels } }: RunConfig['model'], classes: number, strides: number[]): HeadDescription {
  const { kind, scoreThreshold, nmsThreshold, maxDetections } = head;
  if (kind === 'one-stage') {
    return { kind, classes, channels, strides, width: head.channels, convs: head.convs, scoreThreshold, nmsThreshold, maxDetections };
  }
  return {
    kind,
    classes,
    channels,
    anchorSizes: strides.map((stride) => [head.anchorScale * stride]),
    aspectRatios: head.anchorRatios,
    rpn: { postNmsTrain: head.proposals.train, postNmsDetect: head.proposals.test },
    roi: { size: head.roiSize, hidden: head.fcWidth, samples: head.roisPerImage },
    detections: { scoreThreshold, nmsThreshold, limit: maxDetections },
  };
}

const createHead = (head: HeadDescription): DetectionHead => (head.kind === 'one-stage' ? oneStage(head) : fasterRcnn(head));

/** What a checkpoint says of its network, so that the file alone can be compiled, pruned or exported. */
export function describeDetector(model: RunConfig['model'], categories: readonly { id: number; name: string }[]): ModelDescription {
  const { weights: _, ...body } = model.backbone;
  const config = { ...body, sampling: model.sampling };
  const { strides, outChannels } = resnetLayout(config);
  const { levels } = fpnLayout({ inChannels: outChannels, ...model.fpn });
  return {
    backbone: config,
    fpn: model.fpn,
    head: headDescription(model, categories.length, pyramidStrides(strides, levels)),
    categories: [...categories],
  };
}
