// The relative links of Markdown and HTML files: each must lead to a file (a folder has no page when a file is opened from disk) and, where it
// names an anchor, to one that is there.
import fs from 'node:fs';
import path from 'node:path';

/** What is wrong with the links of the file, a line each; empty when all lead somewhere. Addresses with a scheme are not followed. */
export function deadLinks(file: string): string[] {
  return linksOf(file).flatMap((link) => {
    if (/^[a-z][a-z+.-]*:/i.test(link)) return [];
    const [address, anchor] = link.split('#');
    const target = address === '' ? file : path.resolve(path.dirname(file), decodeURIComponent(address));
    const problem = problemOf(target, anchor);
    return problem ? [`${file}: "${link}" ${problem}`] : [];
  });
}

function problemOf(target: string, anchor: string | undefined): string | undefined {
  if (!fs.existsSync(target)) return 'leads nowhere';
  if (fs.statSync(target).isDirectory()) return 'leads to a folder';
  if (anchor && !anchorsOf(target).has(decodeURIComponent(anchor))) return 'names an anchor that is not there';
  return undefined;
}

/** Addresses in the order of the file: links and pictures. */
export function linksOf(file: string): string[] {
  const text = fs.readFileSync(file, 'utf8');
  const attributes = (markup: string) =>
    [...markup.matchAll(/<[a-z][^<>]*? (?:href|src)="([^"]*)"/g)].map(([, address]) => address.replaceAll('&amp;', '&'));
  if (file.endsWith('.html')) return attributes(withoutScripts(text));
  const prose = withoutCode(text);
  return [...[...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, address]) => address), ...attributes(prose)];
}

function anchorsOf(file: string): Set<string> {
  const text = fs.readFileSync(file, 'utf8');
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  if (file.endsWith('.html')) return new Set(ids);
  return new Set([...ids, ...[...withoutCode(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => headingAnchor(heading))]);
}

/** As GitHub makes it. */
const headingAnchor = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (text: string): string =>
  text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()<>]/g, ''));
const withoutScripts = (text: string): string => text.replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
