// What the runs ran in, over all of them: a value where they agree, each value with its number of runs where they do not.
import fs from 'node:fs';
import path from 'node:path';
import type { Experiment } from '../config/schema.ts';
import type { Environment } from '../run/environment.ts';

/** Rows by name; empty when no run left its env.json. */
export function describeEnvironments(experiment: Experiment, folder: string): Record<string, string> {
  const all = experiment.runs.flatMap(({ name }) => {
    const file = path.join(folder, name, 'env.json');
    return fs.existsSync(file) ? [JSON.parse(fs.readFileSync(file, 'utf8')) as Environment] : [];
  });
  if (all.length === 0) return {};
  const rows: Record<string, (env: Environment) => string> = {
    stint: (env) => env.stint,
    commit: (env) => (env.commit ? `${env.commit}${env.dirty ? ' with uncommitted changes' : ''}` : 'not a checkout'),
    processor: (env) => `${env.cpu}, ${env.cores} cores`,
    memory: (env) => `${env.memoryGiB} GiB`,
    platform: (env) => env.platform,
    Node: (env) => env.node,
    TensorFlow: (env) => `${env.engine.tensorflowVersion}, tfjs ${env.engine.tfjsVersion}`,
    device: (env) => `${env.engine.device}${env.engine.gpu ? ', GPU' : ''}`,
    'threads a run': (env) => String(env.engine.threads),
    oneDNN: (env) => (env.engine.oneDnn ? 'on' : 'off'),
  };
  const started = all.map((env) => env.started).sort();
  return {
    ...Object.fromEntries(Object.entries(rows).map(([name, text]) => [name, distinct(all.map(text))])),
    'first run started': started[0],
    'last run started': started.at(-1)!,
  };
}

function distinct(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (counts.size === 1) return texts[0];
  return [...counts].map(([text, count]) => `${text} (${count} ${count === 1 ? 'run' : 'runs'})`).join('; ');
}
