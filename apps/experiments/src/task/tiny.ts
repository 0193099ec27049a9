// Tiny configurations of the other tasks, for tests.
import type { RunConfig } from '../config/schema.ts';
import { tinyConfig } from '../run/tiny-run.ts';

const SMALL = { flip: true, train: 8, val: 5 };

/** 8 thin scenes of 64x64. */
export function tinySegmentation(overrides: Record<string, unknown> = {}): RunConfig {
  const { model, pretrain } = tinyConfig();
  return tinyConfig({
    data: { kind: 'emoji-segmentation', variant: 'thin', imageSize: 64, ...SMALL },
    model: {
      ...model,
      fpn: { channels: 8, outputs: 2 },
      head: { kind: 'fpn-decoder', width: 8, classWeights: { background: 0.1 } },
    },
    pretrain: { ...pretrain!, resolutions: null, scales: [0.5, 1] },
    ...overrides,
  });
}

/** 8 crops of 64x64. */
export function tinyClassification(overrides: Record<string, unknown> = {}): RunConfig {
  const { model } = tinyConfig();
  return tinyConfig({
    data: { kind: 'emoji-crops', imageSize: 64, ...SMALL },
    model: { ...model, fpn: null, head: { kind: 'linear', labelSmoothing: 0.1 } },
    ...overrides,
  });
}
