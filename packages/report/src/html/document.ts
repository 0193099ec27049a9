// A page that stands alone: style and script are in it, and its own policy forbids every request.
import { CLIENT_SCRIPT, CLIENT_STYLE } from './client.generated.ts';
import { html, type Markup } from './markup.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export interface DocumentInput {
  title: string;
  description: string;
  /** Anchors of the sections, in order. */
  sections: readonly { id: string; title: string }[];
  header: Markup;
  body: Markup;
  data?: readonly Markup[];
}

export function pageDocument({ title, description, sections, header, body, data = [] }: DocumentInput): string {
  const script: Markup = { markup: `<script>${CLIENT_SCRIPT}</script>` };
  const style: Markup = { markup: `<style>${CLIENT_STYLE}</style>` };
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="description" content="${description}">
<title>${title}</title>
<link rel="icon" href="data:,">
${style}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${header}
<nav aria-label="Sections"><ul>${sections.map(({ id, title: text }) => html`<li><a href="#${id}">${text}</a></li>`)}</ul></nav>
<main id="main">${body}</main>
<footer><p>Made by Stint. Everything on this page is in this file.</p></footer>
${data}
${script}
</body>
</html>
`.markup
  }`;
}

/** A section with the heading that its anchor leads to. */
export function section(id: string, title: string, content: Markup): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
}
