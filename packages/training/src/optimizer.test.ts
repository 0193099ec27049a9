import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { createOptimizer, type OptimizerConfig, toVariables } from './index.ts';

// Made by torch in float64; the generating script is in the file.
const golden = JSON.parse(fs.readFileSync(path.join(__dirname, '../fixtures/torch.json'), 'utf8'));
const groups = [
  { match: /^mask\./g, lrScale: 0.1 },
  { match: (name: string) => name.endsWith('bias'), weightDecay: 0 },
  { match: /conv\.bias/, lrScale: 99 }, // never reached: the first match wins
];

function start() {
  return toVariables(
    Object.fromEntries(Object.entries<number[]>(golden.start).map(([name, values]) => [name, tf.tensor(values, golden.shapes[name])])),
  );
}

function gradientsAt(step: number): Record<string, tf.Tensor> {
  const given = Object.entries<number[] | null>(golden.gradients[step]).filter(([, values]) => values !== null);
  return Object.fromEntries(given.map(([name, values]) => [name, tf.tensor(values as number[], golden.shapes[name])]));
}

describe('createOptimizer equals torch.optim', () => {
  for (const { name, config, groups: grouped, parameters } of golden.optimizers) {
    test(`${name}${grouped ? ', parameter groups' : ''}`, () => {
      const before = tf.memory().numTensors;
      const variables = start();
      const optimizer = createOptimizer(config as OptimizerConfig, variables, grouped ? groups : []);
      parameters.forEach((want: Record<string, number[]>, step: number) => {
        tf.tidy(() => optimizer.step(gradientsAt(step), golden.rates[step]));
        for (const key of Object.keys(want)) {
          expectClose(variables[key].dataSync(), want[key], { rtol: 2e-6, atol: 2e-6 }, `step ${step} ${key}`);
        }
      });
      expect(tf.memory().numTensors).toBe(before + 3 + optimizer.tensorCount);
      optimizer.dispose();
      tf.dispose(variables);
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});

test.each<OptimizerConfig>([{ kind: 'sgd' }, { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 }, { kind: 'adamw' }])(
  '%o: a restored state goes on with the same bits',
  (config) => {
    const before = tf.memory().numTensors;
    const [straight, broken] = [start(), start()];
    const first = createOptimizer(config, straight);
    const second = createOptimizer(config, broken);
    for (let step = 0; step < 5; step++) {
      tf.tidy(() => first.step(gradientsAt(step), 0.1));
      tf.tidy(() => second.step(gradientsAt(step), 0.1));
    }
    const third = createOptimizer(config, broken);
    tf.tidy(() => third.restore(second.state()));
    second.dispose();
    for (let step = 5; step < 9; step++) {
      tf.tidy(() => first.step(gradientsAt(step), 0.1));
      tf.tidy(() => third.step(gradientsAt(step), 0.1));
    }
    for (const name of Object.keys(straight)) expect(broken[name].dataSync()).toEqual(straight[name].dataSync());
    expect(Array.from(tf.tidy(() => third.state().steps.dataSync()))).toEqual([7, 9, 9]); // conv.bias has no gradient twice
    first.dispose();
    third.dispose();
    tf.dispose([straight, broken]);
    expect(tf.memory().numTensors).toBe(before);
  },
);

test('settings tell what the groups did', () => {
  const { settings } = createOptimizer({ kind: 'adamw' }, start(), groups);
  expect(settings).toEqual({
    'conv.bias': { lrScale: 1, weightDecay: 0 },
    'conv.weight': { lrScale: 1, weightDecay: 0.01 },
    'mask.weight': { lrScale: 0.1, weightDecay: 0.01 },
  });
});

test('misfits are named', () => {
  const variables = toVariables({ a: tf.zeros([2, 3]) });
  const optimizer = createOptimizer({ kind: 'sgd', momentum: 0.9 }, variables);
  expect(() => optimizer.step({ b: tf.zeros([2, 3]) }, 1)).toThrow('gradient for b, which is not a parameter');
  expect(() => optimizer.step({ a: tf.zeros([1, 3]) }, 1)).toThrow('gradient of a is [1,3], the parameter [2,3]');
  expect(() => optimizer.restore({ steps: tf.zeros([1]) })).toThrow('state momentum.a is missing, expected [2,3]');
  expect(() => optimizer.restore({ ...optimizer.state(), c: tf.zeros([1]) })).toThrow('state c is [1], expected none');
  expect(() => createOptimizer({ kind: 'sgd', nesterov: true }, variables)).toThrow('nesterov needs a momentum');
});
