// Boxes of all images, judged by COCO's rules.
import type { CocoDataset, ImageBatch } from '@stint/datasets';
import type { Detections } from '@stint/detection-head';
import { type CocoDetection, cocoAp } from '@stint/metrics';
import type { Category, Scoring } from '../task.ts';

const METRICS = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'];

/** Metrics: COCO AP in percent (-1 where there is no ground truth). File: detections.json, COCO results. */
export function cocoScoring(truth: CocoDataset, categories: readonly Category[]): Scoring<ImageBatch, Detections> {
  const detections: CocoDetection[] = [];
  return {
    add(found, batch) {
      found.forEach((image, i) => {
        detections.push(...toCoco(image, batch, i, categories));
      });
    },
    finish() {
      const { stats } = cocoAp(truth, detections);
      return {
        metrics: Object.fromEntries(METRICS.map((name, i) => [name, stats[i] < 0 ? -1 : 100 * stats[i]])),
        files: { 'detections.json': JSON.stringify(detections) },
      };
    },
  };
}

function toCoco({ boxes, scores, labels }: Detections, batch: ImageBatch, image: number, categories: readonly Category[]): CocoDetection[] {
  const { x, y } = batch.scales[image];
  return Array.from(scores, (score, k) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
    return {
      image_id: batch.ids[image],
      category_id: categories[labels[k]].id,
      bbox: [x1 / x, y1 / y, (x2 - x1) / x, (y2 - y1) / y] as [number, number, number, number],
      score,
    };
  });
}
