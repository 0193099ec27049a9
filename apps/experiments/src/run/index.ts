// One run from configuration to result.json: engine -> data -> model from the shared pretrained network -> train -> evaluate.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { startEngine } from '@stint/engine';
import { createProgress, loadCheckpoint, loadWeights, openMetricsLog, openTensorBoard, type StepRecord } from '@stint/training';
import { codeHash } from '../config/code.ts';
import { configHash } from '../config/hash.ts';
import type { PretrainConfig, Run, RunConfig } from '../config/schema.ts';
import { hasTwoOrders } from '../config/schema-model.ts';
import { openData } from '../task/index.ts';
import type { RunData } from '../task/task.ts';
import { createTeacher } from './distillation.ts';
import { describeEnvironment, type Environment } from './environment.ts';
import { evaluateModel } from './evaluate.ts';
import { writeFileAtomic } from './files.ts';
import { createModel, isSamplingParameter, type Model } from './model.ts';
import { saveOverlay } from './overlay.ts';
import { pretrainDense, savePretrained } from './pretrain.ts';
import { pretrainedFile } from './pretrained.ts';
import type { RunResult } from './result.ts';
import { asTrained, startingModel } from './starting-model.ts';
import { fineTune } from './train.ts';
import { summariseTraining } from './training-summary.ts';

export interface RunIo {
  /** Project folder: data and caches are relative to it. */
  root: string;
  /** Go on from the folder's last checkpoint when there is one. */
  resume: boolean;
  /** Stops training after the step under way, with a checkpoint. */
  signal?: AbortSignal;
  /** The run whose training is to be evaluated in place of an own one: its folder and name. */
  trained?: { folder: string; run: string };
  /** Where progress goes; default stderr. */
  stream?: { write(text: string): unknown; isTTY?: boolean; columns?: number };
}

/** The run was asked to stop; its checkpoint is saved and `--resume` goes on. */
export class RunStopped extends Error {}

/**
 * Trains and evaluates one run; everything it leaves is in `folder`.
 * @throws RunStopped when the signal stops it; errors of data, configuration or training with their own messages
 */
