// A class a pixel as shares and, with the dataset's own ids, as a label image.
import { encodeLabelPng, type LabelImage } from '@stint/datasets';
import { type Color, classColors } from '@stint/report';
import type { ModelDescription } from '@stint/runtime';

type Categories = ModelDescription['categories'];

export interface FoundSegment {
  label: number;
  category: string;
  /** In the dataset's own label files. */
  categoryId: number;
  /** Of the image's pixels. */
  share: number;
}

const LARGEST_ID = 65535;

/** Classes that have pixels, the largest first. */
export function segmentsOf({ data }: LabelImage, categories: Categories): FoundSegment[] {
  const counts = new Map<number, number>();
  for (const label of data) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .map(([label, count]) => ({
      label,
      category: nameOf(label, categories),
      categoryId: idOf(label, categories),
      share: count / data.length,
    }))
    .sort((a, b) => b.share - a.share || a.label - b.label);
}

/**
 * PNG of the ids of the dataset: grey, 8 bits, or 16 where an id needs them.
 * @throws for ids that no label image can hold.
 */
export function idPng({ width, height, data }: LabelImage, categories: Categories): Promise<Buffer> {
  const ids = Array.from({ length: 256 }, (_, label) => idOf(label, categories));
  const present = [...new Set(data)].map((label) => ids[label]);
  const wrong = present.find((id) => id < 0 || id > LARGEST_ID);
  if (wrong !== undefined) throw new Error(`the category id ${wrong} does not fit into a label image: ids are 0..${LARGEST_ID} there`);
  const values = new (Math.max(...present) > 255 ? Uint16Array : Uint8Array)(data.length);
  data.forEach((label, i) => {
    values[i] = ids[label];
  });
  return encodeLabelPng({ width, height, data: values });
}

/** The colours of the dataset, and others where it has none. */
export function colorsOf(categories: Categories, count: number): Color[] {
  const others = classColors(Math.max(count, categories?.length ?? 0));
  return others.map((color, label) => categories?.[label]?.color ?? color);
}

export const nameOf = (label: number, categories: Categories): string => categories?.[label]?.name ?? `class ${label}`;
const idOf = (label: number, categories: Categories): number => categories?.[label]?.id ?? label;
