// How deep YAML text is nested at most, before the recursive parser sees it: beyond some thousand levels that does not throw, it ends the process.

/** Where lists, mappings or indentation go deeper than `limit`: an offset in the text; -1 where they do not. Brackets in texts count too. */
export function findDeepNesting(text: string, limit: number): number {
  let flow = 0;
  // At the start of a line: columns of indentation, and "- - ? -" as one level each.
  let starting = true;
  let column = 0;
  let levels = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\n' || char === '\r') {
      starting = true;
      column = 0;
      levels = 0;
      continue;
    }
    if (char === '[' || char === '{') flow++;
    else if (char === ']' || char === '}') flow = Math.max(0, flow - 1);
    if (starting) {
      if (char === ' ' || char === '\t') column++;
      else if (char === '-' || char === '?' || char === ':') levels++;
      else starting = false;
    }
    if (flow > limit || levels > limit || column > 4 * limit) return at;
  }
  return -1;
}
