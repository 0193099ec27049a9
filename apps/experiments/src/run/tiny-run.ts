// A run small enough for a test: 8 made scenes of 64x64, a few steps, every part of the real path.

import { configHash } from '../config/hash.ts';
import type { Run, RunConfig } from '../config/schema.ts';
import { runConfigSchema } from '../config/schema.ts';
import type { RunResult } from './result.ts';

/** The tiny configuration with whole sections replaced by `overrides`. */
export function tinyConfig(overrides: Record<string, unknown> = {}): RunConfig {
  const training = { batchSize: 2, optimizer: { kind: 'adamw' }, lr: 1e-3, schedule: { kind: 'cosine' } };
  return runConfigSchema.parse({
    seed: 1,
    data: { kind: 'emoji', train: 8, val: 4, imageSize: 64 },
    model: {
      backbone: { stem: { kind: 'small', widths: [4, 8] }, layers: [1, 1], planes: [4, 8], expansion: 2 },
      fpn: { channels: 8, outputs: 1 },
      head: { kind: 'one-stage', channels: 8, convs: 1 },
      sampling: { integration: 'two-masks' },
    },
    pretrain: { ...training, steps: 2, resolutions: [32, 64] },
    train: { ...training, steps: 4, checkpointEvery: 2, logEvery: 1 },
    loss: { sparseWeight: 0.5 },
    evaluate: { batchSize: 3 },
    ...overrides,
  });
}

/** A run of that configuration. */
export function tinyRun(config: RunConfig, arm = 'rbf'): Run {
  return { experiment: 'tiny', profile: 'test', arm, sweep: {}, seed: config.seed, name: `${arm}/seed${config.seed}`, config };
}

/** What such a run could have left, made by other code than this. */
export function tinyResult({ experiment, profile, arm, sweep, seed, config }: Run): RunResult {
  const same = (mean: number) => ({ mean, std: 0 });
  return {
    experiment,
    profile,
    arm,
    sweep,
    seed,
    configHash: configHash(config),
    codeHash: '0123456789abcdef',
    metrics: { AP: 51.25, APl: -1 },
    macs: {
      dense: same(1e6),
      conditional: same(2e6),
      mask: same(1e5),
      interpolation: { direct: same(4e5), separable: same(1e5) },
      total: { direct: same(3e6), separable: same(2.7e6) },
      reference: 9e6,
    },
    densities: { 'layer1.0': { mask1: 0.5, mask2: 0.25 } },
    emptyWindows: 0.125,
    training: { loss: { mean: 2, variance: 0.5 } },
    parameters: 1000,
    steps: 2,
    seconds: { train: 1, evaluate: 1 },
    images: { train: 8, evaluate: 4, skipped: 0 },
    checkpoint: 'ab'.repeat(32),
  };
}
