import { spawnSync } from 'node:child_process';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { isStartupNoise } from './noise.ts';
import { requireDevice, startEngine } from './start.ts';

test('says what runs and registers the gradients', async () => {
  const info = await startEngine();
  expect(info).toMatchObject({ backend: 'tensorflow', tfjsVersion: tf.version_core, node: process.version, oneDnn: true });
  expect(info.tensorflowVersion).toMatch(/^2\.\d+\.\d+/);
  expect(tf.getBackend()).toBe('tensorflow');
  expect(info.gradients).toContain('CropAndResize');
  expect(tf.getGradient('CropAndResize')).toBeDefined();
  expect(await startEngine({ threads: info.threads })).toBe(info);
});

test('other threads than those that run are refused', async () => {
  const { threads } = await startEngine();
  await expect(startEngine({ threads: threads + 1 })).rejects.toThrow(
    `already runs with ${threads} threads, ${threads + 1} were asked for`,
  );
});

test.each([0, 1.5, -2])('threads: %p is refused', async (threads) => {
  await expect(startEngine({ threads })).rejects.toThrow(`threads is ${threads}; it must be a whole number`);
});

test('a GPU that is not there names the way out', () => {
  expect(() => requireDevice(true, { gpu: false, device: 'cpu' })).toThrow('bind --gpu');
  expect(() => requireDevice(true, { gpu: false, device: 'gpu' })).toThrow('nvidia-smi');
  expect(() => requireDevice(false, { gpu: true, device: 'gpu' })).toThrow('first call');
  expect(() => requireDevice(undefined, { gpu: true, device: 'gpu' })).not.toThrow();
});

test('in a fresh process: threads reach TensorFlow, and its notes are quiet', () => {
  // jest's process.env does not reach native code, so this needs a process of its own. 40 threads are more than this machine would get.
  const script = `
    const tasks = () => require('node:fs').readdirSync('/proc/self/task').length;
    const before = tasks();
    const { startEngine } = require(${JSON.stringify(path.join(__dirname, 'index.ts'))});
    startEngine({ threads: 40, quiet: true }).then((info) => console.log(JSON.stringify({ info, grown: tasks() - before })));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-C', '@stint/source', '-e', script], {
    cwd: path.join(__dirname, '../../..'),
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined, TF_NUM_INTRAOP_THREADS: undefined },
    encoding: 'utf8',
  });
  const { info, grown } = JSON.parse(stdout);
  expect(info).toMatchObject({ threads: 40, backend: 'tensorflow' });
  expect(grown).toBeGreaterThanOrEqual(40);
  const lines = stderr.split('\n').filter((line) => line !== '');
  expect(lines.filter((line) => !isStartupNoise(line))).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(2);
});
