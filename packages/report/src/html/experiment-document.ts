// The frame of an experiment's page, whatever it reports: what the paper says, the verdicts counted, sections, and the summary that the index reads.
import { pageDocument, section } from './document.ts';
import { html, type Markup } from './markup.ts';
import { type ReportSummary, sourceText, summaryElement } from './summary.ts';
import { verdictCounts } from './verdicts.ts';

export interface ExperimentDocumentInput {
  summary: ReportSummary;
  /** One line below the title: how much was measured. */
  facts: Markup | string;
  parts: readonly { id: string; title: string; content: Markup }[];
  /** For the page's script. */
  data?: readonly Markup[];
}

/** The whole page as one HTML document; it makes no request. */
export function experimentDocument({ summary, facts, parts, data = [] }: ExperimentDocumentInput): string {
  const { name, profile, title, paper, claims } = summary;
  const source = paper ? sourceText(paper) : '';
  return pageDocument({
    title: `${title} (${name}:${profile})`,
    description: `Experiment ${name}, profile ${profile}: ${claims.map(({ text, verdict }) => `${text}: ${verdict}`).join('; ')}`,
    sections: parts,
    header: html`<header><p class="eyebrow">Experiment <code>${name}:${profile}</code></p><h1>${title}</h1>${
      paper?.claim && html`<blockquote><p>${paper.claim}</p><p class="source">the paper${source && `, ${source}`}</p></blockquote>`
    }<p class="facts-line">${facts}</p>${claims.length > 0 && verdictCounts(claims.map(({ verdict }) => verdict))}</header>`,
    body: html`${parts.map((part) => section(part.id, part.title, part.content))}`,
    data: [summaryElement(summary), ...data],
  });
}
