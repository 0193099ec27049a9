// result.json and env.json, read back: what they must say for verify, compare, reproduce and the report to go on.
import path from 'node:path';
import { z } from 'zod';
import type { Environment } from '../run/environment.ts';
import type { RunResult } from '../run/result.ts';
import { readJsonFile } from './json-file.ts';

const amount = z.number().min(0);
const spread = z.looseObject({ mean: amount, std: amount });
const byTaps = z.looseObject({ direct: spread, separable: spread });
/** Means of many are rounded. */
const share = z
  .number()
  .min(0)
  .max(1 + 1e-6);
const metrics = z.record(z.string(), z.number());

/** Of all tasks: metrics and backbone MACs. */
export const macSummary = z.looseObject({
  dense: spread,
  conditional: spread,
  mask: spread,
  interpolation: byTaps,
  total: byTaps,
  reference: amount,
});

/** Later versions may say more. */
const result = z.looseObject({
  experiment: z.string(),
  profile: z.string(),
  arm: z.string(),
  sweep: z.record(z.string(), z.union([z.number(), z.string()])),
  seed: z.number(),
  metrics,
  macs: macSummary,
  densities: z.record(z.string(), z.strictObject({ mask1: share, mask2: share, mask3: share.optional() })),
  seconds: z.looseObject({ train: amount, evaluate: amount }),
  configHash: z.string(),
  codeHash: z.string(),
  parameters: amount,
  steps: amount,
  images: z.looseObject({ train: amount, evaluate: amount, skipped: amount }),
  emptyWindows: share.optional(),
  training: z.looseObject({ loss: z.looseObject({ mean: z.number(), variance: amount }), emptyWindows: share.optional() }).optional(),
  trainingOrder: metrics.optional(),
  trainingOrderAP: z.number().optional(),
  trainedBy: z.string().optional(),
  checkpoint: z.string(),
});

/** The result in a run's folder. @throws JsonFileError */
export function readResult(folder: string): RunResult {
  return readJsonFile(path.join(folder, 'result.json'), result, {
    what: 'result of a run',
    wayOut: 'restore it, or remove it and make the run again with stint run',
  });
}

const text = z.string().optional();
const number = z.number().optional();

/** Earlier versions said less. */
const environment = z.looseObject({
  stint: text,
  commit: z.string().nullish(),
  dirty: z.boolean().nullish(),
  code: text,
  engine: z
    .looseObject({
      tensorflowVersion: text,
      tfjsVersion: text,
      threads: number,
      gpu: z.boolean().optional(),
      device: text,
      oneDnn: z.boolean().optional(),
    })
    .optional(),
  kernels: z.looseObject({ isa: text }).nullish(),
  node: text,
  platform: text,
  cpu: text,
  cores: number,
  memoryGiB: number,
  started: text,
});

/** env.json of a run's folder, as much as it says. */
export type WrittenEnvironment = Partial<Omit<Environment, 'engine'>> & { engine?: Partial<Environment['engine']> };

/** @throws JsonFileError */
export function readEnvironment(folder: string): WrittenEnvironment {
  return readJsonFile(path.join(folder, 'env.json'), environment, {
    what: 'environment of a run',
    wayOut: 'restore it, or remove it: what made the run is then not known',
  }) as WrittenEnvironment;
}
