// How a report came about: what the command knows is kept beside the runs, so that a later report says it too.
import fs from 'node:fs';
import path from 'node:path';
import type { Baseline, FailedRun, ReportMetrics } from '@stint/report';
import type { Experiment, Run } from '../config/schema.ts';
import { writeFileAtomic } from '../run/files.ts';
import { pretrainedFolder } from '../run/pretrained.ts';

export interface Provenance {
  /** Rows such as command and wall time. */
  rows: Record<string, string>;
  failed: FailedRun[];
}

const FILE = 'provenance.json';

/** Keeps what failed, and how the runs were made. */
export function keepProvenance(folder: string, failures: readonly { run: Run; lastLines: string[] }[], rows: Record<string, string>): void {
  const failed = failures.map(({ run: { arm, sweep, seed }, lastLines }) => ({ arm, sweep, seed, lastLines }));
  const provenance: Provenance = { rows, failed };
  writeFileAtomic(path.join(folder, FILE), `${JSON.stringify(provenance, null, 2)}\n`);
}

/** What was kept; nothing when the runs were made without. */
export function readProvenance(folder: string): Provenance {
  const file = path.join(folder, FILE);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { rows: {}, failed: [] };
}

/** Machine, engine and commit, from the first run's env.json. */
export function describeMachine(experiment: Experiment, folder: string): Record<string, string> {
  const file = experiment.runs.map(({ name }) => path.join(folder, name, 'env.json')).find((candidate) => fs.existsSync(candidate));
  if (!file) return {};
  const env = JSON.parse(fs.readFileSync(file, 'utf8'));
  return {
    machine: `${env.cpu}, ${env.cores} cores, ${env.memoryGiB} GiB, ${env.platform}`,
    engine: `TensorFlow ${env.engine.tensorflowVersion}, ${env.engine.threads} thread a run, Node ${env.node}`,
    commit: env.commit ? `${env.commit}${env.dirty ? ' with uncommitted changes' : ''}` : 'not a checkout',
  };
}

/** The dense network that the arms start from, as it was after pretraining; undefined when it is not there (any more). */
export function readPretrained(experiment: Experiment, root: string): Baseline | undefined {
  const config = experiment.runs[0]?.config;
  if (!config?.pretrain) return undefined;
  const file = path.join(pretrainedFolder(config, root), 'dense.json');
  if (!fs.existsSync(file)) return undefined;
  const { metrics, macs } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { label: 'dense network before fine-tuning', metrics, macs: macs.reference };
}

export function describePretrained(pretrained: Baseline | undefined, { brief }: ReportMetrics): Record<string, string> {
  if (!pretrained) return {};
  const { label, metrics, macs } = pretrained;
  const values = brief.slice(0, 2).map((name) => `${name} ${metrics[name].toFixed(1)}`);
  return { [label]: `${values.join(', ')} at ${(macs / 1e6).toFixed(1)} M` };
}
