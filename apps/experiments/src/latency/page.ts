// The report of a latency experiment as one HTML page, with a summary for the index over all experiments.
import { type ClaimSummary, markdownPage } from '@stint/report';
import { isWithinRounds, type JudgedLatencyClaim, leastOf } from './claims.ts';
import type { LatencyReport } from './report.ts';

export interface LatencyPageInput extends LatencyReport {
  verdicts: readonly JudgedLatencyClaim[];
  /** The report as Markdown, and the pictures that it names, as SVG. */
  markdown: string;
  pictures: Readonly<Record<string, string>>;
}

export function latencyPage({ experiment, outcome, provenance, verdicts, markdown, pictures }: LatencyPageInput): string {
  const { name, profile, title, paper } = experiment;
  const { measured, failures } = outcome;
  const networks = new Set(measured.map(({ measurement }) => measurement.network));
  const total = measured.length + failures.length;
  return markdownPage({
    markdown,
    pictures,
    summary: {
      name,
      profile,
      title,
      paper,
      claims: verdicts.map(summarised),
      arms: [...networks],
      finished: measured.length,
      failed: failures.length,
      unfinished: 0,
      provenance,
    },
    facts: [`${networks.size} ${networks.size === 1 ? 'network' : 'networks'}`, `${measured.length} of ${total} cases measured`],
  });
}

/** A claim of speed in the words of the others: what is missed by less than the rounds differ is not decided. */
function summarised({ text, verdict, values, target }: JudgedLatencyClaim): ClaimSummary {
  const decided = values.some((each) => each.value < target && !isWithinRounds(each, target));
  const least = leastOf(values);
  return {
    text,
    verdict: verdict === 'reached' ? 'supported' : decided ? 'contradicted' : 'inconclusive',
    metric: 'times',
    mean: least ? least.value - target : null,
    seeds: values.length,
    reason: `${verdict}: the least of ${values.length} cases against the target`,
  };
}
