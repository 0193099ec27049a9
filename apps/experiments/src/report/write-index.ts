// The index over experiments: finds the pages that `stint report` wrote and lists them with their verdicts in one index.html.
import fs from 'node:fs';
import path from 'node:path';
import { type IndexEntry, indexPage, type ReportSummary, readSummary } from '@stint/report';
import { UsageError } from '../config/catalog.ts';
import { writeFileAtomic } from '../run/files.ts';

/** runs/<experiment>/<profile>/report.html lies this many folders below runs/. */
const DEPTH = 2;

export interface WrittenIndex {
  file: string;
  entries: IndexEntry[];
}

/**
 * Writes the page `file` over all pages in `places`, folders (searched two levels down) or files. Throws UsageError for a place that
 * does not exist, when there is no page, and when `file` is a folder or the page of an experiment.
 */
export function writeIndex(places: readonly string[], file: string): WrittenIndex {
  const entries = [...new Set(places.flatMap((place) => pagesIn(path.resolve(place))))].flatMap((page): IndexEntry[] => {
    const summary = summaryOf(page);
    if (summary && page === file) throw new UsageError(`--out ${file} is the page of an experiment: name another file`);
    return summary ? [{ href: address(path.relative(path.dirname(file), page)), summary }] : [];
  });
  if (entries.length === 0) {
    throw new UsageError(`--index: no report in ${places.join(', ')}; write one first: stint report EXPERIMENT`);
  }
  const name = ({ summary }: IndexEntry) => `${summary.name}:${summary.profile}`;
  entries.sort((a, b) => name(a).localeCompare(name(b), 'en'));
  if (fs.existsSync(file) && fs.statSync(file).isDirectory())
    throw new UsageError(`--out ${file} is a folder: remove it, or name another file`);
  writeFileAtomic(file, indexPage({ entries }));
  return { file, entries };
}

function summaryOf(page: string): ReportSummary | undefined {
  try {
    return readSummary(fs.readFileSync(page, 'utf8'));
  } catch (error) {
    throw new UsageError(`--index: ${page}: ${(error as Error).message}; write it again: stint report EXPERIMENT:PROFILE`);
  }
}

function pagesIn(place: string, depth = DEPTH): string[] {
  if (!fs.existsSync(place)) throw new UsageError(`--index: ${place} does not exist`);
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const inner = path.join(place, entry.name);
    if (entry.isDirectory()) return depth > 0 ? pagesIn(inner, depth - 1) : [];
    return entry.name.endsWith('.html') ? [inner] : [];
  });
}

/** A relative path as it stands in a link, on Windows too. */
function address(relative: string): string {
  return relative.split(path.sep).map(encodeURIComponent).join('/');
}
