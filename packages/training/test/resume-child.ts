// A small training run as a process of its own, for resume.test.ts: `resume-child.ts DIRECTORY [resume]`.
// It prints "step N" after each step and "rename N" before a checkpoint's rename; at the line that equals $HANG it stands still,
// so that the parent can kill it exactly there.
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer, loadCheckpoint, openMetricsLog, toVariables, trainLoop } from '../src/index.ts';

require('../../../tools/jest/tensorflow.cjs');

const [directory, mode] = process.argv.slice(2);
const last = path.join(directory, 'last.safetensors');

function say(line: string): void {
  fs.writeSync(1, `${line}\n`);
  if (line !== process.env.HANG) return;
  // Nobody wakes it up; the limit is for a parent that died.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  process.exit(3);
}

let stepsDone = 0;
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  if (to === last) say(`rename ${stepsDone}`);
  rename(from, to);
};

const random = (step: number, index: number): number => {
  const x = Math.sin(12.9898 * step + 78.233 * index) * 43758.5453;
  return x - Math.floor(x);
};
const filled = (shape: number[], seed: number): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => random(seed, i) - 0.5),
    shape,
  );
};

const variables = toVariables({ 'conv.weight': filled([3, 3, 1, 4], 901), 'conv.bias': tf.zeros([4]), 'fc.weight': filled([4, 2], 902) });
const buffers = toVariables({ 'bn.running_mean': tf.zeros([4]) }, { trainable: false });
const optimizer = createOptimizer({ kind: 'adamw', weightDecay: 0.05 }, variables, [{ match: /^fc/, lrScale: 2 }]);
const resume = mode === 'resume' && fs.existsSync(last) ? loadCheckpoint(last, { variables, buffers, optimizer }) : undefined;
const log = openMetricsLog(path.join(directory, 'metrics.jsonl'), { resumeStep: resume?.step ?? 0 });

trainLoop({
  totalSteps: 15,
  variables,
  optimizer,
  resume,
  schedule: { kind: 'cosine', learningRate: 0.02, totalSteps: 15, warmup: { steps: 4, factor: 0.1 } },
  clipNorm: 0.5,
  batch: async (step) => ({
    images: Float32Array.from({ length: 256 }, (_, i) => random(step, i)),
    labels: Int32Array.of(0, 1, step % 2, 1),
  }),
  loss({ images, labels }) {
    const x = tf.relu(
      tf.add(tf.conv2d(tf.tensor4d(images, [4, 8, 8, 1]), variables['conv.weight'] as tf.Tensor4D, 1, 'same'), variables['conv.bias']),
    );
    const mean = tf.mean(x, [0, 1, 2]);
    buffers['bn.running_mean'].assign(tf.add(tf.mul(buffers['bn.running_mean'], 0.9), tf.mul(mean, 0.1)));
    const logits = tf.matMul(tf.mean(tf.sub(x, buffers['bn.running_mean']), [1, 2]), variables['fc.weight']);
    const chosen = tf.sum(tf.mul(tf.oneHot(tf.tensor1d(labels, 'int32'), 2), tf.logSoftmax(logits as tf.Tensor2D)));
    return { crossEntropy: tf.neg(tf.div(chosen, 4)) as tf.Scalar };
  },
  onStep(record) {
    log.write({ ...record });
    stepsDone = record.step + 1;
    say(`step ${record.step}`);
  },
  evaluation: {
    every: 4,
    run: () => ({ size: tf.tidy(() => tf.sum(tf.abs(variables['fc.weight'])).dataSync()[0]) }),
    best: { metric: 'size', mode: 'max' },
    onResult: (record) => log.write({ ...record, event: 'evaluation' }),
  },
  checkpoint: { directory, every: 3, buffers, random: { seed: 9 }, metadata: { name: 'tiny' } },
}).then(
  ({ status, step }) => say(`${status} ${step}`),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
