import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {
  createOptimizer,
  type EvaluationRecord,
  loadCheckpoint,
  NonFiniteLossError,
  type StepRecord,
  type TrainOptions,
  toVariables,
  trainLoop,
} from './index.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-training-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Linear regression on y = 2 x0 - x1 with four points. */
function problem(extra: Partial<TrainOptions<number[]>> = {}) {
  const variables = toVariables({ w: tf.zeros([2, 1]), b: tf.zeros([1]) });
  const optimizer = createOptimizer({ kind: 'sgd', momentum: 0.9 }, variables);
  const records: StepRecord[] = [];
  const options: TrainOptions<number[]> = {
    totalSteps: 5,
    variables,
    optimizer,
    schedule: { kind: 'constant', learningRate: 0.05 },
    batch: (step) => [(step % 3) + 1, 1, 0, 1],
    loss([a, b, c, d]) {
      const x = tf.tensor2d([a, b, c, d], [2, 2]);
      const error = tf.sub(tf.add(tf.matMul(x, variables.w), variables.b), tf.tensor2d([2 * a - b, 2 * c - d], [2, 1]));
      return { error: tf.mean(tf.square(error)) as tf.Scalar, size: tf.sum(tf.square(variables.w)) as tf.Scalar };
    },
    weights: { size: 0.01 },
    onStep: (record) => void records.push(record),
    ...extra,
  };
  return { options, variables, optimizer, records };
}

test('the first step is the one done by hand', async () => {
  const { options, variables, records } = problem({ totalSteps: 1, now: () => 7 });
  expect(await trainLoop(options)).toEqual({ status: 'finished', step: 1, best: undefined });
  // At w = b = 0 the errors are -1 (x = [1, 1]) and 1 (x = [0, 1]): gradient of w [-1, 0], of b 0.
  expect(records).toEqual([
    { step: 0, lr: 0.05, loss: 1, terms: { error: 1, size: 0 }, norm: 1, tensors: expect.any(Number), ms: 0, waitMs: 0 },
  ]);
  expect(Array.from(variables.w.dataSync())).toEqual([Math.fround(0.05), 0]);
  expect(Array.from(variables.b.dataSync())).toEqual([0]);
});

test('terms are weighted in the loss and logged unweighted; weights may follow the step', async () => {
  const { options, records } = problem({ weights: (step) => ({ size: step === 2 ? 0 : 3 }) });
  await trainLoop(options);
  for (const { step, loss, terms } of records) expect(loss).toBeCloseTo(terms.error + (step === 2 ? 0 : 3) * terms.size, 5);
  expect(records[2].terms.size).toBeGreaterThan(0);
});

test('learning rates come from the schedule or a function; the norm is clipped', async () => {
  const scheduled = problem({ schedule: { kind: 'step', learningRate: 1e-3, milestones: [2] } });
  await trainLoop(scheduled.options);
  expect(scheduled.records.map(({ lr }) => lr.toFixed(6))).toEqual(['0.001000', '0.001000', '0.000100', '0.000100', '0.000100']);
  const { options, variables, records } = problem({ totalSteps: 1, schedule: (step) => step + 1, clipNorm: 0.25 });
  await trainLoop(options);
  expect(records[0].norm).toBe(1); // before clipping
  expect(variables.w.dataSync()[0]).toBeCloseTo(0.25, 5);
});

test('tensors are constant over 200 steps', async () => {
  const { options, records } = problem({ totalSteps: 200, checkLeaks: true, clipNorm: 0.1 });
  await trainLoop(options);
  expect(new Set(records.map(({ tensors }) => tensors)).size).toBe(1);
  expect(records[198].terms.error).toBeLessThan(0.5 * records[0].terms.error);
});

test('a parameter without gradient in some steps is no leak', async () => {
  const variables = toVariables({ a: tf.zeros([1]), b: tf.zeros([1]) });
  const optimizer = createOptimizer({ kind: 'adamw', weightDecay: 0 }, variables);
  const schedule = { kind: 'constant', learningRate: 1 } as const;
  const loss = (_: undefined, step: number) => ({ sum: tf.sum(step % 2 ? variables.a : tf.add(variables.a, variables.b)) as tf.Scalar });
  await trainLoop({ totalSteps: 5, variables, optimizer, schedule, loss, checkLeaks: true });
  // With a constant gradient each Adam step has the length of the learning rate.
  expect(variables.a.dataSync()[0]).toBeCloseTo(-5, 4);
  expect(variables.b.dataSync()[0]).toBeCloseTo(-3, 4);
});

