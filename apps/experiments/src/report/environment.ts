// What the runs ran in, over all of them: a value where they agree, each value with its number of runs where they do not.
import fs from 'node:fs';
import path from 'node:path';
import type { Experiment } from '../config/schema.ts';
import { readEnvironment, type WrittenEnvironment } from '../trust/read-result.ts';

/** Rows by name; empty when no run left its env.json. */
export function describeEnvironments(experiment: Experiment, folder: string): Record<string, string> {
  const all = experiment.runs.flatMap(({ name }) => {
    const place = path.join(folder, name);
    return fs.existsSync(path.join(place, 'env.json')) ? [readEnvironment(place)] : [];
  });
  if (all.length === 0) return {};
  const rows: Record<string, (env: WrittenEnvironment) => string> = {
    stint: (env) => said(env.stint),
    commit: commitOf,
    processor: (env) => `${said(env.cpu)}, ${said(env.cores)} cores`,
    memory: (env) => `${said(env.memoryGiB)} GiB`,
    platform: (env) => said(env.platform),
    Node: (env) => said(env.node),
    TensorFlow: ({ engine }) => `${said(engine?.tensorflowVersion)}, tfjs ${said(engine?.tfjsVersion)}`,
    device: ({ engine }) => `${said(engine?.device)}${engine?.gpu ? ', GPU' : ''}`,
    'threads a run': ({ engine }) => said(engine?.threads),
    oneDNN: ({ engine }) => (engine?.oneDnn === undefined ? said(undefined) : engine.oneDnn ? 'on' : 'off'),
  };
  const started = all.map((env) => said(env.started)).sort();
  return {
    ...Object.fromEntries(Object.entries(rows).map(([name, text]) => [name, distinct(all.map(text))])),
    'first run started': started[0],
    'last run started': started.at(-1)!,
  };
}

/** A value of env.json as text. */
export const said = (value: string | number | undefined): string => (value === undefined ? 'not recorded' : String(value));

export function commitOf({ commit, dirty }: WrittenEnvironment): string {
  if (commit === null) return 'not a checkout';
  return `${said(commit)}${dirty ? ' with uncommitted changes' : ''}`;
}

function distinct(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (counts.size === 1) return texts[0];
  return [...counts].map(([text, count]) => `${text} (${count} ${count === 1 ? 'run' : 'runs'})`).join('; ');
}
