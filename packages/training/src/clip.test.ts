import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { clipGradients, gradientNorm } from './index.ts';

const golden = JSON.parse(fs.readFileSync(path.join(__dirname, '../fixtures/torch.json'), 'utf8'));

test.each<{ maxNorm: number; norm: number; gradients: Record<string, number[]> }>(golden.clip)(
  'clipGradients to $maxNorm equals clip_grad_norm_',
  ({ maxNorm, norm, gradients: want }) => {
    const entries = Object.entries<number[]>(golden.gradients[0]);
    const given = Object.fromEntries(entries.map(([name, values]) => [name, tf.tensor(values, golden.shapes[name])]));
    const clipped = clipGradients(given, maxNorm);
    expectClose([clipped.norm], [norm], { rtol: 1e-6, atol: 0 });
    for (const name of Object.keys(want)) expectClose(clipped.gradients[name].dataSync(), want[name], { rtol: 2e-6, atol: 1e-7 }, name);
    if (norm < maxNorm) expect(clipped.gradients).toBe(given);
  },
);

test('no gradients have the norm 0; maxNorm must be positive', () => {
  expect(gradientNorm({}).dataSync()[0]).toBe(0);
  expect(() => clipGradients({}, 0)).toThrow('maxNorm 0 is not above 0');
});
