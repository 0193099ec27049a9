// Data embedded in a page. Not among the modules that the page's own script is made of: their text must not close a script element.
import type { Markup } from './markup.ts';

/** Data for the page's script: JSON that cannot end its element. Infinities and NaN become null. */
export function jsonElement(id: string, value: unknown): Markup {
  return { markup: `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>` };
}
