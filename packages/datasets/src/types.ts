// What a dataset is: samples, for detection COCO ground truth and what was left out or repaired on the way, for segmentation and
// classification class names.

/** One image with its objects. Arrays may be shared with a cache: read them, never write into them. */
export interface DetectionSample {
  /** The image's id in the COCO ground truth. */
  id: number;
  /** Pixels. */
  width: number;
  height: number;
  /** [height, width, 3], RGB, 0..255. */
  image: Uint8Array;
  /** [objects, 4]: x1, y1, x2, y2 in pixels, inside the image. */
  boxes: Float32Array;
  /** [objects]: 0..K-1, positions in the dataset's `categories`. */
  labels: Int32Array;
  /** [objects]: 1 where the box stands for a crowd (COCO's iscrowd): not to be learnt from, not to be counted as missed. */
  crowd: Uint8Array;
  /** [height, width]. Emoji scenes: 0 = background, label + 1 elsewhere; segmentation datasets: see `SegmentationSample`. */
  segmentation?: Uint8Array;
}

/** One image with a class a pixel. Boxes are those of the objects where the dataset has some, else there are none. */
export interface SegmentationSample extends DetectionSample {
  /** [height, width]: positions in the dataset's `classes`, or IGNORED_LABEL (255): neither learnt nor scored. */
  segmentation: Uint8Array;
}

/** Red, green, blue, 0..255. */
export type Color = readonly [number, number, number];

export interface SegmentationDataset {
  name: string;
  /** Class names; label k is `classes[k]`. */
  classes: string[];
  /** What stands for each class in the dataset's own label files; default its position. */
  ids?: readonly number[];
  /** What each class is painted in, where the dataset says. */
  colors?: readonly Color[];
  length: number;
  /** A name for each image, such as its file without the extension: for files of predictions. Sample ids are index + 1. */
  names: string[];
  /** Rejects when the index is out of range or image or labels cannot be read. */
  get(index: number): Promise<SegmentationSample>;
}

/** Images with one label each. */
export interface ClassificationDataset {
  name: string;
  /** Class names; label k is `classes[k]`. */
  classes: string[];
  length: number;
  /** A name for each image, such as its path without the extension. Sample ids are index + 1. */
  names: string[];
  /** The class of each image. */
  labels: Int32Array;
  /** The image, without objects. Rejects when the index is out of range or the image cannot be read. */
  get(index: number): Promise<DetectionSample>;
}

export interface DetectionDataset {
  name: string;
  /** In the order of the labels: label k is `categories[k]`. */
  categories: CocoCategory[];
  length: number;
  /** The image id at each index. */
  ids: number[];
  /** Rejects when the index is out of range or the image cannot be read. */
  get(index: number): Promise<DetectionSample>;
  /** The COCO JSON to evaluate against, with exactly this dataset's images. */
  groundTruth(): CocoDataset;
  /** Images left out, each with the reason. */
  skipped: SkippedImage[];
  /** Repairs made to the annotations. */
  warnings: DatasetWarning[];
}

export interface SkippedImage {
  file: string;
  id: number;
  reason: string;
}

/** `box-clipped`: reached out of its image; `box-dropped`: nothing of it lies inside its image. */
export interface DatasetWarning {
  kind: 'box-clipped' | 'box-dropped';
  count: number;
  /** Annotation ids. */
  ids: number[];
}

/** The part of a COCO instances JSON that detection needs. */
export interface CocoDataset {
  images: CocoImage[];
  annotations: CocoAnnotation[];
  categories: CocoCategory[];
}

export interface CocoImage {
  id: number;
  file_name: string;
  width: number;
  height: number;
}

export interface CocoAnnotation {
  id: number;
  image_id: number;
  category_id: number;
  /** x, y, width, height in pixels. */
  bbox: [number, number, number, number];
  /** Square pixels, of the mask where there is one. */
  area: number;
  iscrowd: 0 | 1;
}

export interface CocoCategory {
  id: number;
  name: string;
}
