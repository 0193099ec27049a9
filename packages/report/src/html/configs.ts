// Resolved configurations: a table of what differs between the arms, and each arm's whole configuration with its differences to the
// base arm, the first, marked.
import { html, type Markup } from './markup.ts';

export interface ArmConfig {
  arm: string;
  /** Plain data, as the run received it. */
  config: unknown;
}

/** Dotted path of every value that is not a mapping. Lists count as values. */
export function flatten(config: unknown, path = ''): Map<string, string> {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) return new Map([[path, textOfValue(config)]]);
  const entries = Object.entries(config);
  if (entries.length === 0) return new Map([[path, '{}']]);
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [...flatten(value, path === '' ? key : `${path}.${key}`)])));
}

function textOfValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(', ')}]`;
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' ? value : String(value);
}

/** Paths whose values differ between any two arms, in order of first appearance. */
export function differingPaths(configs: readonly ArmConfig[]): string[] {
  const flat = configs.map(({ config }) => flatten(config));
  const paths = [...new Set(flat.flatMap((each) => [...each.keys()]))];
  return paths.filter((path) => new Set(flat.map((each) => each.get(path))).size > 1);
}

export function configSection(configs: readonly ArmConfig[], swept: Record<string, readonly (number | string)[]>): Markup {
  if (configs.length === 0) return html`<p>No configurations were given.</p>`;
  const base = configs[0].arm;
  const sweeps = Object.entries(swept).map(([path, values]) => html`<li><code>${path}</code> is swept over ${values.join(', ')}</li>`);
  return html`<p>The base is the first arm, <strong>${base}</strong>. Seeds differ within every arm.</p>${sweeps.length > 0 && html`<ul>${sweeps}</ul>`}${
    configs.length > 1 && differenceTable(configs)
  }${configs.map((each, i) => configTree(each, i === 0 ? undefined : configs[0], swept))}`;
}

function differenceTable(configs: readonly ArmConfig[]): Markup {
  const paths = differingPaths(configs);
  if (paths.length === 0) return html`<p>The arms do not differ.</p>`;
  const flat = configs.map(({ config }) => flatten(config));
  return html`<div class="scroller" role="region" aria-label="Differences between the arms" tabindex="0"><table><caption class="hidden">Differences between the arms</caption><thead><tr><th scope="col">setting</th>${configs.map(
    ({ arm }) => html`<th scope="col">${arm}</th>`,
  )}</tr></thead><tbody>${paths.map(
    (path) =>
      html`<tr><th scope="row"><code>${path}</code></th>${flat.map((each, i) => {
        const value = each.get(path) ?? '—';
        return html`<td>${i > 0 && each.get(path) !== flat[0].get(path) ? html`<mark>${value}</mark>` : value}</td>`;
      })}</tr>`,
  )}</tbody></table></div>`;
}

/** The configuration with a line a value, indented as in YAML. */
function configTree({ arm, config }: ArmConfig, base: ArmConfig | undefined, swept: Record<string, unknown>): Markup {
  const reference = base && flatten(base.config);
  const own = flatten(config);
  const count = reference
    ? [...new Set([...own.keys(), ...reference.keys()])].filter((path) => own.get(path) !== reference.get(path)).length
    : 0;
  const lines: Markup[] = [];
  let open: string[] = [];
  for (const [path, value] of own) {
    const keys = path.split('.');
    const shared = commonStart(open, keys.slice(0, -1));
    for (let depth = shared; depth < keys.length - 1; depth++) lines.push(html`${'  '.repeat(depth)}${keys[depth]}:\n`);
    open = keys.slice(0, -1);
    const text = `${'  '.repeat(open.length)}${keys.at(-1)}: ${value}`;
    const note = path in swept ? '  # swept' : '';
    const before = reference?.get(path);
    lines.push(
      reference && before !== value
        ? html`<mark>${text}</mark>  <span class="was"># ${base?.arm}: ${before ?? 'not set'}</span>\n`
        : html`${text}<span class="was">${note}</span>\n`,
    );
  }
  const gone = [...(reference ?? [])].filter(([path]) => !own.has(path));
  for (const [path, value] of gone) lines.push(html`<span class="was"># without ${path}: ${value}</span>\n`);
  return html`<details class="config"><summary>${arm}<span class="aside">${base ? ` ${count} ${count === 1 ? 'difference' : 'differences'} to ${base.arm}` : ' base arm'}</span></summary><pre tabindex="0" role="region" aria-label="Configuration of ${arm}">${lines}</pre></details>`;
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((key, i) => key !== b[i]);
  return differs < 0 ? Math.min(a.length, b.length) : differs;
}
