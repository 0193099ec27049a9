// Scores of all images against their labels: top-1, top-5, and which class was taken for which.
import { addToConfusion, createConfusion, topK } from '@stint/metrics';
import type { Scoring } from '../task.ts';
import type { ClassificationBatch } from './data.ts';

const TOP = 5;

/** Metrics: top1, top5 in percent (of fewer than five classes: of all). Files: predictions.json, confusion.json (rows are true classes). */
export function topScoring(classes: string[]): Scoring<ClassificationBatch, Float32Array> {
  const scores: Float32Array[] = [];
  const labels: number[] = [];
  const names: string[] = [];
  const top = Math.min(TOP, classes.length);
  return {
    add(found, batch) {
      scores.push(...found);
      labels.push(...batch.classes);
      names.push(...batch.names);
    },
    finish() {
      const best = scores.map((each) => ranked(each).slice(0, top));
      const confusion = createConfusion(classes.length);
      const row = (data: number[]) => ({ width: data.length, height: 1, data });
      addToConfusion(confusion, { label: row(labels), prediction: row(best.map(([first]) => first)) });
      const accuracy = topK(scores, labels, [1, top]);
      const predictions = names.map((name, i) => ({
        name,
        label: labels[i],
        top: best[i].map((k) => ({ label: k, score: Number(scores[i][k].toPrecision(6)) })),
      }));
      const counts = classes.map((_, k) => [
        ...confusion.counts.subarray(k * (classes.length + 1), k * (classes.length + 1) + classes.length),
      ]);
      return {
        metrics: { top1: 100 * accuracy[1], top5: 100 * accuracy[top] },
        files: { 'predictions.json': JSON.stringify({ classes, predictions }), 'confusion.json': JSON.stringify({ classes, counts }) },
      };
    },
  };
}

/** Classes by falling score; of equal scores the lower first. */
function ranked(scores: Float32Array): number[] {
  return Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
}
