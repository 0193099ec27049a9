// The page of a report that is Markdown: one file with its pictures, in the style of the other pages, and with the summary that the index reads.
import { experimentDocument } from './experiment-document.ts';
import { markdownSections } from './markdown.ts';
import type { ReportSummary } from './summary.ts';

export interface MarkdownPageInput {
  /** With its sections as headings of the second level. */
  markdown: string;
  /** SVG of the pictures that it names, by their file names. */
  pictures: Readonly<Record<string, string>>;
  summary: ReportSummary;
  /** One line below the title: how much was measured. */
  facts: readonly string[];
}

/** The whole page as one HTML document; it makes no request. */
export function markdownPage({ markdown, pictures, summary, facts }: MarkdownPageInput): string {
  const addresses = Object.fromEntries(
    Object.entries(pictures).map(([file, svg]) => [file, `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`]),
  );
  const parts = markdownSections(markdown, addresses).map((part) => ({ id: anchor(part.title), ...part }));
  return experimentDocument({ summary, facts: facts.join(' · '), parts });
}

const anchor = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
