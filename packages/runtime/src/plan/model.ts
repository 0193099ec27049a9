// The plan of a whole model for one image size.
import { type BackboneLayout, fpnLayout, resnetLayout } from '@stint/backbones/plain';
import { type ResolvedFasterRcnn, type ResolvedOneStage, resolveFasterRcnn, resolveOneStage } from '@stint/detection-head/plain';
import type { NativeEngine, PackedFilter, ProgramOptions, Span } from '@stint/sparse-conv/native';
import { BODY, type Checkpoint, PYRAMID } from '../checkpoint.ts';
import { IMAGENET, isSegmentation } from '../description.ts';
import { planBuilder, type StepInfo } from './builder.ts';
import { type BoxPlan, planBoxHead, planRpn, type RpnPlan } from './faster-rcnn.ts';
import type { PlannedMap } from './map.ts';
import type { BlockSlots, PlanSampler } from './masks.ts';
import { planBackbone, planPyramid } from './network.ts';
import { planOneStage } from './one-stage.ts';
import { planSegmentation, type SegmentationPlan, segmentationLayout } from './segmentation.ts';
import { weightsOf } from './weights.ts';

export interface ModelPlan {
  program: ProgramOptions;
  steps: StepInfo[];
  /** [H,W] of the padded input. */
  size: readonly [number, number];
  layout: BackboneLayout;
  slots: BlockSlots[];
  /** Normalised floats [H,W,3], for runs that bring such instead of bytes. */
  input: Span;
  /** Index of each output in the program's list. */
  outputs: { features: number[]; pyramid: number[]; logits?: number; head: number[] };
  features: PlannedMap[];
  pyramid: PlannedMap[];
  head?: HeadPlan;
  /** The image is read by step 0; runs that bring floats start at 1. The second part starts at `split`. */
  split: number;
}

export type HeadPlan =
  | { kind: 'one-stage'; config: ResolvedOneStage; maps: PlannedMap[] }
  | { kind: 'faster-rcnn'; config: ResolvedFasterRcnn; rpn: RpnPlan; boxes: BoxPlan }
  | ({ kind: 'segmentation' } & SegmentationPlan);

/** What a plan is made from, the same for every image size. */
export interface PlanSource {
  engine: NativeEngine;
  checkpoint: Checkpoint;
  sampler?: PlanSampler;
  filters: Map<string, PackedFilter>;
  /** Feature maps and pyramid can be asked of a run. They then stay to its end: more memory. */
  keepMaps: boolean;
}

export function planModel(source: PlanSource, [height, width]: readonly [number, number]): ModelPlan {
  const { engine, checkpoint, sampler, filters } = source;
  const { description } = checkpoint;
  const weights = (prefix: string) => weightsOf(engine, checkpoint, prefix, filters);
  const body = weights(description.fpn ? BODY : '');
  const layout = resnetLayout(description.backbone);
  const plan = planBuilder();

  const image: PlannedMap = { span: plan.buffer(height * width * 3), height, width, channels: 3 };
  const { mean, std } = scaled(description.input ?? IMAGENET);
  plan.step({ op: 'image', label: 'image', image: 0, shape: [1, height, width, 3], mean, std, output: image.span });
  const { features, slots } = planBackbone(plan, body, layout, image, sampler);
  const logits = description.backbone.classes ? planClassifier() : undefined;
  const pyramid = description.fpn ? planPyramid(plan, weights(PYRAMID), fpnOf(), features) : [];
  const { head, results, split } = planHead();

  const outputs: Span[] = [];
  const keep = (spans: readonly Span[]) => spans.map((span) => outputs.push(span) - 1);
  const kept = {
    features: source.keepMaps || !description.fpn ? keep(features.map(({ span }) => span)) : [],
    pyramid: source.keepMaps || (description.fpn && !head) ? keep(pyramid.map(({ span }) => span)) : [],
    logits: logits && keep([logits])[0],
    head: keep(results),
  };
  const inputs = [image.span, ...(head?.kind === 'faster-rcnn' ? [head.boxes.rois] : [])];
  const { program, steps } = plan.finish({ images: 1, inputs, outputs });
  return { program, steps, size: [height, width], layout, slots, input: image.span, outputs: kept, features, pyramid, head, split };

  function fpnOf() {
    return fpnLayout({ inChannels: layout.outChannels, ...description.fpn! });
  }

  function planClassifier(): Span {
    const last = features[features.length - 1];
    const pooled = plan.buffer(last.channels);
    const shape = [1, last.height, last.width, last.channels] as const;
    plan.step({ op: 'meanPool', label: 'avgpool', input: last.span, shape, output: pooled });
    const filter = body.filter('fc');
    const output = plan.buffer(filter.outChannels);
    plan.step(
      { op: 'convolve', label: 'fc', filter, input: pooled, shape: [1, 1, 1, filter.inChannels], output },
      { macs: filter.inChannels * filter.outChannels },
    );
    return output;
  }

  /** The head's steps, and the spans it is decoded from. */
  function planHead(): { head?: HeadPlan; results: Span[]; split: number } {
    if (!description.head) return { results: [], split: plan.position() };
    const own = weights('');
    if (isSegmentation(description.head)) {
      const segmentation = planSegmentation(plan, own, segmentationLayout(description.head), pyramid, [height, width]);
      return { head: { kind: 'segmentation', ...segmentation }, results: [segmentation.logits.span], split: plan.position() };
    }
    if (description.head.kind === 'one-stage') {
      const config = resolveOneStage(description.head);
      const maps = planOneStage(plan, own, config, pyramid);
      return { head: { kind: 'one-stage', config, maps }, results: maps.map(({ span }) => span), split: plan.position() };
    }
    const config = resolveFasterRcnn(description.head);
    const rpn = planRpn(plan, own, pyramid);
    const split = plan.position();
    const strides = pyramid.map((map) => 2 ** Math.round(Math.log2(height / map.height)));
    const boxes = planBoxHead(plan, own, config, pyramid, strides);
    const spans = [...rpn.objectness, ...rpn.deltas].map(({ span }) => span);
    return { head: { kind: 'faster-rcnn', config, rpn, boxes }, results: [...spans, boxes.scores, boxes.deltas], split };
  }
}

/** Of bytes, from those of 0..1. */
function scaled({ mean, std }: typeof IMAGENET): typeof IMAGENET {
  const bytes = ([r, g, b]: [number, number, number]): [number, number, number] => [255 * r, 255 * g, 255 * b];
  return { mean: bytes(mean), std: bytes(std) };
}
