// A PyTorch ResNet as a checkpoint of ours: layout turned, description added, and on wish fresh masks in every block.
import fs from 'node:fs';
import { type ResNetConfig, resnetLayout, type SamplingConfig } from '@stint/backbones/plain';
import { type Checkpoint, loadCheckpoint, type ModelDescription, type NamedTensor, parametersOf } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';

export interface ImportOptions {
  sampling?: SamplingConfig;
  /** A name a class of the classifier. */
  classes?: readonly string[];
}

/** Reads a state_dict with torchvision's or timm's names. @throws naming what does not fit a ResNet of bottlenecks. */
export function importTorchResnet(file: string, { sampling, classes }: ImportOptions): Checkpoint {
  const found = loadCheckpoint(file);
  if ('stint' in found.metadata || 'stint.model' in found.metadata)
    throw new UsageError(`${file} is a checkpoint of Stint already: predict, bench and export take it as it is`);
  const { backbone } = found.description;
  if (classes && classes.length !== backbone.classes)
    throw new UsageError(`--classes has ${classes.length} names, but the network ${backbone.classes ?? 'no'} classes`);
  const description: ModelDescription = {
    backbone: sampling ? { ...backbone, sampling } : backbone,
    ...(classes && { categories: classes.map((name, id) => ({ id, name })) }),
  };
  const tensors = new Map(found.tensors);
  if (sampling) for (const [name, tensor] of freshMasks({ ...backbone, sampling })) tensors.set(name, tensor);
  return loadCheckpoint({ description, tensors, metadata: {}, source: file });
}

/** What sampling adds: mask heads of weight 0 whose bias alone decides, rbf widths and filters where training starts (initialise of @stint/backbones). */
function freshMasks(config: ResNetConfig): [string, NamedTensor][] {
  const dense = new Set(parametersOf({ backbone: { ...config, sampling: undefined } }).map(({ name }) => name));
  const { bias, interpolation } = config.sampling!;
  return resnetLayout(config).parameters.flatMap(({ name, shape, role }): [string, NamedTensor][] => {
    if (dense.has(name)) return [];
    const values = { 'mask-bias': bias, sigma: interpolation.sigma, filter: 2 / interpolation.window ** 2 } as Record<string, number>;
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(values[role] ?? 0);
    return [[name, { shape, data }]];
  });
}

/** Names, one a line, or a JSON list. */
export function readClasses(file: string): string[] {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--classes ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (!text.trimStart().startsWith('['))
    return text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean);
  try {
    return (JSON.parse(text) as unknown[]).map(String);
  } catch (error) {
    throw new UsageError(`--classes ${file}: ${(error as Error).message}`);
  }
}
