// All cases of a latency experiment, one after the other; each is written when it is measured, so that a stopped run can go on.
import fs from 'node:fs';
import path from 'node:path';
import { codeHash } from '../config/code.ts';
import { contentHash } from '../config/hash.ts';
import type { StopSignal } from '../executor/stop.ts';
import { describeMachine, type Machine } from '../run/environment.ts';
import { writeFileAtomic } from '../run/files.ts';
import { type StartEngine, startEngine } from './engines.ts';
import { measureCase } from './measure-case.ts';
import type { Measurement } from './measurement.ts';
import { type Case, casesOf, type LatencyConfig, type LatencyExperiment } from './schema.ts';
import { describeTimes } from './table.ts';

export interface LatencyRunOptions {
  /** The project's folder. */
  root: string;
  /** `runs/<experiment>/<profile>`. */
  folder: string;
  /** Cases that were measured with this configuration and code are kept; default: everything is measured anew. */
  resume?: boolean;
  stop?: AbortSignal;
  kill?: AbortSignal;
  log(line: string): void;
  start?: StartEngine;
}

/** A case as it lies in its file. */
export interface MeasuredCase {
  hash: string;
  machine: Machine;
  measurement: Measurement;
}

export interface LatencyOutcome {
  measured: MeasuredCase[];
  /** Cases without a result: our own engine failed, or a file is missing. */
  failures: { name: string; reason: string; missing?: boolean }[];
  stopped?: StopSignal;
  seconds: number;
}

/** Measures every case. A case that fails does not stop the others. */
export async function runLatency({ config }: Pick<LatencyExperiment, 'config'>, options: LatencyRunOptions): Promise<LatencyOutcome> {
  const { root, folder, resume, stop, kill, log, start = startEngine } = options;
  const began = performance.now();
  const cases = casesOf(config);
  const failures: LatencyOutcome['failures'] = [];
  const measured: MeasuredCase[] = [];
  if (!resume) fs.rmSync(path.join(folder, 'cases'), { recursive: true, force: true });
  for (const [i, one] of cases.entries()) {
    if (stop?.aborted) break;
    const kept = readCase(folder, one, config);
    if (kept) {
      log(`[${i + 1}/${cases.length}] ${one.name}: measured before`);
      measured.push(kept);
      continue;
    }
    const absent = missingFile(one, root);
    if (absent) {
      log(`[${i + 1}/${cases.length}] ${one.name} skipped: there is no ${absent}`);
      failures.push({ name: one.name, reason: `there is no ${absent}`, missing: true });
      continue;
    }
    try {
      const machine = describeMachine(root);
      const measurement = await measureCase(one, { config, root, start, stop, kill, log });
      const entry = { hash: caseHash(one, config), machine, measurement };
      writeFileAtomic(caseFile(folder, one), `${JSON.stringify(entry)}\n`);
      measured.push(entry);
      log(`[${i + 1}/${cases.length}] ${one.name}, ${Math.round(measurement.seconds)} s: ${describeTimes(measurement)}`);
    } catch (error) {
      if (stop?.aborted || kill?.aborted) break;
      failures.push({ name: one.name, reason: (error as Error).message });
      log(`[${i + 1}/${cases.length}] ${one.name} FAILED: ${(error as Error).message}`);
    }
  }
  const stopped = stop?.aborted ? (stop.reason as StopSignal) : undefined;
  return { measured, failures, stopped, seconds: (performance.now() - began) / 1000 };
}

/** What was measured with this configuration, in the order of the cases; cases that are missing are left out. */
export function readCases({ config }: Pick<LatencyExperiment, 'config'>, folder: string): MeasuredCase[] {
  return casesOf(config).flatMap((one) => readCase(folder, one, config, { anyCode: true }) ?? []);
}

function readCase(folder: string, one: Case, config: LatencyConfig, { anyCode = false } = {}): MeasuredCase | undefined {
  const file = caseFile(folder, one);
  if (!fs.existsSync(file)) return undefined;
  const entry: MeasuredCase = JSON.parse(fs.readFileSync(file, 'utf8'));
  const [configured, code] = entry.hash.split('-');
  const [wantedConfig, wantedCode] = caseHash(one, config).split('-');
  return configured === wantedConfig && (anyCode || code === wantedCode) ? entry : undefined;
}

const caseFile = (folder: string, { name }: Case) => path.join(folder, 'cases', `${name}.json`);

/** Of what a measurement depends on: its case and settings, and the code. */
function caseHash(one: Case, config: LatencyConfig): string {
  const { networks: _, sizes: __, threads: ___, ...settings } = config;
  return `${contentHash({ one, settings })}-${codeHash()}`;
}

function missingFile({ config }: Case, root: string): string | undefined {
  return 'checkpoint' in config && !fs.existsSync(path.resolve(root, config.checkpoint)) ? config.checkpoint : undefined;
}
