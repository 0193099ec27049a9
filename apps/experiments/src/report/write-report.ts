// The report of an experiment at one profile: reads what its runs left and writes report.md, report.html, result.json, summary.csv,
// the plot of the task's metric over MACs, the mask mosaic and, of segmentation, the predictions into the profile's folder.
import fs from 'node:fs';
import path from 'node:path';
import { consoleTable, judgeClaim, markdownReport, metricMacsPlot, summaryCsv, verdictPlot } from '@stint/report';
import type { Experiment, Run } from '../config/schema.ts';
import { writeFileAtomic } from '../run/files.ts';
import type { RunResult } from '../run/result.ts';
import { TASKS, taskKindOf } from '../task/kinds.ts';
import { JsonFileError } from '../trust/json-file.ts';
import { readResult } from '../trust/read-result.ts';
import { claimsHere } from './claims-here.ts';
import { experimentPage } from './html.ts';
import { drawMosaic } from './mosaic.ts';
import { drawPredictions } from './predictions.ts';
import { describeMachine, describePretrained, readPretrained, readProvenance } from './provenance.ts';

const CONSOLE_LEGEND = '; total: backbone MACs an image in millions with 49 interpolation taps, total14 with 14; d1, d2: mean densities';

export interface ReportOptions {
  experiment: Experiment;
  /** `runs/<experiment>/<profile>`. */
  folder: string;
  /** The project's folder. */
  root: string;
  /** False: what shows images of the data is left out, and what an earlier report has of it removed. Default true. */
  images?: boolean;
}

export interface WrittenReport {
  /** For the console: table and verdicts. */
  text: string;
  results: RunResult[];
  files: string[];
}

/** Writes the report of the finished runs; failed ones are listed in it. How it was made: see provenance.ts. @throws JsonFileError naming a damaged file */
export async function writeReport({ experiment, folder, root, images = true }: ReportOptions): Promise<WrittenReport> {
  const results = experiment.runs.flatMap((run) => resultOf(run, folder));
  const claims = claimsHere(experiment);
  if (!images) for (const name of ['masks.png', 'predictions.png']) fs.rmSync(path.join(folder, name), { force: true });
  const pictures: Record<string, string> = {};
  const title = `${experiment.title} (${experiment.profile})`;
  // All arms are of one task: only then can they be compared.
  const { metrics } = TASKS[taskKindOf(experiment.runs[0]?.config.model.head.kind ?? 'one-stage')];
  const [metric] = metrics.shown;
  if (results.length > 0) {
    for (const [suffix, taps] of [
      ['', 'direct'],
      ['-14', 'separable'],
    ] as const) {
      const file = `${metric.toLowerCase()}-macs${suffix}.svg`;
      writeFileAtomic(path.join(folder, file), await metricMacsPlot(results, { title, metric, taps }));
      pictures[`${metric} against backbone MACs, ${taps === 'direct' ? 49 : 14} taps an interpolated value`] = file;
    }
    const mosaic = images && (await drawMosaic(experiment, folder));
    if (mosaic) {
      writeFileAtomic(path.join(folder, 'masks.png'), mosaic);
      pictures[
        'Sampled positions (white dots) of the last block of each stage, one row an arm; an arm without a mask of that name has a gap'
      ] = 'masks.png';
    }
    const predictions = images && (await drawPredictions(experiment, folder));
    if (predictions) {
      writeFileAtomic(path.join(folder, 'predictions.png'), predictions);
      pictures['Image, stored labels and prediction, of the first seed and the last swept value of each arm'] = 'predictions.png';
    }
  }
  const judged = claims.map((claim) => judgeClaim(claim, results));
  const verdictPicture = await verdictPlot(judged, { title });
  if (verdictPicture) {
    writeFileAtomic(path.join(folder, 'verdicts.svg'), verdictPicture);
    pictures['Claims: mean difference, 95 % interval over seeds and every seed; grey: the margin within which two arms count as equal'] =
      'verdicts.svg';
  }
  const { rows, failed } = readProvenance(folder);
  const baseline = readPretrained(experiment, root);
  const made = { ...rows, ...describePretrained(baseline, metrics), ...describeMachine(experiment, folder) };
  const written = {
    'report.md': markdownReport({
      title,
      paper: experiment.paper?.claim,
      claims,
      metrics,
      runs: results,
      failed,
      provenance: made,
      pictures,
    }),
    'report.html': await experimentPage({ experiment, folder, runs: results, metrics, failed, provenance: made, baseline, images }),
    'result.json': `${JSON.stringify({ experiment: experiment.name, profile: experiment.profile, verdicts: judged, runs: results, failed }, null, 2)}\n`,
    'summary.csv': summaryCsv(results),
  };
  for (const [name, text] of Object.entries(written)) writeFileAtomic(path.join(folder, name), text);
  const verdicts = judged.map(
    ({ text, verdict, mean, interval, reason, differences }) =>
      `  ${verdict.padEnd(12)} ${text}: ${differences.length ? `${mean.toFixed(2)}${Number.isFinite(interval.low) ? ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]` : ''}; ` : ''}${reason}`,
  );
  return {
    text: [
      title,
      ...(results.length ? [consoleTable(results, metrics), metrics.legend + CONSOLE_LEGEND] : ['no run finished']),
      'Verdicts:',
      ...verdicts,
    ].join('\n'),
    results,
    files: [...Object.keys(written), ...Object.values(pictures)].map((name) => path.join(folder, name)),
  };
}

/** The result of a run that is finished. @throws JsonFileError when it is damaged, or of another run */
function resultOf({ name, arm, sweep, seed }: Run, folder: string): RunResult[] {
  const place = path.join(folder, name);
  if (!fs.existsSync(path.join(place, 'result.json'))) return [];
  const result = readResult(place);
  const [expected, found] = [{ arm, sweep, seed }, result].map(({ arm, sweep, seed }) => JSON.stringify({ arm, sweep, seed }));
  if (found === expected) return [result];
  throw new JsonFileError(
    `${path.join(place, 'result.json')} is the result of ${found.slice(0, 200)}, in the folder of ${expected}; make the run again with stint run`,
  );
}
