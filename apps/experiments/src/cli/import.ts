// `stint import`: a PyTorch ResNet as a checkpoint of ours.
import fs from 'node:fs';
import path from 'node:path';
import type { InterpolationKind, SamplingConfig } from '@stint/backbones/plain';
import { UsageError } from '../config/catalog.ts';
import { hint } from '../config/nearest.ts';
import { importTorchResnet, readClasses } from '../interop/import-torch.ts';
import { writeCheckpoint } from '../latency/networks.ts';
import { type Io, printJson } from './io.ts';

export interface ImportCommandOptions {
  out: string;
  sampling?: string;
  interpolation?: string;
  interval?: number;
  bias?: number;
  classes?: string;
  json?: boolean;
}

const INTEGRATIONS = ['one-mask', 'two-masks', 'three-masks'];
const INTERPOLATIONS = ['rbf', 'average', 'convolution', 'zeros', 'reuse'];

export async function importCommand(weights: string, options: ImportCommandOptions, { io }: { io: Io }): Promise<number> {
  const { out, json } = options;
  if (!fs.existsSync(weights)) throw new UsageError(`${weights} does not exist; give a state_dict as safetensors`);
  const classes = options.classes === undefined ? undefined : readClasses(options.classes);
  const checkpoint = importTorchResnet(weights, { sampling: samplingOf(options), classes });
  fs.mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
  writeCheckpoint(out, checkpoint);
  const { backbone } = checkpoint.description;
  const parameters = [...checkpoint.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const depth = 2 + 3 * backbone.layers.reduce((sum, blocks) => sum + blocks, 0);
  if (json) printJson(io, { checkpoint: out, parameters, description: checkpoint.description });
  else {
    const { sampling, layers, planes, classes: count } = backbone;
    const masks = sampling
      ? `, fresh masks (${sampling.integration}, ${sampling.interpolation.kind}): train them before their MACs mean anything`
      : '';
    io.out(
      `${out}: ResNet-${depth} [${layers}] of width [${planes}], ${(parameters / 1e6).toFixed(2)} M values, ${count ?? 'no'} classes${masks}`,
    );
  }
  return 0;
}

function samplingOf({ sampling, interpolation, interval, bias }: ImportCommandOptions): SamplingConfig | undefined {
  const others = Object.entries({ '--interpolation': interpolation, '--interval': interval, '--bias': bias });
  const stray = others.find(([, value]) => value !== undefined);
  if (sampling === undefined) {
    if (stray) throw new UsageError(`${stray[0]} ${stray[1]} is of masks: give --sampling two-masks too`);
    return undefined;
  }
  if (!INTEGRATIONS.includes(sampling)) throw new UsageError(`--sampling ${sampling} is not known${hint(sampling, INTEGRATIONS)}`);
  const kind = interpolation ?? 'rbf';
  if (!INTERPOLATIONS.includes(kind)) throw new UsageError(`--interpolation ${kind} is not known${hint(kind, INTERPOLATIONS)}`);
  return {
    integration: sampling as SamplingConfig['integration'],
    interval: interval ?? 11,
    bias: bias ?? 3,
    interpolation: { kind: kind as InterpolationKind, window: 7, sigma: 3 },
  };
}
