// How a report came about: what the command knows is kept beside the runs, so that a later report says it too.
import fs from 'node:fs';
import path from 'node:path';
import type { Baseline, FailedRun, ReportMetrics } from '@stint/report';
import { z } from 'zod';
import type { Experiment, Run } from '../config/schema.ts';
import { writeFileAtomic } from '../run/files.ts';
import { pretrainedFolder } from '../run/pretrained.ts';
import { readJsonFile } from '../trust/json-file.ts';
import { macSummary, readEnvironment } from '../trust/read-result.ts';
import { commitOf, said } from './environment.ts';

export interface Provenance {
  /** Rows such as command and wall time. */
  rows: Record<string, string>;
  failed: FailedRun[];
}

const schema = z.looseObject({
  rows: z.record(z.string(), z.string()),
  failed: z.array(
    z.looseObject({
      arm: z.string(),
      sweep: z.record(z.string(), z.union([z.number(), z.string()])),
      seed: z.number(),
      lastLines: z.array(z.string()),
    }),
  ),
});

const FILE = 'provenance.json';

/** Keeps what failed, and how the runs were made. */
export function keepProvenance(folder: string, failures: readonly { run: Run; lastLines: string[] }[], rows: Record<string, string>): void {
  const failed = failures.map(({ run: { arm, sweep, seed }, lastLines }) => ({ arm, sweep, seed, lastLines }));
  const provenance: Provenance = { rows, failed };
  writeFileAtomic(path.join(folder, FILE), `${JSON.stringify(provenance, null, 2)}\n`);
}

/** What was kept; nothing when the runs were made without. @throws JsonFileError */
export function readProvenance(folder: string): Provenance {
  const file = path.join(folder, FILE);
  if (!fs.existsSync(file)) return { rows: {}, failed: [] };
  return readJsonFile(file, schema, { what: 'record of how runs were made', wayOut: 'remove it: the report then says nothing of that' });
}

/** Machine, engine and commit, from the first run's env.json. */
export function describeMachine(experiment: Experiment, folder: string): Record<string, string> {
  const place = experiment.runs.map(({ name }) => path.join(folder, name)).find((each) => fs.existsSync(path.join(each, 'env.json')));
  if (!place) return {};
  const env = readEnvironment(place);
  return {
    machine: `${said(env.cpu)}, ${said(env.cores)} cores, ${said(env.memoryGiB)} GiB, ${said(env.platform)}`,
    engine: `TensorFlow ${said(env.engine?.tensorflowVersion)}, ${said(env.engine?.threads)} thread a run, Node ${said(env.node)}`,
    commit: commitOf(env),
  };
}

const dense = z.looseObject({ metrics: z.record(z.string(), z.number()), macs: macSummary });

/** The dense network that the arms start from, as it was after pretraining; undefined when it is not there (any more). */
export function readPretrained(experiment: Experiment, root: string): Baseline | undefined {
  const config = experiment.runs[0]?.config;
  if (!config?.pretrain) return undefined;
  const file = path.join(pretrainedFolder(config, root), 'dense.json');
  if (!fs.existsSync(file)) return undefined;
  const { metrics, macs } = readJsonFile(file, dense, {
    what: 'result of a pretrained network',
    wayOut: 'remove its folder: stint pretrain makes it again',
  });
  return { label: 'dense network before fine-tuning', metrics, macs: macs.reference };
}

export function describePretrained(pretrained: Baseline | undefined, { brief }: ReportMetrics): Record<string, string> {
  if (!pretrained) return {};
  const { label, metrics, macs } = pretrained;
  const values = brief.slice(0, 2).flatMap((name) => (metrics[name] === undefined ? [] : `${name} ${metrics[name].toFixed(1)}`));
  return { [label]: `${values.join(', ')} at ${(macs / 1e6).toFixed(1)} M` };
}
