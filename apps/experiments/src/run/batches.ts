// What a run reads of its dataset: training batches as a pure function of the step, evaluation batches in order.
// Everything here is plain arrays; tensors are made where they are used.
type CocoDataset = any;

export interface ImageBatch {
  /** [n, height, width, 3], normalised, padded with zeros. */
  images: Float32Array;
  shape: [number, number, number, number];
  ids: number[];
  /** Unpadded sizes in input pixels. */
  sizes: { height: number; width: number }[];
  /** Input pixels per pixel of the stored image. */
  scales: { x: number; y: number }[];
  /** x1, y1, x2, y2 in input pixels, without crowds. */
  boxes: Float32Array[];
  labels: Int32Array[];
  /** Crowd boxes: neither object nor background. */
  ignore: Float32Array[];
}

export interface RunData {
  classes: number;
  /** COCO category id of each label. */
  categoryIds: number[];
  trainLength: number;
  trainBatch(step: number, batchSize: number, seed: number): Promise<ImageBatch>;
  valLength: number;
  /** Evaluation images in order of their ids, all images of a batch of one padded shape. */
  valBatches(batchSize: number): AsyncIterable<ImageBatch>;
  groundTruth(): CocoDataset;
  /** Image i of a batch as stored pixels again: RGB, 8 bit, of the batch's padded size. */
  toRgb(batch: ImageBatch, index: number): Uint8Array;
  /** Images that were left out because they could not be read. */
  skipped: number;
}
