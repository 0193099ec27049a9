import fs from 'node:fs';
import path from 'node:path';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { learningRateAt, type ScheduleConfig } from './index.ts';

const golden = JSON.parse(fs.readFileSync(path.join(__dirname, '../fixtures/torch.json'), 'utf8'));

test.each<{ config: ScheduleConfig; rates: number[] }>(golden.schedules)(
  'learningRateAt equals torch.optim.lr_scheduler: $config.kind',
  ({ config, rates }) => {
    const got = rates.map((_, step) => learningRateAt(step, config));
    expectClose(got, rates, { rtol: 1e-12, atol: 0 });
  },
);

test('the cosine rests at its minimum after the end; gamma is 0.1 by default', () => {
  const cosine: ScheduleConfig = { kind: 'cosine', learningRate: 1, totalSteps: 10 };
  expect(learningRateAt(5, cosine)).toBeCloseTo(0.5, 12);
  expect(learningRateAt(25, cosine)).toBe(0);
  expect(learningRateAt(2, { kind: 'step', learningRate: 1, milestones: [1, 2] })).toBeCloseTo(0.01, 12);
});

test('warm-up multiplies the regular rate', () => {
  const config: ScheduleConfig = { kind: 'cosine', learningRate: 1, totalSteps: 100, warmup: { steps: 10, factor: 0 } };
  expect(learningRateAt(0, config)).toBe(0);
  expect(learningRateAt(5, config)).toBeCloseTo(0.25 * (1 + Math.cos(0.05 * Math.PI)), 12);
});
