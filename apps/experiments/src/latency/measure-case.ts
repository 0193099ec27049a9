// One case measured: every engine in its own process, loaded, checked against our dense outputs, then timed in turns, round by round.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { resnetLayout } from '@stint/backbones/plain';
import { uniformValues } from '@stint/core-sampling/plain';
import { type ModelDescription, paddedSize } from '@stint/runtime';
import { type CaseFiles, writeCaseFiles } from './case-files.ts';
import type { EngineProcess } from './engine-process.ts';
import { type EngineName, labelOf, type StartEngine } from './engines.ts';
import type { MeasuredEngine, MeasuredVariant, Measurement, Variant } from './measurement.ts';
import { Unavailable } from './python.ts';
import type { DigestAnswer, LoadAnswer, MemoryAnswer, RunAnswer } from './requests.ts';
import type { Case, LatencyConfig } from './schema.ts';
import { median } from './summary.ts';
import { blockShapes, workOf } from './work.ts';

export interface MeasureOptions {
  config: LatencyConfig;
  /** The project's folder. */
  root: string;
  start: StartEngine;
  /** Milliseconds between two turns, so that the threads of the last engine have gone to sleep. Default 10. */
  pause?: number;
  stop?: AbortSignal;
  kill?: AbortSignal;
  log(line: string): void;
}

/** Engines agree when their outputs differ by less, over the root mean square. */
const AGREEMENT = 1e-3;
const POINTS = 2048;

interface Running {
  engine: EngineName;
  process: EngineProcess;
  measured: MeasuredEngine;
}

