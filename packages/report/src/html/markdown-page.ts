// The page of a report that is Markdown: one file with its pictures, in the style of the other pages, and with the summary that the index reads.
import { pageDocument, section } from './document.ts';
import { markdownSections } from './markdown.ts';
import { html } from './markup.ts';
import { type ReportSummary, sourceText, summaryElement } from './summary.ts';
import { verdictCounts } from './verdicts.ts';

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
  const { name, profile, title, paper, claims } = summary;
  const addresses = Object.fromEntries(
    Object.entries(pictures).map(([file, svg]) => [file, `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`]),
  );
  const parts = markdownSections(markdown, addresses).map((part) => ({ id: anchor(part.title), ...part }));
  const source = paper ? sourceText(paper) : '';
  const header = html`<header><p class="eyebrow">Experiment <code>${name}:${profile}</code></p><h1>${title}</h1>${
    paper?.claim && html`<blockquote><p>${paper.claim}</p><p class="source">the paper${source && `, ${source}`}</p></blockquote>`
  }<p class="facts-line">${facts.join(' · ')}</p>${claims.length > 0 && verdictCounts(claims.map(({ verdict }) => verdict))}</header>`;
  return pageDocument({
    title: `${title} (${name}:${profile})`,
    description: `Experiment ${name}, profile ${profile}: ${claims.map(({ text, verdict }) => `${text}: ${verdict}`).join('; ')}`,
    sections: parts,
    header,
    body: html`${parts.map((part) => section(part.id, part.title, part.content))}`,
    data: [summaryElement(summary)],
  });
}

const anchor = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
