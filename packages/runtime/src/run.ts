// One image through a plan.
import { type BlockDensities, countMacs, type MacReport, type MaskName } from '@stint/backbones/plain';
import type { Detections } from '@stint/detection-head/plain';
import { decodeLabels, type LabelImage } from '@stint/segmentation-head/plain';
import type { MaskSlot, NativeProgram, ProgramResult } from '@stint/sparse-conv/native';
import { isBytes, padded, type RuntimeImage } from './image.ts';
import { objects, proposals } from './plan/faster-rcnn.ts';
import type { PlannedMap } from './plan/map.ts';
import type { BlockSlots } from './plan/masks.ts';
import type { ModelPlan } from './plan/model.ts';
import { decodeOneStageMaps } from './plan/one-stage.ts';
import { type Profile, profileOf } from './profile.ts';
import { type SamplerOptions, uniformMask } from './sampler.ts';

/**
 * Masks of the blocks by name, [H,W] each: mask k is where convolution k is computed, mask 1 at the block's input resolution, the others at its
 * output's; not 0 is sampled. Blocks of three masks only have `mask3`. Of a block of one mask, mask 2 is what is given or drawn.
 */
export type BlockMasks = Record<string, { mask1: Uint8Array; mask2: Uint8Array; mask3?: Uint8Array }>;

