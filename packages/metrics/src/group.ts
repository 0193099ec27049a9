// Sorts ground truths and detections into (category, image) groups: columns of numbers instead of objects.
// Groups run by ascending category id, then ascending image id; ground truths keep the order of the file; detections fall
// by score (equal scores: order of the file) and are cut to the most that are ever judged.
import { MAX_DETECTIONS } from './parameters.ts';
import type { CocoDataset, CocoDetection } from './types.ts';

/** Boxes of all groups, one after another; group g owns [offsets[g], offsets[g + 1]). */
export interface Boxes {
  offsets: Int32Array;
  /** x, y, width, height */
  boxes: Float64Array;
  areas: Float64Array;
}

export interface Groups {
  /** Ascending. Group index = category index * imageIds.length + image index. */
  categoryIds: number[];
  imageIds: number[];
  truths: Boxes & { crowd: Uint8Array };
  detections: Boxes & { scores: Float64Array };
}

/** Groups in columns of 4 bytes (LVIS has 120 million), curves of 32 KiB a category, overlaps of one image: what memory there is for them. */
const MOST_GROUPS = 2 ** 27;
const MOST_CATEGORIES = 2 ** 15;
const MOST_OVERLAPS = 2 ** 26;

/** Annotations of images or categories that are not evaluated are left out, as are detections of such categories. */
export function groupByCategoryAndImage(
  dataset: CocoDataset,
  detections: readonly CocoDetection[],
  imageIds: readonly number[],
  categoryIds: readonly number[],
): Groups {
  const images = ascendingIndex(imageIds);
  const categories = ascendingIndex(categoryIds);
  const count = images.size * categories.size;
  if (categories.size > MOST_CATEGORIES || count > MOST_GROUPS) {
    throw new Error(
      `cocoAp: ${images.size} images x ${categories.size} categories are more than can be evaluated at once (${MOST_CATEGORIES} categories, ${MOST_GROUPS} pairs): give imageIds or categoryIds in parts`,
    );
  }
  const groupOf = (entry: { image_id: number; category_id: number }) => {
    const image = images.get(entry.image_id);
    const category = categories.get(entry.category_id);
    return image === undefined || category === undefined ? -1 : category * images.size + image;
  };

  const truthOrder = countingSort(
    Int32Array.from(dataset.annotations, (_, i) => i),
    Int32Array.from(dataset.annotations, groupOf),
    count,
  );
  const scores = Float64Array.from(detections, (detection) => detection.score);
  const falling = Int32Array.from(detections, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  const most = MAX_DETECTIONS[MAX_DETECTIONS.length - 1];
  const kept = firstOfEach(countingSort(falling, Int32Array.from(detections, groupOf), count), most);
  checkOverlaps(truthOrder, kept);
  const boxes = boxColumns(detections, kept.items);
  const areas = new Float64Array(kept.items.length);
  for (let i = 0; i < areas.length; i++) areas[i] = boxes[4 * i + 2] * boxes[4 * i + 3];

  return {
    categoryIds: [...categories.keys()],
    imageIds: [...images.keys()],
    truths: {
      offsets: truthOrder.offsets,
      boxes: boxColumns(dataset.annotations, truthOrder.items),
      areas: Float64Array.from(truthOrder.items, (item) => dataset.annotations[item].area),
      crowd: Uint8Array.from(truthOrder.items, (item) => (dataset.annotations[item].iscrowd ? 1 : 0)),
    },
    detections: { offsets: kept.offsets, boxes, areas, scores: Float64Array.from(kept.items, (item) => scores[item]) },
  };
}

interface Order {
  offsets: Int32Array;
  /** Positions in the input, group after group. */
  items: Int32Array;
}

function ascendingIndex(ids: readonly number[]): Map<number, number> {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  return new Map(sorted.map((id, index) => [id, index]));
}

/** Puts `items` in order of their group; within a group they keep their order. Group -1 is left out. */
function countingSort(items: Int32Array, groupOfItem: Int32Array, count: number): Order {
  const offsets = new Int32Array(count + 1);
  for (const group of groupOfItem) if (group >= 0) offsets[group + 1]++;
  for (let g = 0; g < count; g++) offsets[g + 1] += offsets[g];
  const next = offsets.slice(0, count);
  const sorted = new Int32Array(offsets[count]);
  for (const item of items) if (groupOfItem[item] >= 0) sorted[next[groupOfItem[item]]++] = item;
  return { offsets, items: sorted };
}

function checkOverlaps({ offsets: truths }: Order, { offsets: found }: Order): void {
  for (let g = 0; g + 1 < truths.length; g++) {
    const objects = truths[g + 1] - truths[g];
    if (objects * (found[g + 1] - found[g]) > MOST_OVERLAPS)
      throw new Error(`cocoAp: one image has ${objects} objects of one category, more than can be compared with its detections`);
  }
}

/** Cuts every group to its first `most` items. */
function firstOfEach({ offsets, items }: Order, most: number): Order {
  const kept = new Int32Array(items.length);
  const keptOffsets = new Int32Array(offsets.length);
  let at = 0;
  for (let g = 0; g + 1 < offsets.length; g++) {
    const end = Math.min(offsets[g + 1], offsets[g] + most);
    for (let i = offsets[g]; i < end; i++) kept[at++] = items[i];
    keptOffsets[g + 1] = at;
  }
  return { offsets: keptOffsets, items: kept.subarray(0, at) };
}

function boxColumns(entries: readonly { bbox: readonly number[] }[], items: Int32Array): Float64Array {
  const boxes = new Float64Array(4 * items.length);
  for (let i = 0; i < items.length; i++) for (let c = 0; c < 4; c++) boxes[4 * i + c] = entries[items[i]].bbox[c];
  return boxes;
}
