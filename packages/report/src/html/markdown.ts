// Markdown of our own reports as markup of our pages: tables scroll and sort, pictures are in the page, <details> opens. Other HTML stays text.
import MarkdownIt from 'markdown-it';
import type Token from 'markdown-it/lib/token.mjs';
import { html, type Markup } from './markup.ts';

export interface MarkdownSection {
  title: string;
  content: Markup;
}

/**
 * The sections of a Markdown text, by its headings of the second level; what stands before the first is left out.
 * @param pictures addresses (`data:...`) of the pictures that it names.
 */
export function markdownSections(text: string, pictures: Readonly<Record<string, string>>): MarkdownSection[] {
  const parser = new MarkdownIt({ html: false });
  // Stricter than the parser's own, which lets pictures through.
  parser.validateLink = (address) => !/^\s*(javascript|vbscript|data|file):/i.test(address);
  parser.renderer.rules.image = (tokens, i) => {
    const { content, attrs } = tokens[i];
    const source = pictures[new Map(attrs).get('src') ?? ''];
    return source === undefined ? '' : html`<img class="picture" src="${source}" alt="${content}">`.markup;
  };
  parser.renderer.rules.table_open = (tokens, i) => {
    const label = tokens[i].meta as string;
    return html`<div class="scroller" role="region" aria-label="${label}" tabindex="0"><table class="sortable"><caption class="hidden">${label}</caption>`
      .markup;
  };
  parser.renderer.rules.table_close = () => '</table></div>';
  const tokens = parser.parse(text, {});
  labelTables(tokens);
  openDetails(tokens);
  const starts = tokens.flatMap(({ type, tag }, i) => (type === 'heading_open' && tag === 'h2' ? [i] : []));
  return starts.map((start, k) => ({
    title: tokens[start + 1].content,
    content: { markup: parser.renderer.render(tokens.slice(start + 3, starts[k + 1]), parser.options, {}) },
  }));
}

/** Each table gets the text before it as its name, counted where it stands twice, and right-aligned columns of numbers. */
function labelTables(tokens: readonly Token[]): void {
  const used = new Map<string, number>();
  let [heading, title] = ['', ''];
  tokens.forEach((token, i) => {
    if (token.type === 'heading_open') [heading, title] = [tokens[i + 1].content, token.tag === 'h2' ? tokens[i + 1].content : title];
    if (token.type !== 'table_open') return;
    // Not as the section, which is a region too.
    const caption = tokens[i - 2]?.children?.find(({ type }) => type === 'strong_open') && tokens[i - 2].content.replaceAll('*', '');
    const name = `${caption ?? (heading === title ? title : `${title}, ${heading}`)}, table`;
    used.set(name, (used.get(name) ?? 0) + 1);
    token.meta = used.get(name) === 1 ? name : `${name} ${used.get(name)}`;
    alignNumbers(tokens, i);
  });
}

const NUMBER = /^[−+-]?\d[\d.,]*(?: %)?$/;

/** Of the table that begins at `start`. */
function alignNumbers(tokens: readonly Token[], start: number): void {
  const columns: { cells: Token[]; texts: string[] }[] = [];
  let column = 0;
  for (let i = start; tokens[i].type !== 'table_close'; i++) {
    const { type } = tokens[i];
    if (type === 'tr_open') column = 0;
    if (type !== 'th_open' && type !== 'td_open') continue;
    columns[column] ??= { cells: [], texts: [] };
    columns[column].cells.push(tokens[i]);
    if (type === 'td_open') columns[column].texts.push(tokens[i + 1].content);
    if (type === 'th_open' && tokens[i + 1].content) tokens[i].attrSet('scope', 'col');
    // No head: a reader by ear would be told of an empty one.
    else if (type === 'th_open') tokens[i].tag = tokens[i + 2].tag = 'td';
    column++;
  }
  for (const { cells, texts } of columns) {
    const filled = texts.filter(Boolean);
    if (filled.length > 0 && filled.every((text) => NUMBER.test(text))) for (const cell of cells) cell.attrJoin('class', 'number');
  }
}

const DETAILS = /^<details><summary>(.*)<\/summary>$/;

/** The two lines that our reports write around what is folded. */
function openDetails(tokens: Token[]): void {
  tokens.forEach((token, i) => {
    if (token.type !== 'inline') return;
    const summary = DETAILS.exec(token.content)?.[1];
    if (summary === undefined && token.content !== '</details>') return;
    token.type = 'html_block';
    token.content = summary === undefined ? '</details>' : html`<details><summary>${summary}</summary>`.markup;
    // Of the paragraph around it.
    for (const other of [tokens[i - 1], tokens[i + 1]]) Object.assign(other, { type: 'html_block', content: '' });
  });
}
