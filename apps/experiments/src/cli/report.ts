// `stint report`: the report of what an experiment's folder holds, and with --index the page over all of them; nothing is run.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { collectFailures } from '../executor/slurm/collect.ts';
import { meansLatency, reportLatencyCommand } from '../latency/commands.ts';
import { keepProvenance } from '../report/provenance.ts';
import { runCommandLine, type SelectionOptions, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface ReportCommandOptions extends SelectionOptions {
  out?: string;
  /** Folders or pages to index; `true`: the workspace's runs. */
  index?: true | string[];
  /** False: pictures that show the data's images are left out. */
  images?: boolean;
  /** What has no result has failed; it is kept for later reports. */
  collect?: boolean;
  json?: boolean;
}

export async function reportCommand(
  target: string | undefined,
  words: readonly string[],
  options: ReportCommandOptions,
  { io, workspace }: { io: Io; workspace: Workspace },
): Promise<number> {
  if (options.index) return indexCommand(target, options, { io, workspace });
  if (target === undefined)
    throw new UsageError('name an experiment ("stint list" shows all), or give --index for the page over all reports');
  if (meansLatency(target, workspace)) return reportLatencyCommand(target, words, options, { io, workspace });
  const experiment = selectExperiment(target, words, options, workspace);
  const folder = options.out ? path.resolve(options.out) : path.join(workspace.root, 'runs', experiment.name, experiment.profile);
  if (!fs.existsSync(folder)) {
    throw new UsageError(`${folder} does not exist; run first: stint run ${experiment.name}:${experiment.profile}`);
  }
  if (options.collect) {
    const command = runCommandLine(target, words, options);
    keepProvenance(folder, await collectFailures(experiment, folder), { command, executor: 'Slurm' });
  }
  const { writeReport } = await import('../report/write-report.ts');
  const { text, files } = await writeReport({ experiment, folder, root: workspace.root, images: options.images });
  if (options.json) printJson(io, JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8')));
  else io.out([text, `Written:\n  ${files.map((file) => path.relative(process.cwd(), file)).join('\n  ')}`].join('\n'));
  return 0;
}

async function indexCommand(
  target: string | undefined,
  { index, out, json, images: _, ...selection }: ReportCommandOptions,
  { io, workspace }: { io: Io; workspace: Workspace },
): Promise<number> {
  const stray = target ?? Object.keys(selection).find((name) => selection[name as keyof SelectionOptions] !== undefined);
  if (stray !== undefined)
    throw new UsageError(`--index takes folders or pages, as in "--index runs docs/results": "${stray}" does not go with it`);
  const places = Array.isArray(index) ? index : [path.join(workspace.root, 'runs')];
  const { writeIndex } = await import('../report/write-index.ts');
  const isFolder = fs.existsSync(places[0]) && fs.statSync(places[0]).isDirectory();
  const to = path.resolve(out ?? (isFolder ? places[0] : path.dirname(places[0])));
  const { file, entries } = writeIndex(places, to.endsWith('.html') ? to : path.join(to, 'index.html'));
  if (json) printJson(io, { file, reports: entries.map(({ href, summary }) => ({ href, ...summary })) });
  else {
    const lines = entries.map(({ summary: { name, profile, claims } }) => {
      const verdicts = [...new Set(claims.map((claim) => claim.verdict))].map(
        (verdict) => `${claims.filter((claim) => claim.verdict === verdict).length} ${verdict}`,
      );
      return `  ${`${name}:${profile}`.padEnd(32)}${verdicts.join(', ') || 'no claims'}`;
    });
    io.out([...lines, `Written:\n  ${path.relative(process.cwd(), file)}`].join('\n'));
  }
  return 0;
}