/** Measures a case. Rejects when our own dense engine fails or the run is stopped; another engine's failure is part of the result. */
export async function measureCase(one: Case, options: MeasureOptions): Promise<Measurement> {
  const began = performance.now();
  const started = new Date().toISOString();
  const before = os.loadavg()[0];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-latency-'));
  const failures: Measurement['failures'] = [];
  const running: Running[] = [];
  try {
    const padded = paddedSize({ height: one.size[0], width: one.size[1] });
    const files = await writeCaseFiles(one, padded, folder, { config: options.config, root: options.root });
    await startAll(one, padded, files, { running, failures }, options);
    const variants = variantsOf(one, options.config).filter(({ engine }) => running.some((each) => each.engine === engine));
    const timed = await rounds(variants, running, failures, options);
    const measured = timed.map(({ variant, answers }) => toMeasured(variant, answers, files.description, padded));
    for (const each of running) each.measured.memory.running = (await each.process.ask<MemoryAnswer>({ do: 'memory' })).peak;
    return {
      name: one.name,
      network: one.network,
      size: one.size,
      padded,
      threads: one.threads,
      blocks: blockShapes(resnetLayout(files.description.backbone), padded),
      images: files.count,
      engines: running.map((each) => each.measured),
      variants: measured,
      failures,
      load: [before, os.loadavg()[0]],
      started,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await Promise.all(running.map(({ process }) => process.close()));
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What is timed in a case, in the order of a round. */
export function variantsOf({ config }: Pick<Case, 'config'>, { densities, masks, engines }: LatencyConfig): Variant[] {
  const others = engines.map((engine): Variant => ({ id: engine, engine }));
  const sampled: Variant[] =
    'checkpoint' in config
      ? [{ id: 'sampled-own', engine: 'sampled', masks: 'own' }]
      : [
          ...densities.map((density) => ({ density, masks: 'trained' as const })),
          ...masks.white.map((density) => ({ density, masks: 'white' as const })),
        ].map(({ density, masks: kind }) => ({ id: `sampled-${kind}-${density}`, engine: 'sampled', masks: kind, density }));
  return [{ id: 'dense', engine: 'dense' }, ...sampled, ...others];
}

async function startAll(
  one: Case,
  padded: [number, number],
  files: CaseFiles,
  { running, failures }: { running: Running[]; failures: Measurement['failures'] },
  options: MeasureOptions,
): Promise<void> {
  const points = Array.from(uniformValues(POINTS, [options.config.seed, 0xd16e]));
  let reference: number[][] | undefined;
  for (const engine of ['dense', 'sampled', ...options.config.engines] as const) {
    options.stop?.throwIfAborted();
    let process: EngineProcess | undefined;
    try {
      if (engine === 'sampled' && !files.description.backbone.sampling) throw new Unavailable('the network has no masks');
      process = options.start(engine, { threads: one.threads, kill: options.kill, log: options.log });
      const measured = await load(engine, process, one, padded, files, options);
      const { outputs } = await process.ask<DigestAnswer>({ do: 'digest', points, masks: full(engine, one) });
      reference ??= outputs;
      if (engine !== 'dense' && !(engine === 'sampled' && 'checkpoint' in one.config))
        measured.difference = compare(outputs, reference, engine);
      measured.memory.loading = (await process.ask<MemoryAnswer>({ do: 'memory', reset: true })).peak;
      running.push({ engine, process, measured });
    } catch (error) {
      await process?.close();
      if (engine === 'dense') throw error;
      fail(failures, engine, error as Error, options);
    }
  }
}

function fail(failures: Measurement['failures'], engine: EngineName, error: Error, { log, kill }: MeasureOptions): void {
  if (kill?.aborted) throw error;
  const unavailable = error instanceof Unavailable;
  failures.push({ engine, reason: error.message, ...(unavailable ? { unavailable } : {}) });
  log(`${unavailable ? 'skipped' : 'FAILED'}: ${unavailable ? `${labelOf(engine)}, ` : ''}${error.message}`);
}

/** Loads the network and makes the masks of every variant; then the process has done everything once. */
async function load(
  engine: EngineName,
  process: EngineProcess,
  one: Case,
  size: [number, number],
  files: CaseFiles,
  { config }: MeasureOptions,
): Promise<MeasuredEngine> {
  const ours = engine === 'dense' || engine === 'sampled';
  const sampler = engine === 'dense' ? 'dense' : 'checkpoint' in one.config ? 'stochastic' : 'given';
  const { resident: idle } = await process.ask<MemoryAnswer>({ do: 'memory' });
  const { version, isa } = await process.ask<LoadAnswer>({
    do: 'load',
    model: ours ? files.checkpoint : files.onnx,
    images: files.images,
    size,
    threads: one.threads,
    ...(ours ? { sampler, isa: config.isa } : {}),
  });
  if (engine === 'sampled') {
    for (const { id, density, masks: kind } of variantsOf(one, config)) {
      if (density !== undefined) await process.ask({ do: 'masks', id, options: { density, kind, masks: config.masks, seed: config.seed } });
    }
    const masks = full(engine, one);
    if (masks)
      await process.ask({ do: 'masks', id: masks, options: { density: 1, kind: 'white', masks: config.masks, seed: config.seed } });
  }
  return { engine, version, isa, memory: { idle, loading: 0, running: 0 } };
}

/** Name of the masks that sample everything: with them the sampled network's outputs are the dense one's. */
function full(engine: EngineName, { config }: Case): string | undefined {
  return engine === 'sampled' && !('checkpoint' in config) ? 'everything' : undefined;
}

/** Largest difference over the root mean square, of all outputs. Throws when it is too large. */
function compare(outputs: readonly number[][], reference: readonly number[][], engine: EngineName): number {
  if (outputs.length !== reference.length) throw new Error(`${labelOf(engine)}: ${outputs.length} outputs, not ${reference.length}`);
  const difference = Math.max(
    ...reference.map((want, i) => {
      const rms = Math.sqrt(want.reduce((sum, value) => sum + value * value, 0) / want.length);
      return Math.max(...want.map((value, k) => Math.abs(value - outputs[i][k]))) / rms;
    }),
  );
  if (!(difference < AGREEMENT)) {
    throw new Error(
      `${labelOf(engine)}: its outputs differ from our dense ones by ${difference.toExponential(1)} of their root mean square`,
    );
  }
  return difference;
}

interface Timed {
  variant: Variant;
  answers: RunAnswer[];
}

async function rounds(
  variants: readonly Variant[],
  running: Running[],
  failures: Measurement['failures'],
  options: MeasureOptions,
): Promise<Timed[]> {
  const { config, stop, pause = 10 } = options;
  const all = variants.map((variant): Timed => ({ variant, answers: [] }));
  for (let round = -1; round < config.rounds; round++) {
    for (let turn = 0; turn < all.length; turn++) {
      stop?.throwIfAborted();
      // Each round begins with another variant, so that no one always follows the same.
      const { variant, answers } = all[(turn + Math.max(round, 0)) % all.length];
      const own = running.find(({ engine }) => engine === variant.engine);
      if (!own) continue; // it failed in an earlier round
      const masks = variant.density === undefined ? undefined : variant.id;
      try {
        const answer = await own.process.ask<RunAnswer>({ do: 'run', masks, turn: round < 0 ? 0 : config.turn });
        if (round >= 0) answers.push(answer); // the first round warms up
      } catch (error) {
        running.splice(running.indexOf(own), 1);
        await own.process.close();
        if (variant.engine === 'dense') throw error;
        fail(failures, variant.engine, error as Error, options);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return all.filter(({ answers }) => answers.length === config.rounds);
}

function toMeasured(
  variant: Variant,
  answers: readonly RunAnswer[],
  description: ModelDescription,
  size: readonly [number, number],
): MeasuredVariant {
  const [{ densities, rows }] = answers;
  const ms = answers.map((answer) => answer.ms);
  const work = workOf(description, size, variant.engine === 'sampled' ? densities : undefined);
  if (!rows) return { ...variant, ms, work };
  const medians = rows.map((row, i) => {
    const time = median(answers.map((answer) => answer.rows![i].ms));
    return { ...row, ms: time, gflops: time > 0 ? (2 * row.macs) / (time * 1e6) : 0 };
  });
  return { ...variant, ms, densities, work, rows: medians };
}
