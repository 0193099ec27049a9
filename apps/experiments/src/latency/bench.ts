// `stint bench`: one network timed at one size, dense and sampled, beside the other engines; the table of an experiment without its report.
import fs from 'node:fs';
import path from 'node:path';
import Table from 'cli-table3';
import { type Io, printJson } from '../cli/io.ts';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { hint } from '../config/nearest.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { type StartEngine, startEngine } from './engines.ts';
import { measureCase } from './measure-case.ts';
import type { Measurement } from './measurement.ts';
import { casesOf, type LatencyConfig, latencySchema, type NetworkConfig } from './schema.ts';
import { speedupsOf } from './speedup.ts';
import { TIME_COLUMNS, timeRows } from './table.ts';

export interface BenchOptions {
  size: [number, number];
  densities?: number[];
  threads?: number[];
  rounds?: number;
  /** Channels of a pyramid. */
  fpn?: number;
  engines?: string[];
  json?: boolean;
}

const ENGINES = ['onnxruntime', 'openvino'];
const MODELS = ['resnet50', 'resnet101'];

export async function benchCommand(
  model: string,
  options: BenchOptions,
  { io, workspace, start = startEngine }: { io: Io; workspace: Workspace; start?: StartEngine },
): Promise<number> {
  const config = benchConfig(model, options);
  const log = options.json ? io.err : io.out;
  const control = listenForStop();
  try {
    const measurements: Measurement[] = [];
    for (const one of casesOf(config)) {
      if (control.stop.aborted) break;
      log(`${one.name}: ${config.rounds} rounds`);
      measurements.push(await measureCase(one, { config, root: workspace.root, start, stop: control.stop, kill: control.kill, log }));
    }
    if (options.json) printJson(io, { model, measurements: measurements.map((one) => ({ ...one, speedups: speedupsOf(one) })) });
    else io.out(describe(measurements));
    return measurements.some(({ failures }) => failures.some(({ unavailable }) => !unavailable)) ? 1 : 0;
  } catch (error) {
    if (control.stop.aborted) return exitCodeOf(control.stop);
    throw error;
  } finally {
    control.release();
  }
}

/** The options as a latency experiment of one network. */
export function benchConfig(model: string, { size, densities, threads, rounds, fpn, engines }: BenchOptions): LatencyConfig {
  const strange = engines?.find((engine) => ![...ENGINES, 'none'].includes(engine));
  if (strange !== undefined) throw new UsageError(`--engines ${strange}: give ${ENGINES.join(', ')} or none${hint(strange, ENGINES)}`);
  const config = latencySchema.parse({
    kind: 'latency',
    title: 'bench',
    networks: {
      [MODELS.includes(model) ? model : path.basename(model, '.safetensors').replaceAll(/[^\w.-]/g, '-')]: networkOf(model, fpn),
    },
    sizes: [size.join('x')],
    densities: densities ?? [1, 0.5, 0.35, 0.25],
    threads: threads ?? [1],
    engines: engines?.filter((engine) => engine !== 'none'),
    rounds: rounds ?? 5,
    turn: 100,
  });
  return config;
}

function networkOf(model: string, fpn: number | undefined): NetworkConfig | object {
  if (MODELS.includes(model)) return { backbone: model, fpn };
  if (!fs.existsSync(model))
    throw new UsageError(`no model "${model}"${hint(model, MODELS)}: give ${MODELS.join(', ')} or a checkpoint (safetensors)`);
  if (fpn !== undefined) throw new UsageError(`--fpn ${fpn}: a checkpoint brings its own pyramid`);
  return { checkpoint: path.resolve(model) };
}

function describe(measurements: readonly Measurement[]): string {
  const table = new Table({ head: TIME_COLUMNS, style: { head: [], border: [], compact: true } });
  for (const one of measurements) table.push(...timeRows(one));
  const failures = measurements.flatMap(({ name, failures }) =>
    failures.map(({ engine, reason }) => `${name}, without ${engine}: ${reason}`),
  );
  return [
    table.toString(),
    'ms: median an image; theory: multiply-adds of the dense network over these (theory14: interpolation as two passes); over: times as fast',
    ...failures,
  ].join('\n');
}
