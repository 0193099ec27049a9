// Parts of a network by kind, for both the steps that the runtime times and the rows of the cost model.

export const KINDS = ['stem', 'mask heads', 'draw', 'conv1', 'interp1', 'conv2', 'conv3', 'interp2', 'downsample', 'FPN'] as const;
export type Kind = (typeof KINDS)[number];

/** The kind of a step (`layer1.0.masks`) or of a row of the cost model (`layer1.0.conv1_mask`). */
export function kindOf(name: string): Kind {
  const part = partOf(name);
  if (part === undefined) return name.startsWith('fpn.') ? 'FPN' : 'stem';
  if (part.startsWith('downsample')) return 'downsample';
  if (part === 'masks' || part.endsWith('_mask')) return 'mask heads';
  // Lists of what is sampled, and of what is read.
  if (part.startsWith('draw') || part === 'reads') return 'draw';
  if (part.startsWith('interpolation')) return part.endsWith('1') ? 'interp1' : 'interp2';
  return part as Kind;
}

/** `layer1.0` of `layer1.0.conv1`; undefined outside of the blocks. */
export function blockOf(name: string): string | undefined {
  return /^layer\d+\.\d+(?=\.)/.exec(name)?.[0];
}

function partOf(name: string): string | undefined {
  const block = blockOf(name);
  return block && name.slice(block.length + 1);
}

/** Sums by kind, 0 for kinds that there are none of. */
export function sumByKind<Row extends { name: string }>(rows: readonly Row[], value: (row: Row) => number): Record<Kind, number> {
  const sums = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const row of rows) sums[kindOf(row.name)] += value(row);
  return sums;
}