export interface RunOptions {
  /** Beginning of the noise keys, such as [seed, image]; default: the sampler's. Same key, same masks. */
  key?: readonly number[];
  /** Masks in place of drawn ones; blocks that are not named draw. */
  masks?: BlockMasks;
  /** Added to the logits of all masks, in place of the compiled model's. */
  shift?: number;
  /** Give back the masks that were used. */
  wantMasks?: boolean;
  /** Give back feature maps and pyramid (of a model compiled with `keepMaps`, or whose last part they are). */
  wantMaps?: boolean;
  /** [H,W] that labels are wanted in, such as the image's before it was resized; default the image's own. With a segmentation head. */
  labelSize?: readonly [height: number, width: number];
  /** Measure every step. */
  profile?: boolean;
  /** Ends the run between two steps; it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** [height,width,channels]. */
export interface FeatureMap {
  data: Float32Array;
  height: number;
  width: number;
  channels: number;
}

export interface RunResult {
  /** Boxes in the image's pixels, by falling score; with a detection head. */
  detections?: Detections;
  /** A class a pixel; with a segmentation head. */
  segmentation?: LabelImage;
  /** Logits of the classes; with a classifier. */
  logits?: Float32Array;
  features?: FeatureMap[];
  pyramid?: FeatureMap[];
  masks?: BlockMasks;
  /** Sampled share of each mask. */
  densities: Record<string, BlockDensities>;
  /** What the backbone cost with these masks, by the rule of the paper. */
  macs: MacReport;
  profile?: Profile;
}

export async function runOn(
  program: NativeProgram,
  plan: ModelPlan,
  image: RuntimeImage,
  options: RunOptions & { sampler?: SamplerOptions },
): Promise<RunResult> {
  const { sampler, profile, signal, shift } = options;
  const { slots, head } = plan;
  const masks = givenMasks(plan, options);
  const want = options.wantMasks ? slots.flatMap(({ masks }) => Object.values(masks)) : [];
  const bytes = isBytes(image.data);
  const source = bytes
    ? { images: [{ data: bytesOf(image.data as Uint8Array), height: image.height, width: image.width }] }
    : { inputs: [padded(image.data as Float32Array, image, plan.size)], from: 1 };
  const key = options.key ?? sampler?.key ?? [0];
  const { features, pyramid, logits, head: results } = plan.outputs;
  const split = head?.kind === 'faster-rcnn' ? plan.split : undefined;
  const maps = options.wantMaps ? [...features, ...pyramid] : [];
  const ofFirst = head?.kind === 'faster-rcnn' ? results.slice(0, -2) : results;
  const wanted = [...maps, ...(logits === undefined ? [] : [logits]), ...ofFirst];
  const first = await program.run({ ...source, masks, key, shift, want, wantOutputs: wanted, profile, signal, to: split });
  const output = (index: number) => first.outputs[wanted.indexOf(index)];

  const densities = byBlock(slots, (slot) => densityOf(plan, first, slot));
  const result: RunResult = { densities, macs: countMacs(plan.layout, plan.size, slots.length > 0 ? densities : 1) };
  if (logits !== undefined) result.logits = output(logits);
  if (options.wantMasks) {
    result.masks = byBlock(slots, (slot) => first.masks[slot]);
  }
  if (options.wantMaps) {
    const named = (indices: readonly number[], from: readonly PlannedMap[]): FeatureMap[] | undefined =>
      indices.length === 0
        ? undefined
        : indices.map((index, i) => {
            const { height, width, channels } = from[i];
            return { data: output(index), height, width, channels };
          });
    result.features = named(features, plan.features);
    result.pyramid = named(pyramid, plan.pyramid);
  }
  let ms = first.ms;
  let counts = first.counts;
  if (head?.kind === 'one-stage') result.detections = decodeOneStageMaps(head.config, head.maps, ofFirst.map(output), image);
  if (head?.kind === 'segmentation') {
    const { layout, logits: map } = head;
    const { height, width } = image;
    const cells = { data: output(results[0]), height: map.height, width: map.width };
    result.segmentation = decodeLabels(
      { ...cells, classes: layout.classes, stride: layout.stride },
      { height, width, output: options.labelSize },
    );
  }
  if (head?.kind === 'faster-rcnn') {
    const { rpn, boxes, config } = head;
    const levels = rpn.objectness.length;
    const values = ofFirst.map(output);
    const rois = proposals(config, rpn, values.slice(0, levels), values.slice(levels), plan.size, image);
    const count = rois.length / 4;
    if (count === 0) {
      result.detections = { boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
    } else {
      const input = new Float32Array(4 * boxes.max);
      input.set(rois);
      const slot = new Uint8Array(boxes.max).fill(1, 0, count);
      const second = await program.run({
        inputs: [undefined, input],
        masks: { [boxes.slot]: slot },
        from: split,
        wantOutputs: results.slice(-2),
        profile,
        signal,
      });
      result.detections = objects(config, second.outputs[0], second.outputs[1], rois, image);
      ms = ms?.map((value, i) => value + second.ms![i]);
      counts = first.counts.map((value, i) => (i === boxes.slot ? count : value));
    }
  }
  if (profile) result.profile = profileOf(plan.steps, ms!, counts, plan.program.masks!.map(cellsOf));
  return result;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint8ClampedArray) => new Uint8Array(buffer, byteOffset, byteLength);

const cellsOf = ([batch, height, width]: readonly [number, number, number]) => batch * height * width;

function densityOf(plan: ModelPlan, { counts }: ProgramResult, slot: MaskSlot): number {
  return counts[slot] / cellsOf(plan.program.masks![slot]);
}

/** What `read` finds of each mask of each block. */
function byBlock<T>(slots: readonly BlockSlots[], read: (slot: MaskSlot) => T): Record<string, { mask1: T; mask2: T; mask3?: T }> {
  return Object.fromEntries(
    slots.map(({ name, masks }) => [
      name,
      Object.fromEntries(Object.entries(masks).map(([mask, slot]) => [mask, read(slot)])) as Record<MaskName, T>,
    ]),
  );
}

/** Masks given by the caller or by the 'uniform' sampler, by slot. */
function givenMasks(plan: ModelPlan, { masks, sampler }: RunOptions & { sampler?: SamplerOptions }): Record<MaskSlot, Uint8Array> {
  const given: Record<MaskSlot, Uint8Array> = {};
  const known = new Set(plan.slots.map(({ name }) => name));
  for (const name of Object.keys(masks ?? {})) {
    if (!known.has(name))
      throw new RangeError(`run: masks for '${name}', which has none; blocks with masks: ${[...known].join(', ') || 'none'}`);
  }
  for (const { name, masks: slots, drawn } of plan.slots) {
    for (const part of drawn) {
      const slot = slots[part]!;
      const [, height, width] = plan.program.masks![slot];
      const own = masks?.[name]?.[part];
      if (own) {
        if (own.length !== height * width) {
          throw new RangeError(`run: ${part} of ${name} has ${own.length} cells; it is ${height} x ${width} for this image`);
        }
        given[slot] = own;
      } else if (sampler?.kind === 'uniform') {
        given[slot] = uniformMask(height, width, sampler.density!, sampler.interval ?? plan.layout.config.sampling!.interval);
      } else if (sampler?.kind === 'given') {
        throw new Error(`run: the model was compiled for given masks; ${part} of ${name} is missing`);
      }
    }
  }
  return given;
}
