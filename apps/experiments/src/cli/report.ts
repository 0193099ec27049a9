// `stint report`: the report of what an experiment's folder holds, without running anything.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { type SelectionOptions, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface ReportCommandOptions extends SelectionOptions {
  out?: string;
  json?: boolean;
}

export async function reportCommand(
  target: string,
  words: readonly string[],
  options: ReportCommandOptions,
  { io, workspace }: { io: Io; workspace: Workspace },
): Promise<number> {
  const experiment = selectExperiment(target, words, options, workspace);
  const folder = options.out ? path.resolve(options.out) : path.join(workspace.root, 'runs', experiment.name, experiment.profile);
  if (!fs.existsSync(folder)) {
    throw new UsageError(`${folder} does not exist; run first: stint run ${experiment.name}:${experiment.profile}`);
  }
  const { writeReport } = await import('../report/write-report.ts');
  const { text, files } = await writeReport({ experiment, folder, root: workspace.root });
  if (options.json) printJson(io, JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8')));
  else io.out([text, `Written:\n  ${files.map((file) => path.relative(process.cwd(), file)).join('\n  ')}`].join('\n'));
  return 0;
}
