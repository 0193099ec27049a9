// What a run reads of its dataset. Everything is plain arrays; tensors are made where they are used.
import type { CocoDataset, ImageBatch } from '@stint/datasets';

export interface RunData {
  /** Name and COCO id of each label. */
  categories: { id: number; name: string }[];
  trainLength: number;
  /** A pure function of its arguments, so that a run resumes at any step. `scale` of the images' sides, rounded to multiples of 32; default 1. */
  trainBatch(step: number, batchSize: number, seed: number, scale?: number): Promise<ImageBatch>;
  valLength: number;
  /** Every evaluation image once; all images of a batch have one size. `scale` as above. */
  valBatches(batchSize: number, scale?: number): AsyncIterable<ImageBatch>;
  groundTruth(): CocoDataset;
  /** Images that were left out because they could not be read. */
  skipped: number;
  /** What was left out or repaired, a sentence each, for the person who runs it. */
  notices: string[];
}
