// A table that the page's script makes sortable by its heads. Cells carry the value to sort by where the text is not it.
import { html, type Markup } from './markup.ts';

export interface TableHead {
  text: string;
  /** Longer text for pointing at it. */
  about?: string;
  /** Right-aligned, with figures of equal width. */
  numeric?: boolean;
}

export interface TableCell {
  content: Markup | string | false;
  /** What the row is sorted by in this column; default: the text. */
  value?: number | string;
  /** The row's name. */
  header?: boolean;
}

export interface TableOptions {
  /** Spoken name of the table and of the region it scrolls in. */
  label: string;
  head: readonly TableHead[];
  rows: readonly (readonly TableCell[])[];
  /** Row attributes such as the verdict that a filter reads. */
  rowKinds?: readonly string[];
  className?: string;
}

/** The table in a region of its own that scrolls sideways on narrow screens, by keyboard too. */
export function sortableTable({ label, head, rows, rowKinds, className = '' }: TableOptions): Markup {
  return html`<div class="scroller" role="region" aria-label="${label}" tabindex="0"><table class="sortable ${className}"><caption class="hidden">${label}</caption><thead><tr>${head.map(
    ({ text, about, numeric }) =>
      html`<th scope="col" class="${numeric ? 'number' : ''}"${about ? html` title="${about}"` : ''}>${text}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row, i) =>
      html`<tr${rowKinds ? html` data-kind="${rowKinds[i]}"` : ''}>${row.map((cell, column) => cellMarkup(cell, head[column].numeric ?? false))}</tr>`,
  )}</tbody></table></div>`;
}

function cellMarkup({ content, value, header }: TableCell, numeric: boolean): Markup {
  const sort = value === undefined ? '' : html` data-value="${Number.isNaN(value) ? '' : value}"`;
  if (header) return html`<th scope="row"${sort}>${content}</th>`;
  return html`<td class="${numeric ? 'number' : ''}"${sort}>${content}</td>`;
}
