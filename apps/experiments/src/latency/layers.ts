// Where the time goes: by kind of part against what theory promises, and the density at which each layer of a shape breaks even.
import type { ProfileRow } from '@stint/runtime';
import { type Crossover, crossover } from './crossover.ts';
import { blockOf, KINDS, type Kind, kindOf, sumByKind } from './kinds.ts';
import type { MeasuredVariant, Measurement } from './measurement.ts';
import type { BlockShape } from './work.ts';

export interface KindTime {
  kind: Kind;
  /** Milliseconds in the dense network and in the sampled one. */
  dense: number;
  sampled: number;
  /** What the sampled one would take if time went with multiply-adds: at the dense part's rate where there is one, else at the dense network's. */
  promised: number;
}

/** Times by kind, kinds that neither network has left out. */
export function timesByKind(sampled: MeasuredVariant, dense: MeasuredVariant): KindTime[] {
  const [own, other] = [sampled, dense].map(({ rows }) => sumByKind(rows!, ({ ms }) => ms));
  const rate = KINDS.reduce((sum, kind) => sum + other[kind], 0) / dense.work.direct;
  return KINDS.map((kind) => {
    const work = dense.work.kinds[kind];
    const promised = work > 0 ? (other[kind] * sampled.work.kinds[kind]) / work : rate * sampled.work.kinds[kind];
    return { kind, dense: other[kind], sampled: own[kind], promised };
  }).filter(({ dense, sampled }) => dense > 0 || sampled > 0);
}

/** Share of the promised speed-up that one convolution reaches over all blocks: (time of each in the dense network x its density) over time. */
export function partShare(sampled: MeasuredVariant, dense: MeasuredVariant, part: Kind): number {
  const full = new Map(dense.rows!.map((row) => [row.name, row.ms]));
  const rows = sampled.rows!.filter(({ name }) => kindOf(name) === part);
  const promised = rows.reduce((sum, { name, density }) => sum + full.get(name)! * density, 0);
  return promised / rows.reduce((sum, { ms }) => sum + ms, 0);
}

/** What is compared with a dense layer: its convolution, with what sampling brings along. */
export const LAYERS = {
  conv1: ['conv1'],
  'conv1 + fill': ['conv1', 'interp1'],
  conv2: ['conv2'],
  'conv3 + fill': ['conv3', 'interp2'],
  block: KINDS,
} as const satisfies Record<string, readonly Kind[]>;
export type Layer = keyof typeof LAYERS;

export interface ShapeCrossover {
  /** `256 -> 64 -> 256, 120 x 200`. */
  shape: string;
  blocks: number;
  /** Absent with fewer than two densities below 1. */
  at: Record<Layer, Crossover | undefined>;
}

/** For each shape of block: the density at which each layer costs what it costs densely. Means over the blocks of the shape. */
export function crossoversOf(measurement: Measurement): ShapeCrossover[] {
  const dense = measurement.variants.find(({ engine }) => engine === 'dense')!;
  const sampled = measurement.variants.filter(({ engine, masks }) => engine === 'sampled' && masks === 'trained');
  const shapes = new Map<string, string[]>();
  for (const block of measurement.blocks) shapes.set(describeShape(block), [...(shapes.get(describeShape(block)) ?? []), block.name]);
  return [...shapes].map(([shape, blocks]) => {
    const at = Object.entries(LAYERS).map(([layer, kinds]) => {
      const cost = ({ rows }: MeasuredVariant) => costOf(rows!, blocks, kinds);
      const points = sampled.map((variant) => ({ density: variant.density!, cost: cost(variant) }));
      return [layer, points.filter(({ density }) => density < 1).length < 2 ? undefined : crossover(points, cost(dense))];
    });
    return { shape, blocks: blocks.length, at: Object.fromEntries(at) };
  });
}

function costOf(rows: readonly ProfileRow[], blocks: readonly string[], kinds: readonly Kind[]): number {
  const own = rows.filter(({ name }) => blocks.includes(blockOf(name) ?? '') && kinds.includes(kindOf(name)));
  return own.reduce((sum, { ms }) => sum + ms, 0);
}

function describeShape({ channels: [input, planes, , output], stride, map: [height, width] }: BlockShape): string {
  return `${input} → ${planes} → ${output}, ${height} × ${width}${stride > 1 ? `, stride ${stride}` : ''}`;
}

/** One line a step of every variant, for spreadsheets. */
export function layersCsv(measurements: readonly Measurement[]): string {
  const lines = measurements.flatMap(({ name, variants }) =>
    variants.flatMap(({ id, rows }) =>
      (rows ?? []).map(({ name: step, ms, density, macs, gflops }) =>
        [name, id, blockOf(step) ?? '', step, kindOf(step), ms.toFixed(4), density.toFixed(4), Math.round(macs), gflops.toFixed(2)].join(
          ',',
        ),
      ),
    ),
  );
  return `${['case,variant,block,step,kind,ms,density,macs,gflops', ...lines].join('\n')}\n`;
}
