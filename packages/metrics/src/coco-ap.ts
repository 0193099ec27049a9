// COCO average precision and recall for boxes, equal to pycocotools' COCOeval(iouType='bbox').
// Source: https://cocodataset.org/#detection-eval; behaviour checked against pycocotools 2.0.11 (fixtures/coco).
import { accumulateCategory, type CategoryCurves } from './accumulate.ts';
import { isBox } from './check.ts';
import { groupByCategoryAndImage } from './group.ts';
import { matchCategory } from './match.ts';
import { meanOfValid } from './mean.ts';
import { AREAS, type AreaName, IOU_THRESHOLDS, MAX_DETECTIONS, RECALL_THRESHOLDS } from './parameters.ts';
import type { CocoDataset, CocoDetection } from './types.ts';

/** -1: no ground truth. */
export interface CategoryAp {
  ap: number;
  ap50: number;
  ap75: number;
  apSmall: number;
  apMedium: number;
  apLarge: number;
  ar100: number;
}

export interface CocoResult {
  /**
   * AP, AP50, AP75, AP small, medium, large (100 detections), AR with 1, 10, 100 detections, AR small, medium, large:
   * fractions, -1 where there is no ground truth.
   */
  stats: number[];
  /** By category id. */
  perCategory: Record<number, CategoryAp>;
  /** Precision at the recalls 0, .01, ... 1 (101 numbers), with 100 detections an image. `iou`: one of .5, .55, ... .95. */
  precision(categoryId: number, options?: { iou?: number; area?: AreaName }): Float64Array;
  /** Recall at the ten IoU thresholds. */
  recall(categoryId: number, options?: { area?: AreaName; maxDetections?: 1 | 10 | 100 }): Float64Array;
}

export interface CocoApOptions {
  /** Images to evaluate; default all of the ground truth. Detections elsewhere are left out. */
  imageIds?: readonly number[];
  /** Categories to evaluate; default all of the ground truth. */
  categoryIds?: readonly number[];
}

const T = IOU_THRESHOLDS.length;
const R = RECALL_THRESHOLDS.length;

/**
 * Evaluates detections. Boxes are [x, y, width, height] in pixels of the ground truth's images.
 * Throws on a box or score that is not finite, and on a detection of an image that the ground truth does not have.
 */
export function cocoAp(groundTruth: CocoDataset, detections: readonly CocoDetection[], options: CocoApOptions = {}): CocoResult {
  checkInput(groundTruth, detections);
  const { imageIds = groundTruth.images.map(({ id }) => id), categoryIds = groundTruth.categories.map(({ id }) => id) } = options;
  const groups = groupByCategoryAndImage(groundTruth, detections, imageIds, categoryIds);
  const curves = groups.categoryIds.map((_, category) => accumulateCategory(matchCategory(groups, category)));

  const precisions = (area: number, thresholds: readonly number[], of = curves) => {
    const values = new Float64Array(thresholds.length * R * of.length);
    let at = 0;
    for (const t of thresholds)
      for (let r = 0; r < R; r++) for (const { precision } of of) values[at++] = precision[(area * T + t) * R + r];
    return meanOfValid(values);
  };
  const recalls = (area: number, most: number, of = curves) => {
    const values = new Float64Array(T * of.length);
    let at = 0;
    for (let t = 0; t < T; t++) for (const { recall } of of) values[at++] = recall[(most * AREAS.length + area) * T + t];
    return meanOfValid(values);
  };

  const every = IOU_THRESHOLDS.map((_, t) => t);
  const at50 = [0];
  const at75 = [5];
  const [all, small, medium, large] = [0, 1, 2, 3];
  const stats = [
    ...[precisions(all, every), precisions(all, at50), precisions(all, at75)],
    ...[small, medium, large].map((area) => precisions(area, every)),
    ...[0, 1, 2].map((most) => recalls(all, most)),
    ...[small, medium, large].map((area) => recalls(area, 2)),
  ];
  const perCategory: Record<number, CategoryAp> = {};
  groups.categoryIds.forEach((id, index) => {
    const own = [curves[index]];
    perCategory[id] = {
      ap: precisions(all, every, own),
      ap50: precisions(all, at50, own),
      ap75: precisions(all, at75, own),
      apSmall: precisions(small, every, own),
      apMedium: precisions(medium, every, own),
      apLarge: precisions(large, every, own),
      ar100: recalls(all, 2, own),
    };
  });

  const curvesOf = (categoryId: number): CategoryCurves => {
    const index = groups.categoryIds.indexOf(categoryId);
    if (index < 0) throw new Error(`cocoAp: category ${categoryId} was not evaluated; evaluated: ${groups.categoryIds.join(', ')}`);
    return curves[index];
  };
  return {
    stats,
    perCategory,
    precision(categoryId, { iou = 0.5, area = 'all' } = {}) {
      const t = IOU_THRESHOLDS.findIndex((threshold) => Math.abs(threshold - iou) < 1e-9);
      if (t < 0) throw new Error(`cocoAp: IoU ${iou} is not one of .5, .55, ... .95`);
      const row = areaIndex(area) * T + t;
      return curvesOf(categoryId).precision.slice(row * R, (row + 1) * R);
    },
    recall(categoryId, { area = 'all', maxDetections = 100 } = {}) {
      const row = MAX_DETECTIONS.indexOf(maxDetections) * AREAS.length + areaIndex(area);
      return curvesOf(categoryId).recall.slice(row * T, (row + 1) * T);
    },
  };
}

/** Numbers that are not finite would pass through matching unseen; pycocotools asserts that all images are known, too. */
function checkInput(groundTruth: CocoDataset, detections: readonly CocoDetection[]): void {
  const known = new Set(groundTruth.images.map(({ id }) => id));
  for (const { id, image_id, bbox, area } of groundTruth.annotations) {
    if (!(isBox(bbox) && Number.isFinite(area)))
      throw new Error(
        `cocoAp: annotation ${id} of image ${image_id} has bbox [${bbox}] and area ${area}; they must be finite numbers, boxes within 1e9`,
      );
  }
  detections.forEach(({ image_id, bbox, score }, i) => {
    if (!(isBox(bbox) && Number.isFinite(score)))
      throw new Error(
        `cocoAp: detection ${i} (image ${image_id}) has bbox [${bbox}] and score ${score}; they must be finite numbers, boxes within 1e9`,
      );
    if (!known.has(image_id))
      throw new Error(`cocoAp: detection ${i} is of image ${image_id}, which the ground truth lacks: the results belong to another set`);
  });
}

function areaIndex(name: AreaName): number {
  return AREAS.findIndex((area) => area.name === name);
}