test('a leak is reported with the step, not for the first step', async () => {
  const { options, records } = problem({ checkLeaks: true });
  const leaky = {
    ...options,
    loss: (batch: number[], step: number) => {
      if (step !== 1) tf.keep(tf.zeros([3]));
      return options.loss(batch, step);
    },
  };
  await expect(trainLoop(leaky)).rejects.toThrow('step 2 left 1 tensors behind');
  expect(records.map(({ step }) => step)).toEqual([0, 1]);
});

describe('what is not finite stops the run before the variables change', () => {
  const failing = async (
    change: (terms: Record<string, tf.Scalar>, w: tf.Variable) => Record<string, tf.Scalar>,
  ): Promise<NonFiniteLossError> => {
    const { options, variables } = problem();
    const tensors = tf.memory().numTensors;
    let before: Float32Array | undefined;
    const run = trainLoop({
      ...options,
      weights: {},
      loss(batch, step) {
        if (step < 3) return options.loss(batch, step);
        before = variables.w.dataSync() as Float32Array;
        return change(options.loss(batch, step), variables.w);
      },
    });
    const error = await run.catch((reason) => reason);
    expect(error).toBeInstanceOf(NonFiniteLossError);
    expect(variables.w.dataSync()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    return error;
  };

  test('a term', async () => {
    const error = await failing((terms) => ({ ...terms, size: tf.log(tf.scalar(-1)) as tf.Scalar }));
    expect(error).toMatchObject({ step: 3, term: 'size', values: { size: NaN, loss: NaN, error: expect.any(Number) } });
    expect(error.message).toMatch(/size is NaN at step 3 \(error [\d.e-]+, size NaN, loss NaN, norm [\d.e-]+\); try/);
  });

  test('the sum', async () => {
    const error = await failing((terms) => ({ ...terms, a: tf.scalar(3e38), b: tf.scalar(3e38) }));
    expect(error).toMatchObject({ term: 'loss', values: { loss: Infinity } });
  });

  test('the gradient, with the parameters', async () => {
    // sqrt has an infinite slope at 0.
    const error = await failing((terms, w) => ({ ...terms, root: tf.sum(tf.sqrt(tf.mul(w, 0))) as tf.Scalar }));
    expect(error).toMatchObject({ term: 'norm', values: { root: 0, norm: NaN }, parameters: ['w'] });
    expect(error.message).toMatch('gradients not finite: w');
  });
});

test.each<[string, Partial<TrainOptions<number[]>>, string]>([
  ['a weight without term', { weights: { focal: 1 } }, 'weight for focal, but the loss has the terms error, size'],
  ['nothing to train on', { weights: { error: 0, size: 0 } }, 'no term with a weight other than 0'],
  ['a term that is no scalar', { weights: {}, loss: () => ({ a: tf.zeros([2]) as unknown as tf.Scalar }) }, 'loss term a has shape [2]'],
  ['a reserved name', { weights: {}, loss: () => ({ norm: tf.scalar(1) }) }, 'may not be called norm'],
])('refuses %s', async (_, extra, message) => {
  await expect(trainLoop(problem(extra).options)).rejects.toThrow(message);
});

describe('batches', () => {
  test('are fetched one step ahead and released', async () => {
    const events: string[] = [];
    const { options } = problem({
      totalSteps: 3,
      batch: async (step) => {
        events.push(`fetch ${step}`);
        return [step + 1, 1, 0, 1];
      },
      releaseBatch: ([first]) => void events.push(`release ${first - 1}`),
      onStep: ({ step }) => void events.push(`step ${step}`),
    });
    await trainLoop(options);
    expect(events).toEqual(['fetch 0', 'fetch 1', 'release 0', 'step 0', 'fetch 2', 'release 1', 'step 1', 'release 2', 'step 2']);
  });

  test('a failing one ends the run at its own step', async () => {
    const { options, records } = problem({
      batch: async (step) => {
        if (step === 2) throw new Error('image 7 is damaged');
        return [1, 1, 0, 1];
      },
    });
    await expect(trainLoop(options)).rejects.toThrow('image 7 is damaged');
    expect(records.map(({ step }) => step)).toEqual([0, 1]);
  });

  test('the one fetched ahead is released when the run fails', async () => {
    const released: number[] = [];
    const { options } = problem({
      batch: (step) => [step, 1, 0, 1],
      releaseBatch: ([first]) => void released.push(first),
      onStep: () => {
        throw new Error('disk full');
      },
    });
    await expect(trainLoop(options)).rejects.toThrow('disk full');
    await new Promise(setImmediate);
    expect(released).toEqual([0, 1]);
  });

  test('are not needed', async () => {
    const variables = toVariables({ w: tf.ones([1]) });
    const optimizer = createOptimizer({ kind: 'sgd' }, variables);
    const schedule = { kind: 'constant', learningRate: 0.5 } as const;
    await trainLoop({ totalSteps: 2, variables, optimizer, schedule, loss: () => ({ w: tf.sum(variables.w) as tf.Scalar }) });
    expect(Array.from(variables.w.dataSync())).toEqual([0]);
  });
});

describe('evaluation and checkpoints', () => {
  const scores = [0.3, 0.5, 0.4];
  const evaluated = (results: EvaluationRecord[], mode?: 'max' | 'min') => ({
    every: 2,
    run: (step: number) => ({ AP: scores[Math.floor(step / 2)] }),
    best: { metric: 'AP', mode },
    onResult: (record: EvaluationRecord) => void results.push(record),
  });

  test('every so many steps and at the end; best and last are kept', async () => {
    const results: EvaluationRecord[] = [];
    const saved: string[] = [];
    const { options, variables, optimizer } = problem({
      evaluation: evaluated(results),
      checkpoint: {
        directory: folder,
        every: 3,
        random: { seed: 5 },
        onSave: (file, step) => void saved.push(`${path.basename(file)} ${step}`),
      },
    });
    const result = await trainLoop(options);
    expect(results.map(({ step, metrics, best }) => [step, metrics.AP, best])).toEqual([
      [1, 0.3, true],
      [3, 0.5, true],
      [4, 0.4, false],
    ]);
    expect(saved).toEqual(['best.safetensors 2', 'last.safetensors 3', 'best.safetensors 4', 'last.safetensors 5']);
    expect(result.best).toEqual({ metric: 'AP', value: 0.5, step: 3 });
    const last = loadCheckpoint(path.join(folder, 'last.safetensors'), { variables, optimizer });
    expect(last).toEqual({ step: 5, best: result.best, random: { seed: 5 }, metadata: {} });
    expect(loadCheckpoint(path.join(folder, 'best.safetensors'), { variables, optimizer }).step).toBe(4);
  });

  test('the best may be the least; a metric that is NaN is never the best', async () => {
    const results: EvaluationRecord[] = [];
    await trainLoop(problem({ evaluation: evaluated(results, 'min') }).options);
    expect(results.map(({ best }) => best)).toEqual([true, false, false]);
    const nan = { every: 5, run: () => ({ AP: NaN }), best: { metric: 'AP' } };
    expect((await trainLoop(problem({ evaluation: nan }).options)).best).toBeUndefined();
    const wrong = { ...nan, best: { metric: 'mIoU' } };
    await expect(trainLoop(problem({ evaluation: wrong }).options)).rejects.toThrow('best metric mIoU is not among AP');
  });

  test('an abort signal stops after the step under way, with a checkpoint; going on gives the same bits as never stopping', async () => {
    const straight = problem({ totalSteps: 9 });
    await trainLoop(straight.options);
    const controller = new AbortController();
    const checkpoint = { directory: folder, every: 100 };
    const stopped = problem({ totalSteps: 9, checkpoint, signal: controller.signal });
    const onStep = (record: StepRecord) => {
      stopped.records.push(record);
      if (record.step === 3) controller.abort();
    };
    expect(await trainLoop({ ...stopped.options, onStep })).toEqual({ status: 'stopped', step: 4, best: undefined });
    const resumed = problem({ totalSteps: 9, checkpoint });
    const resume = loadCheckpoint(path.join(folder, 'last.safetensors'), resumed);
    expect(await trainLoop({ ...resumed.options, resume })).toMatchObject({ status: 'finished', step: 9 });
    const numbers = ({ step, loss, norm }: StepRecord) => [step, loss, norm];
    expect([...stopped.records, ...resumed.records].map(numbers)).toEqual(straight.records.map(numbers));
    for (const name of ['w', 'b']) expect(resumed.variables[name].dataSync()).toEqual(straight.variables[name].dataSync());
  });

  test('a finished run that is resumed does nothing', async () => {
    const { options, records } = problem();
    expect(await trainLoop({ ...options, resume: { step: 5 } })).toMatchObject({ status: 'finished', step: 5 });
    expect(records).toEqual([]);
  });

  test('timers and signals get a turn between steps', async () => {
    let turns = 0;
    const { options } = problem({ onStep: () => void setImmediate(() => turns++) });
    await trainLoop(options);
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});
