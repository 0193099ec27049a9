// report.html of an experiment: what the runs left, handed to the page.
import { type Baseline, type FailedRun, htmlReport, type ReportMetrics, type ReportRun } from '@stint/report';
import type { Experiment } from '../config/schema.ts';
import { claimsHere } from './claims-here.ts';
import { describeEnvironments } from './environment.ts';
import { readOverlays } from './overlays.ts';

export interface HtmlInput {
  experiment: Experiment;
  /** `runs/<experiment>/<profile>`. */
  folder: string;
  /** The finished ones. */
  runs: readonly ReportRun[];
  metrics: ReportMetrics;
  failed: readonly FailedRun[];
  provenance: Record<string, string>;
  baseline?: Baseline;
  /** Whether images of the data may be in it. */
  images: boolean;
}

/** The page's text. */
export async function experimentPage({
  experiment,
  folder,
  runs,
  metrics,
  failed,
  provenance,
  baseline,
  images,
}: HtmlInput): Promise<string> {
  const { name, profile, title, paper, arms, sweep } = experiment;
  const keyOf = ({ arm, sweep: point, seed }: Pick<ReportRun, 'arm' | 'sweep' | 'seed'>) => JSON.stringify([arm, point, seed]);
  const ended = new Set([...runs, ...failed].map(keyOf));
  return htmlReport({
    name,
    profile,
    title,
    paper,
    claims: claimsHere(experiment),
    runs,
    metrics,
    failed,
    unfinished: experiment.runs.filter((run) => !ended.has(keyOf(run))).map((run) => run.name),
    arms,
    provenance,
    environment: describeEnvironments(experiment, folder),
    configs: armConfigs(experiment),
    swept: sweep,
    baseline,
    overlays: images ? await readOverlays(experiment, folder) : undefined,
  });
}

/** The configuration of each arm's first run, without its seed. */
function armConfigs({ arms, runs }: Experiment): { arm: string; config: unknown }[] {
  return arms.flatMap((arm) => {
    const first = runs.find((run) => run.arm === arm);
    if (!first) return [];
    const { seed: _, ...config } = first.config;
    return [{ arm, config }];
  });
}
