// The twelve numbers as the text that every COCO user knows by heart.

const LINES: readonly [kind: 'AP' | 'AR', iou: string, area: string, maxDetections: number][] = [
  ['AP', '0.50:0.95', 'all', 100],
  ['AP', '0.50', 'all', 100],
  ['AP', '0.75', 'all', 100],
  ['AP', '0.50:0.95', 'small', 100],
  ['AP', '0.50:0.95', 'medium', 100],
  ['AP', '0.50:0.95', 'large', 100],
  ['AR', '0.50:0.95', 'all', 1],
  ['AR', '0.50:0.95', 'all', 10],
  ['AR', '0.50:0.95', 'all', 100],
  ['AR', '0.50:0.95', 'small', 100],
  ['AR', '0.50:0.95', 'medium', 100],
  ['AR', '0.50:0.95', 'large', 100],
];

/** pycocotools' twelve lines, to the character, without a final newline. `stats`: the 12 numbers of `cocoAp`. */
export function formatCocoSummary(stats: ArrayLike<number>): string {
  if (stats.length !== LINES.length) throw new Error(`formatCocoSummary: ${stats.length} numbers, the summary has ${LINES.length}`);
  return LINES.map(([kind, iou, area, most], i) => {
    const title = (kind === 'AP' ? 'Average Precision' : 'Average Recall').padEnd(18);
    return ` ${title} (${kind}) @[ IoU=${iou.padEnd(9)} | area=${area.padStart(6)} | maxDets=${String(most).padStart(3)} ] = ${threeDigits(stats[i])}`;
  }).join('\n');
}

/**
 * Three decimals, ties to even as in Python (toFixed takes them upwards: .0625 -> 0.063). The only binary numbers that
 * lie exactly between two thousandths are the odd multiples of 1/16.
 */
function threeDigits(value: number): string {
  const tie = Number.isInteger(value * 16) && !Number.isInteger(value * 8);
  if (!tie) return value.toFixed(3);
  const below = Math.floor(value * 1000);
  return ((below % 2 === 0 ? below : below + 1) / 1000).toFixed(3);
}
