// The constants of the COCO detection metric (https://cocodataset.org/#detection-eval). The floating point values are
// those of an evenly spaced grid `start + i * step`, which is what the reference compares IoU and recall with.

export type AreaName = 'all' | 'small' | 'medium' | 'large';

/** Inclusive at both ends. An object of exactly 32 x 32 pixels is small AND medium. */
export const AREAS: readonly { name: AreaName; min: number; max: number }[] = [
  { name: 'all', min: 0, max: 1e10 },
  { name: 'small', min: 0, max: 32 ** 2 },
  { name: 'medium', min: 32 ** 2, max: 96 ** 2 },
  { name: 'large', min: 96 ** 2, max: 1e10 },
];

/** Detections kept an image AND category. Average precision uses the last. */
export const MAX_DETECTIONS: readonly number[] = [1, 10, 100];

/** .50, .55, ... .95 */
export const IOU_THRESHOLDS: readonly number[] = grid(0.5, 0.95, 10);

/** 0, .01, ... 1 */
export const RECALL_THRESHOLDS: readonly number[] = grid(0, 1, 101);

function grid(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? end : start + i * step));
}
