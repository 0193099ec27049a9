// What the index page needs of an experiment's page, carried by the page itself: any folder of pages can be indexed.
import type { JudgedClaim, Verdict } from '../claims.ts';
import { jsonElement } from './json-element.ts';
import type { Markup } from './markup.ts';
import { VERDICTS } from './verdicts.ts';

const ID = 'stint-summary';

export interface ClaimSummary {
  text: string;
  verdict: Verdict;
  /** Metric that was compared. */
  metric: string;
  /** Mean difference; null where nothing could be compared. */
  mean: number | null;
  /** Absent where there is none. */
  interval?: { low: number; high: number };
  seeds: number;
  reason: string;
}

export interface ReportSummary {
  name: string;
  profile: string;
  title: string;
  paper?: PaperSource;
  claims: ClaimSummary[];
  arms: string[];
  finished: number;
  failed: number;
  unfinished: number;
  /** Rows of "how it was made". */
  provenance: Record<string, string>;
}

/** Where the paper says what is tested, and what it says. */
export interface PaperSource {
  table?: number;
  figure?: number;
  claim?: string;
}

export function sourceText({ table, figure }: PaperSource): string {
  if (table !== undefined) return `Table ${table}`;
  return figure === undefined ? '' : `Figure ${figure}`;
}

export function summariseClaim({ text, verdict, claim, mean, interval, differences, reason }: JudgedClaim): ClaimSummary {
  const bounded = differences.length > 1 && Number.isFinite(interval.low);
  return {
    text,
    verdict,
    metric: claim.in,
    mean: differences.length > 0 ? mean : null,
    interval: bounded ? interval : undefined,
    seeds: differences.length,
    reason,
  };
}

export const summaryElement = (summary: ReportSummary): Markup => jsonElement(ID, summary);

/** The summary that a page of `htmlReport` or `markdownPage` carries; undefined for any other page. @throws for a page whose summary was damaged since */
export function readSummary(page: string): ReportSummary | undefined {
  const found = new RegExp(`<script type="application/json" id="${ID}">(.*?)</script>`).exec(page);
  if (!found) return undefined;
  const summary = parsed(found[1]);
  if (!isSummary(summary)) throw new Error('the summary in the page is damaged');
  return summary;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSummary(value: unknown): value is ReportSummary {
  const { name, profile, title, claims, arms, provenance } = (value ?? {}) as Partial<ReportSummary>;
  const texts = [name, profile, title].every((text) => typeof text === 'string');
  const listed = Array.isArray(arms) && Array.isArray(claims) && claims.every((claim) => VERDICTS.includes(claim?.verdict));
  return texts && listed && typeof provenance === 'object';
}
