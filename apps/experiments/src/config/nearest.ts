// "Did you mean": the candidate closest in spelling.

/** The candidate with the smallest edit distance to `word`, when it is near enough to be meant. Case does not count. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  // The table of distances grows with both lengths.
  if (word.length > 100) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** ` (nearest: "gamma")`, or all candidates when none is near. */
export function hint(word: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const best = nearest(word, all);
  if (best !== undefined) return ` (nearest: "${best}")`;
  return all.length > 0 ? ` (known: ${all.join(', ')})` : '';
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
