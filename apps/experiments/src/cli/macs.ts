// `stint macs`: the cost model of a backbone at an image size.
import fs from 'node:fs';
import {
  type Backbone,
  countMacs,
  type Densities,
  type MacReport,
  resnet,
  resnet50,
  resnet101,
  type SamplingConfig,
} from '@stint/backbones';
import { UsageError } from '../config/catalog.ts';
import { hint } from '../config/nearest.ts';
import { type Io, printJson } from './io.ts';

export interface MacsOptions {
  size: [number, number];
  /** A number, or a JSON file. */
  densities?: string;
  /** Stages with deformable offset convolutions. */
  deformable?: number[];
  classifier?: boolean;
  json?: boolean;
}

/** The networks by name; `embedded` is that of experiments/bases/embedded.yaml. */
const models: Record<string, (options: { sampling?: SamplingConfig; classes?: number }) => Backbone> = {
  resnet50,
  resnet101,
  embedded: (options) =>
    resnet({ stem: { kind: 'small', widths: [16, 32] }, layers: [2, 2, 2], planes: [32, 64, 128], expansion: 2, ...options }),
};

const SAMPLING: SamplingConfig = { integration: 'two-masks', interval: 11, bias: 3, interpolation: { kind: 'rbf', window: 7, sigma: 3 } };

export function macsCommand(model: string, options: MacsOptions, { io }: { io: Io }): number {
  const build = models[model];
  if (!build) throw new UsageError(`no model "${model}"${hint(model, Object.keys(models))}`);
  const densities = options.densities === undefined ? undefined : readDensities(options.densities);
  const backbone = build({ sampling: densities === undefined ? undefined : SAMPLING, classes: options.classifier ? 1000 : undefined });
  if (typeof densities === 'object') checkBlocks(densities, backbone, String(options.densities));
  const { deformable, classifier } = options;
  const report = countMacs(backbone, options.size, densities, { deformableOffsets: deformable, classifier });
  const [height, width] = options.size;
  const flops = { direct: 2 * report.total.direct, separable: 2 * report.total.separable };
  if (options.json) printJson(io, { model, size: { height, width }, densities, ...report, flops });
  else io.out(describe(model, options.size, report));
  return 0;
}

function describe(model: string, [height, width]: [number, number], report: MacReport): string {
  const row = (name: string, macs: number): string => `${name.padEnd(34)}${(macs / 1e9).toFixed(3).padStart(10)}`;
  return [
    `${`${model} at ${height}x${width} (H x W)`.padEnd(34)}      GMAC`,
    row('dense (stem, downsample)', report.dense),
    row('conditional (conv1, conv2, conv3)', report.conditional),
    row('mask heads', report.mask),
    row('interpolation, 7x7 at once', report.interpolation.direct),
    row('interpolation, separable', report.interpolation.separable),
    row('total', report.total.direct),
    row('total, separable', report.total.separable),
    row('the same network without masks', report.denseTotal),
    '1 MAC is 2 FLOPs.',
  ].join('\n');
}

/** A number from 0 to 1, or a JSON file: `{block: {mask1, mask2}}`, or a result.json that has it under `densities`. */
function readDensities(text: string): Densities {
  const number = Number(text);
  if (text.trim() !== '' && !Number.isNaN(number)) {
    if (number < 0 || number > 1) throw new UsageError(`--densities ${text}: a density is from 0 to 1`);
    return number;
  }
  let json: unknown;
  try {
    json = JSON.parse(fs.readFileSync(text, 'utf8'));
  } catch (error) {
    throw new UsageError(`--densities ${text}: not a number, and not a JSON file: ${(error as Error).message}`);
  }
  const densities = (json as { densities?: unknown })?.densities ?? json;
  const valid = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
  for (const [block, entry] of Object.entries(densities as Record<string, { mask1?: unknown; mask2?: unknown }>)) {
    if (!valid(entry?.mask1) || !valid(entry?.mask2)) {
      throw new UsageError(`--densities ${text}: ${block} must be {mask1, mask2}, each from 0 to 1, found ${JSON.stringify(entry)}`);
    }
  }
  return densities as Densities;
}

function checkBlocks(densities: Record<string, unknown>, backbone: Backbone, file: string): void {
  const known = backbone.blocks.map((block) => block.name);
  const missing = known.filter((name) => !(name in densities));
  const unknown = Object.keys(densities).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`--densities ${file}: no block "${unknown[0]}" in this model${hint(unknown[0], known)}`);
  if (missing.length > 0) throw new UsageError(`--densities ${file}: the densities of ${missing.join(', ')} are missing`);
}
