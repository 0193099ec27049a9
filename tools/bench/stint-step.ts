// The embedded detector of experiments/ablation-interp.yaml as @stint trains it, one step at a time, for training-step.mjs.
// Commands come as JSON lines on stdin, answers go to stdout: `start` writes the parameters, the batch and the noise for the other side
// (safetensors), `check` trains with that noise and says losses and gradient norms, `run` trains and says times.
import path from 'node:path';
import readline from 'node:readline';
import { sparseLoss, uniformValues } from '@stint/core-sampling';
import { type EngineInfo, startEngine } from '@stint/engine';
import { type SafeTensor, writeSafetensors } from '@stint/safetensors';
import { createOptimizer, type ParameterGroup } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import { resolveExperiment } from '../../apps/experiments/src/config/resolve.ts';
import { createModel } from '../../apps/experiments/src/run/model.ts';
import { trainStep } from '../../packages/training/src/step.ts';
import { noiseBatch } from './scene.ts';

const CATEGORIES = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, name: String(i + 1) }));

const root = path.join(__dirname, '../..');
const TEMPERATURE = 0.5;

interface Settings {
  threads: number;
  batchSize: number;
  size: number;
  file: string;
}

interface Shape4 {
  shape: [number, number, number, number];
}

async function start({ threads, batchSize, size, file }: Settings) {
  const engine = await startEngine({ threads, quiet: true });
  const workspace = { root, experiments: path.join(root, 'experiments') };
  const { config } = resolveExperiment('ablation-interp', workspace, { profile: 'quick', arms: ['rbf'] }).runs[0];
  const model = createModel(config.model, CATEGORIES, 1);
  const { train, loss } = config;
  const groups: ParameterGroup[] = [
    { match: /_mask\./, lrScale: train.groups.mask },
    { match: /_sigma$/, lrScale: train.groups.sigma },
  ];
  const optimizer = createOptimizer(train.optimizer, model.variables, groups);
  const batch = noiseBatch(batchSize, size, 1);
  const noise = new Map<string, Shape4 & { u: Float32Array; v: Float32Array }>();

  /** Noise that does not change from step to step, so that both sides can use it. */
  const fixedNoise = (block: string, head: number, shape: Shape4['shape']) => {
    const name = `backbone.body.${block}.conv${head}_mask`;
    const values = (which: number) => uniformValues(shape[0] * shape[1] * shape[2], [7, noise.size, which]);
    if (!noise.has(name)) noise.set(name, { shape, u: values(0), v: values(1) });
    const { u, v } = noise.get(name)!;
    return { u: tf.tensor4d(u, shape), v: tf.tensor4d(v, shape) };
  };

  const losses = (context: { key: number[] } | { noise: typeof fixedNoise }, key: number[]) => {
    const images = tf.tensor4d(batch.images, [batchSize, size, size, 3]);
    const { maps, samples } = model.network.forward(model.params, images, { mode: 'train', temperature: TEMPERATURE, ...context });
    const terms = model.network.head.losses(model.params, maps, batch as never, { imageSize: [size, size], key });
    const probabilities = samples.map(({ probability1, probability2 }) => ({ mask1: probability1, mask2: probability2 }));
    return { ...terms, sparse: sparseLoss(probabilities) };
  };

  const step = (number: number, fixed: boolean) =>
    trainStep({
      variables: model.variables,
      optimizer,
      loss: () => losses(fixed ? { noise: fixedNoise } : { key: [1, number] }, [1, number]),
      weights: { sparse: loss.sparseWeight },
      step: number,
      learningRate: train.lr,
    });

  const writeSetUp = () => {
    tf.tidy(() => losses({ noise: fixedNoise }, [0])); // fills `noise`
    const f32 = (data: Float32Array, shape: number[]): SafeTensor => ({ dtype: 'F32', shape, data });
    writeSafetensors(file, [
      ...Object.entries(model.params).map(([name, value]) =>
        entry(`parameter.${name}`, f32(value.dataSync() as Float32Array, value.shape)),
      ),
      entry('images', f32(batch.images, [batchSize, size, size, 3])),
      ...batch.boxes.map((boxes, i) => entry(`boxes.${i}`, f32(boxes, [boxes.length / 4, 4]))),
      ...batch.labels.map((labels, i) => entry(`labels.${i}`, { dtype: 'I32', shape: [labels.length], data: labels })),
      ...[...noise].map(([name, { shape, u, v }]) => entry(`noise.${name}`, f32(Float32Array.from([...u, ...v]), [2, ...shape]))),
    ]);
    const { backbone, head, sampling } = config.model;
    return {
      layers: backbone.layers,
      convs: head.kind === 'one-stage' ? head.convs : 0,
      stride: model.network.backbone.strides[0],
      window: sampling.interpolation.window,
      interval: sampling.interval,
      temperature: TEMPERATURE,
      lr: train.lr,
      groups: train.groups,
      optimizer: train.optimizer,
      sparseWeight: loss.sparseWeight,
    };
  };
  return { engine, parameters: model.size, config: writeSetUp(), step };
}

const entry = (name: string, tensor: SafeTensor): [string, SafeTensor] => [name, tensor];

function timed(step: () => void): { wall: number; cpu: number } {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  step();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - wall, cpu: (user + system) / 1000 };
}

type Command = { op: 'start'; options: Settings } | { op: 'check' | 'run'; steps: number };

async function main(): Promise<void> {
  const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
  let running: Awaited<ReturnType<typeof start>> | undefined;
  let done = 0;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command: Command = JSON.parse(line);
    if (command.op === 'start') {
      running = await start(command.options);
      const { engine, parameters, config } = running;
      answer({ engine: engine satisfies EngineInfo, parameters, config });
      continue;
    }
    const { step } = running!;
    const fixed = command.op === 'check';
    answer(
      Array.from({ length: command.steps }, () => {
        if (fixed) return step(done++, true);
        return timed(() => step(done++, false));
      }),
    );
  }
}

main();
