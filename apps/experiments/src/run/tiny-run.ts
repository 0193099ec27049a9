// A run small enough for a test: 8 made scenes of 64x64, a few steps, every part of the real path.
import type { Run, RunConfig } from '../config/schema.ts';
import { runConfigSchema } from '../config/schema.ts';

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
