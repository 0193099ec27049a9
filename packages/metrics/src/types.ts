// The COCO detection format, as far as evaluation reads it (https://cocodataset.org/#format-data, #format-results).

export interface CocoImage {
  id: number;
  width?: number;
  height?: number;
  file_name?: string;
}

export interface CocoCategory {
  id: number;
  name: string;
  supercategory?: string;
}

export interface CocoAnnotation {
  id: number;
  image_id: number;
  category_id: number;
  /** [x, y, width, height] in pixels. */
  bbox: readonly number[];
  /** Area of the object's mask in pixels; it, and not width * height, decides small, medium or large. */
  area: number;
  /** 1: a group of objects. Detections inside it are neither right nor wrong. */
  iscrowd?: number;
}

export interface CocoDataset {
  images: readonly CocoImage[];
  annotations: readonly CocoAnnotation[];
  categories: readonly CocoCategory[];
}

/** One entry of a COCO results file. */
export interface CocoDetection {
  image_id: number;
  category_id: number;
  /** [x, y, width, height] in pixels. */
  bbox: readonly number[];
  score: number;
}
