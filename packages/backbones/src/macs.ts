// Cost model: multiply-accumulates of a backbone for one image. Rule of the paper's code (its flops.py): k k Cin Cout a computed position;
// conv1 at the density of mask 1, conv2 and conv3 at that of mask 2 (conv3 at that of mask 3 where there is one), mask heads, stem and downsample everywhere, interpolation k k C d (1-d)
// a position (C = planes after conv1, the block's output channels on the residual branch). 1 MAC = 2 flops. Norms, activations, additions
// and pooling are not counted. Backbone only: heads and FPN (fpnMacs) are counted apart.
import { interpolationMacs } from '@stint/interpolation/macs';
import type { FpnLayout } from './fpn-layout.ts';
import { fillings, isSampled, type MaskName, maskHeads, readShare, readsOnly } from './integration.ts';
import { stemConvolutions } from './stem-layout.ts';
import type { BackboneLayout, BlockSpec, InterpolationKind } from './types.ts';

export type MacGroup = 'dense' | 'conditional' | 'mask' | 'interpolation';

export interface MacRow {
  /** Name of the convolution, such as layer1.0.conv1; interpolations are `<block>.interpolation1`, `2`, `3`. */
  name: string;
  group: MacGroup;
  /** MACs at `density`; those of an interpolation counted directly (window^2 taps). */
  macs: number;
  /** The same as two one-dimensional passes; equal to `macs` for everything else. */
  separable: number;
  /** MACs if computed everywhere; 0 for an interpolation, which a dense network does not have. */
  denseMacs: number;
  density: number;
}

/** A layer of the cost, before its density is known: `macs` times the density of `mask`, or what `fill` costs at it. */
export interface MacTerm {
  name: string;
  group: MacGroup;
  /** Of what belongs to one. */
  block?: BlockSpec;
  /** Absent: computed everywhere. */
  mask?: MaskName;
  macs: number;
  fill?: { kind: InterpolationKind; window: number; positions: number; channels: number };
}

export interface MacReport {
  /** Stem, downsample, and `fc` if asked for. */
  dense: number;
  /** conv1, conv2, conv3 (and deformable offsets, if asked for). */
  conditional: number;
  mask: number;
  interpolation: { direct: number; separable: number };
  total: { direct: number; separable: number };
  /** What the same network without masks takes. */
  denseTotal: number;
  layers: MacRow[];
}

/** Sampled share of each mask of a block; mask k is where convolution k is computed. Three masks only: `mask3`. */
export interface BlockDensities {
  mask1: number;
  mask2: number;
  mask3?: number;
}

/**
 * By block name, or one number for what is sampled of all blocks. (Where conv1 is computed for what conv2 reads, at stride 2 with one mask, a
 * number stands for independent samples: `readShare`.)
 */
export type Densities = number | Record<string, BlockDensities>;

export interface MacOptions {
  /** Stages (from 1) whose blocks have a deformable conv2: counts its offset convolution (3x3, 18 outputs, at mask 2) as the paper's code does. */
  deformableOffsets?: readonly number[];
  /** Counts `fc`. */
  classifier?: boolean;
}

/**
 * MACs of one image of `size` [H, W] pixels.
 * @param densities measured or assumed; 1 unless given. A backbone without masks takes no notice of them.
 */
export function countMacs(
  backbone: Pick<BackboneLayout, 'config' | 'blocks' | 'outChannels'>,
  [height, width]: readonly [number, number],
  densities: Densities = 1,
  options: MacOptions = {},
): MacReport {
  const known = new Map(backbone.blocks.map((block) => [block, densityOf(block, densities)]));
  return summary(macTerms(backbone, [height, width], options).map((term) => rowOf(term, (block) => known.get(block)!)));
}

/** What an image of `size` [H, W] costs, layer by layer, as functions of the densities. */
export function macTerms(
  { config, blocks, outChannels }: Pick<BackboneLayout, 'config' | 'blocks' | 'outChannels'>,
  [height, width]: readonly [number, number],
  options: MacOptions = {},
): MacTerm[] {
  const terms: MacTerm[] = [];
  let [h, w] = [height, width];
  for (const { conv, shape } of stemConvolutions(config)) {
    [h, w] = halved(h, w, 2);
    terms.push({ name: conv, group: 'dense', macs: shape[0] ** 2 * shape[2] * shape[3] * h * w });
  }
  if (config.stem.kind === 'imagenet') [h, w] = halved(h, w, 2);
  for (const block of blocks) {
    terms.push(...blockTerms(block, [h, w], options));
    [h, w] = halved(h, w, block.stride);
  }
  if (options.classifier) terms.push({ name: 'fc', group: 'dense', macs: outChannels.at(-1)! * (config.classes ?? 0) });
  return terms;
}