export async function executeRun(run: Run, folder: string, io: RunIo): Promise<RunResult> {
  const { config } = run;
  fs.mkdirSync(folder, { recursive: true });
  const engine = await startEngine({ threads: config.engine.threads, quiet: true });
  writeFileAtomic(path.join(folder, 'env.json'), `${JSON.stringify(describeEnvironment(engine, io.root), null, 2)}\n`);
  const data = await openData(config.data, io.root);
  for (const notice of data.notices) (io.stream ?? process.stderr).write(`${notice}\n`);
  let model = createModel(config.model, data.categories, config.seed, io.root);
  try {
    // Where metrics and checkpoint of the training are.
    const source = io.trained?.folder ?? folder;
    const checkpoint = path.join(source, 'last.safetensors');
    let trainSeconds = 0;
    if (io.trained) {
      model = asTrained(model, config, checkpoint);
      loadWeights(checkpoint, model.params);
    } else {
      const pretrained = await ensurePretrained(config, io);
      if (pretrained) loadWeights(pretrained, model.params, { allowMissing: isSamplingParameter });
      model = await startingModel(model, config, data, io);
      trainSeconds = await train(run, folder, io, model, data, pretrained);
    }
    const start = performance.now();
    const evaluation = await evaluateModel({ config, model, data });
    const seconds = (performance.now() - start) / 1000;
    // An own training only: what shares it would say the same again.
    const other =
      !io.trained && hasTwoOrders(config.model.sampling)
        ? await evaluateModel({ config: { ...config, evaluate: { ...config.evaluate, draws: 1 } }, model, data, order: 'training' })
        : undefined;
    await saveOverlay(path.join(folder, 'masks'), model, config, data);
    for (const [file, content] of Object.entries(evaluation.files)) writeFileAtomic(path.join(folder, file), content);
    const result: RunResult = {
      experiment: run.experiment,
      profile: run.profile,
      arm: run.arm,
      sweep: run.sweep,
      seed: run.seed,
      configHash: configHash(config),
      codeHash: codeHash(),
      metrics: evaluation.metrics,
      macs: evaluation.macs,
      densities: evaluation.densities,
      emptyWindows: evaluation.emptyWindows,
      training: summariseTraining(path.join(source, 'metrics.jsonl'), config.train.steps),
      trainedBy: io.trained?.run,
      trainingOrder: other?.metrics,
      parameters: model.size,
      steps: config.train.steps,
      seconds: { train: trainSeconds, evaluate: seconds },
      images: { train: data.trainLength, evaluate: evaluation.images, skipped: data.skipped },
      checkpoint: sha256(checkpoint),
    };
    writeFileAtomic(path.join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    model.dispose();
  }
}

async function train(run: Run, folder: string, io: RunIo, model: Model, data: RunData, pretrained: string | undefined): Promise<number> {
  const { config } = run;
  const teacher = config.loss.distillation && pretrained ? createTeacher(config, data.categories, pretrained) : undefined;
  const last = path.join(folder, 'last.safetensors');
  const resumable = io.resume && fs.existsSync(last);
  const log = logs(folder, run.name, config.train, io);
  const start = performance.now();
  try {
    const outcome = await fineTune({
      config,
      model,
      data,
      teacher,
      directory: folder,
      resume: resumable ? (state) => loadCheckpoint(last, state) : undefined,
      onStart: log.start,
      onStep: log.step,
      signal: io.signal,
    });
    if (outcome.status === 'stopped')
      throw new RunStopped(`${run.name}: stopped after step ${outcome.step} of ${config.train.steps}; --resume goes on`);
  } finally {
    log.close();
    teacher?.dispose();
  }
  return (performance.now() - start) / 1000;
}

/** metrics.jsonl, TensorBoard and the progress line of one training. */
function logs(folder: string, label: string, { steps, logEvery }: { steps: number; logEvery: number }, io: RunIo) {
  let opened:
    | { metrics: ReturnType<typeof openMetricsLog>; board: ReturnType<typeof openTensorBoard>; progress: ReturnType<typeof createProgress> }
    | undefined;
  return {
    start(step: number): void {
      opened = {
        metrics: openMetricsLog(path.join(folder, 'metrics.jsonl'), { resumeStep: step }),
        board: openTensorBoard(path.join(folder, 'tensorboard'), { resumeStep: step || undefined }),
        progress: createProgress({ total: steps, start: step, label, stream: io.stream, everySteps: logEvery * 5 }),
      };
    },
    step(record: StepRecord): void {
      const { step, loss, terms, norm, lr } = record;
      opened!.metrics.write({ event: 'step', ...record });
      if (step % logEvery === 0) opened!.board.scalars(step, { loss, norm, lr, ...terms });
      opened!.progress.update(step + 1, { loss });
    },
    close(): void {
      opened?.metrics.close();
      opened?.board.close();
      opened?.progress.close();
    },
  };
}

/** The shared pretrained network of a configuration, trained now when the cache lacks it; undefined when it has none. */
export async function ensurePretrained(config: RunConfig, io: RunIo): Promise<string | undefined> {
  const { pretrain } = config;
  if (pretrain === null) return undefined;
  return pretrainedFile(
    config,
    io.root,
    async (directory) => {
      await startEngine({ threads: config.engine.threads, quiet: true });
      const data = await openData(config.data, io.root);
      const dense = { ...config.model, sampling: { ...config.model.sampling, integration: 'dense' as const } };
      const model = createModel(dense, data.categories, pretrain.seed, io.root);
      const log = logs(directory, 'pretrain', pretrain, io);
      try {
        const withPretrain = { ...config, model: dense, pretrain } as RunConfig & { pretrain: PretrainConfig };
        const outcome = await pretrainDense({
          config: withPretrain,
          model,
          data,
          directory,
          onStart: log.start,
          onStep: log.step,
          signal: io.signal,
        });
        if (outcome.status === 'stopped')
          throw new RunStopped(`pretraining stopped after step ${outcome.step} of ${pretrain.steps}; the next run goes on`);
        savePretrained(directory, model, outcome.step);
        // The network itself, whatever this arm evaluates.
        const evaluate = { ...config.evaluate, scale: 1 };
        const evaluation = await evaluateModel({ config: { ...withPretrain, evaluate }, model, data });
        writeFileAtomic(
          path.join(directory, 'dense.json'),
          `${JSON.stringify({ metrics: evaluation.metrics, macs: evaluation.macs }, null, 2)}\n`,
        );
      } finally {
        log.close();
        model.dispose();
      }
    },
    { signal: io.signal, notify: (text) => void (io.stream ?? process.stderr).write(`${text}\n`) },
  );
}

/** Evaluates a checkpoint again, as `executeRun` does after training; nothing is written. */
export async function evaluateAgain(config: RunConfig, checkpoint: string, io: Pick<RunIo, 'root'>): Promise<Evaluated> {
  const engine = await startEngine({ threads: config.engine.threads, quiet: true });
  const environment = describeEnvironment(engine, io.root);
  const data = await openData(config.data, io.root);
  const model = createModel(config.model, data.categories, config.seed, io.root);
  try {
    loadWeights(checkpoint, model.params);
    const { metrics, macs, densities, emptyWindows, images } = await evaluateModel({ config, model, data });
    return { environment, result: { metrics, macs, densities, emptyWindows, images: { evaluate: images, skipped: data.skipped } } };
  } finally {
    model.dispose();
  }
}

/** The numbers of an evaluation, as they stand in result.json, and what made them. */
export interface Evaluated {
  environment: Environment;
  result: Pick<RunResult, 'metrics' | 'macs' | 'densities' | 'emptyWindows'> & {
    images: Pick<RunResult['images'], 'evaluate' | 'skipped'>;
  };
}

function sha256(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}
