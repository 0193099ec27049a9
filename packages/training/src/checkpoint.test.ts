import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readSafetensors, SafetensorsError, writeSafetensors } from '@stint/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import { CheckpointError, createOptimizer, loadCheckpoint, loadWeights, saveCheckpoint, toVariables } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-checkpoint-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function state(fill: number) {
  const variables = toVariables({ 'conv.weight': tf.fill([2, 3], fill), 'conv.bias': tf.fill([3], -fill) });
  const buffers = toVariables(
    { 'bn.running_mean': tf.fill([3], 10 * fill), count: tf.scalar(7 * fill, 'int32'), used: tf.tensor1d([true, false]) },
    { trainable: false },
  );
  const optimizer = createOptimizer({ kind: 'adamw' }, variables);
  return { variables, buffers, optimizer };
}

const values = (tensors: Record<string, tf.Tensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));

test('variables, buffers, optimizer, step, best, random state and metadata come back', () => {
  const saved = state(3);
  tf.tidy(() => saved.optimizer.step({ 'conv.bias': tf.tensor1d([1, 2, 3]) }, 0.1));
  const best = { metric: 'AP', value: 0.1 + 0.2, step: 8 };
  const file = saveCheckpoint(path.join(folder, 'new/run'), { ...saved, step: 12, best, random: [1, 2], metadata: { commit: 'abc' } });
  expect(file).toBe(path.join(folder, 'new/run/last.safetensors'));
  expect([...readSafetensors(file).tensors.keys()].sort()).toEqual([
    'model.bn.running_mean',
    'model.conv.bias',
    'model.conv.weight',
    'model.count',
    'model.used',
    'optimizer.exp_avg.conv.bias',
    'optimizer.exp_avg.conv.weight',
    'optimizer.exp_avg_sq.conv.bias',
    'optimizer.exp_avg_sq.conv.weight',
    'optimizer.steps',
  ]);
  const loaded = state(0);
  const tensors = () => tf.memory().numTensors - loaded.optimizer.tensorCount;
  const before = tensors();
  expect(loadCheckpoint(file, loaded)).toEqual({ step: 12, best, random: [1, 2], metadata: { commit: 'abc' } });
  expect(tensors()).toBe(before);
  expect(values(loaded.variables)).toEqual(values(saved.variables));
  expect(values(loaded.buffers)).toEqual(values(saved.buffers));
  expect(values(loaded.optimizer.state())).toEqual(values(saved.optimizer.state()));
  // Saved again: the same bytes.
  const again = saveCheckpoint(folder, { ...loaded, step: 12, best, random: [1, 2], metadata: { commit: 'abc' } }, 'best');
  expect(fs.readFileSync(again).equals(fs.readFileSync(file))).toBe(true);
});

test('an evaluation needs no optimizer', () => {
  const file = saveCheckpoint(folder, { ...state(2), step: 1 });
  const { variables, buffers } = state(0);
  expect(loadCheckpoint(file, { variables, buffers }).step).toBe(1);
  expect(values(variables)).toEqual(values(state(2).variables));
});

test('a misfit lists every name and changes nothing', () => {
  const { variables } = state(1);
  const other = { ...variables, 'conv.weight': tf.variable(tf.zeros([3, 2])), 'conv.mask': tf.variable(tf.zeros([4])) };
  const before = values(other);
  const file = saveCheckpoint(folder, { variables, buffers: { extra: tf.variable(tf.scalar(1, 'int32'), false) }, step: 1 });
  let error: unknown;
  try {
    loadCheckpoint(file, { variables: other, optimizer: createOptimizer({ kind: 'sgd' }, other) });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as CheckpointError).problems).toEqual([
    'model.conv.weight is [2,3], expected [3,2]',
    'model.conv.mask is missing, expected [4]',
    'optimizer.steps is missing, expected [3]',
    'model.extra [] is unexpected',
  ]);
  expect((error as Error).message).toContain(file);
  expect(values(other)).toEqual(before);
  const dtype = { ...variables, extra: tf.variable(tf.scalar(1), false) };
  expect(() => loadCheckpoint(file, { variables: dtype })).toThrow('model.extra is I32, expected float32');
});

test('a long list is cut in the message, not in the error', () => {
  const many = toVariables(Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`w${i}`, tf.scalar(i)])));
  const file = saveCheckpoint(folder, { variables: {}, step: 0 });
  expect(() => loadCheckpoint(file, { variables: many })).toThrow(/model.w9 is missing, expected \[\]\n {2}and 4 more$/);
});

test('other files are refused: damaged, or no checkpoint', () => {
  const file = saveCheckpoint(folder, { ...state(1), step: 1 });
  fs.truncateSync(file, 300);
  expect(() => loadCheckpoint(file, state(1))).toThrow(SafetensorsError);
  writeSafetensors(file, {}, { format: 'pt' });
  expect(() => loadCheckpoint(file, state(1))).toThrow('not a checkpoint of this package');
});

test('names and metadata keys may not collide', () => {
  const { variables } = state(1);
  expect(() => saveCheckpoint(folder, { variables, buffers: variables, step: 1 })).toThrow('conv.weight is both a variable and a buffer');
  expect(() => saveCheckpoint(folder, { variables, step: 1, metadata: { stint: '' } })).toThrow('"stint" is taken');
});

test('what a killed process left over is removed', () => {
  fs.writeFileSync(path.join(folder, 'last.safetensors.12345.tmp'), 'half a file');
  fs.writeFileSync(path.join(folder, 'best.safetensors.12345.tmp'), 'half a file');
  saveCheckpoint(folder, { ...state(1), step: 1 });
  expect(fs.readdirSync(folder).sort()).toEqual(['best.safetensors.12345.tmp', 'last.safetensors']);
});

describe('loadWeights', () => {
  test('takes the model part, with stated differences', () => {
    const file = saveCheckpoint(folder, { ...state(5), step: 1 });
    const variables = toVariables({ 'conv.weight': tf.zeros([2, 3]), 'conv.bias': tf.zeros([3]), 'conv1_mask.weight': tf.fill([1], 9) });
    const differences = {
      allowMissing: (name: string) => name.includes('mask'),
      allowUnexpected: (name: string) => !name.startsWith('conv'),
    };
    expect(loadWeights(file, variables, differences)).toEqual({
      missing: ['conv1_mask.weight'],
      unexpected: expect.arrayContaining(['bn.running_mean', 'count', 'used']),
    });
    expect(values(variables)).toEqual({ 'conv.weight': Array(6).fill(5), 'conv.bias': [-5, -5, -5], 'conv1_mask.weight': [9] });
  });

  test('other differences are errors', () => {
    const file = saveCheckpoint(folder, { variables: toVariables({ a: tf.zeros([1]), b: tf.zeros([1]) }), step: 1 });
    const load = () => loadWeights(file, toVariables({ a: tf.zeros([2]), c: tf.zeros([1]) }));
    expect(load).toThrow('a is [1], expected [2]');
    expect(load).toThrow('c is missing, expected [1]');
    expect(load).toThrow('b [1] is unexpected');
  });
});