/** MACs of a feature pyramid over a backbone's maps of sizes [H, W], finest first. */
export function fpnMacs({ config, levels }: Pick<FpnLayout, 'config' | 'levels'>, sizes: readonly (readonly [number, number])[]): number {
  const { inChannels, channels, inner = channels, outputs = inChannels.length } = config;
  if (sizes.length !== inChannels.length)
    throw new Error(`fpnMacs: ${sizes.length} sizes for ${inChannels.length} levels (${levels} outputs)`);
  return sizes.reduce((sum, [h, w], i) => sum + h * w * inner * (inChannels[i] + (i < outputs ? 9 * channels : 0)), 0);
}

const halved = (h: number, w: number, stride: number): [number, number] => [Math.ceil(h / stride), Math.ceil(w / stride)];

function densityOf(block: BlockSpec, densities: Densities): Required<BlockDensities> {
  if (!isSampled(block.sampling)) return { mask1: 1, mask2: 1, mask3: 1 };
  const names = block.sampling.integration === 'three-masks' ? (['mask1', 'mask2', 'mask3'] as const) : (['mask1', 'mask2'] as const);
  const of = typeof densities === 'number' ? uniform(block, densities) : densities[block.name];
  if (!of || names.some((name) => of[name] === undefined)) {
    throw new Error(`countMacs: no density for block '${block.name}'; give {${names.join(', ')}} for every block, or one number`);
  }
  for (const name of names) {
    const value = of[name]!;
    if (!(value >= 0 && value <= 1)) throw new Error(`countMacs: density ${value} of block '${block.name}'; give a number from 0 to 1`);
  }
  return { mask1: of.mask1, mask2: of.mask2, mask3: of.mask3 ?? of.mask2 };
}

function uniform(block: BlockSpec, density: number): Required<BlockDensities> {
  return { mask1: readsOnly(block) ? readShare(density) : density, mask2: density, mask3: density };
}

function blockTerms(block: BlockSpec, [h, w]: [number, number], options: MacOptions): MacTerm[] {
  const { name, stage, inChannels, planes, planes2, outChannels, stride, downsample, sampling } = block;
  const before = h * w;
  const [h2, w2] = halved(h, w, stride);
  const after = h2 * w2;
  const term = (part: string, group: MacGroup, macs: number, mask?: MaskName): MacTerm => ({
    name: `${name}.${part}`,
    group,
    block,
    mask,
    macs,
  });
  const terms = [
    term('conv1', 'conditional', inChannels * planes * before, 'mask1'),
    term('conv2', 'conditional', 9 * planes * planes2 * after, 'mask2'),
    term('conv3', 'conditional', planes2 * outChannels * after, 'mask3'),
  ];
  if (options.deformableOffsets?.includes(stage)) terms.push(term('conv2_offset', 'conditional', 9 * inChannels * 18 * after, 'mask2'));
  if (downsample) terms.push(term('downsample.0', 'dense', inChannels * outChannels * after));
  if (!isSampled(sampling)) return terms;
  for (const head of maskHeads(block)) {
    terms.push(term(`conv${head.index}_mask`, 'mask', 9 * inChannels * (head.stride === 1 ? before : after)));
  }
  for (const { head, mask, channels, at } of fillings(block)) {
    const fill = {
      kind: sampling.interpolation.kind,
      window: sampling.interpolation.window,
      positions: at === 'input' ? before : after,
      channels,
    };
    terms.push({ ...term(`interpolation${head}`, 'interpolation', 0, mask), fill });
  }
  return terms;
}

function rowOf({ name, group, mask, block, macs, fill }: MacTerm, densities: (block: BlockSpec) => Required<BlockDensities>): MacRow {
  const density = mask && block ? densities(block)[mask] : 1;
  if (!fill) return { name, group, macs: macs * density, separable: macs * density, denseMacs: macs, density };
  const { direct, separable } = interpolationMacs(fill.kind, { ...fill, density });
  return { name, group, macs: direct, separable, denseMacs: 0, density };
}

function summary(layers: MacRow[]): MacReport {
  const sum = (group: MacGroup | undefined, field: 'macs' | 'separable' | 'denseMacs' = 'macs') =>
    layers.reduce((total, row) => (group === undefined || row.group === group ? total + row[field] : total), 0);
  return {
    dense: sum('dense'),
    conditional: sum('conditional'),
    mask: sum('mask'),
    interpolation: { direct: sum('interpolation'), separable: sum('interpolation', 'separable') },
    total: { direct: sum(undefined), separable: sum(undefined, 'separable') },
    denseTotal: sum(undefined, 'denseMacs') - sum('mask'),
    layers,
  };
}
