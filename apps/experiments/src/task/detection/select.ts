// A part of a dataset: the first images, some categories. The ground truth shrinks with it, so that scores stay those of COCO tools.
import type { CocoDataset, DetectionDataset, DetectionSample } from '@stint/datasets';

export interface Selection {
  /** The first n images by rising id. */
  limit?: number;
  /** Category names to keep; their order gives the labels. */
  categories?: readonly string[];
}

/** The selected part of `dataset`; the dataset itself when nothing is selected. Throws on a category that it does not have. */
export function selectPart(dataset: DetectionDataset, { limit, categories }: Selection): DetectionDataset {
  if (limit === undefined && categories === undefined) return dataset;
  const byId = dataset.ids.map((id, index) => ({ id, index })).sort((a, b) => a.id - b.id);
  const kept = byId.slice(0, limit ?? byId.length);
  const ids = new Set(kept.map(({ id }) => id));
  const labels = categories?.map((name) => labelOf(dataset, name));
  const wanted = labels ? labels.map((label) => dataset.categories[label]) : dataset.categories;
  const categoryIds = new Set(wanted.map(({ id }) => id));
  return {
    ...dataset,
    categories: wanted,
    length: kept.length,
    ids: [...ids],
    get: async (index) => relabel(await dataset.get(kept[index].index), labels),
    groundTruth(): CocoDataset {
      const truth = dataset.groundTruth();
      return {
        ...truth,
        categories: wanted,
        images: truth.images.filter(({ id }) => ids.has(id)),
        annotations: truth.annotations.filter(({ image_id, category_id }) => ids.has(image_id) && categoryIds.has(category_id)),
      };
    },
  };
}

function labelOf({ name, categories }: DetectionDataset, wanted: string): number {
  const label = categories.findIndex((category) => category.name === wanted);
  if (label < 0)
    throw new Error(`data.categories: ${name} has no category "${wanted}"; it has ${categories.map((c) => c.name).join(', ')}`);
  return label;
}

/** Drops objects of other categories and numbers the kept ones by their place in `labels`. */
function relabel(sample: DetectionSample, labels: readonly number[] | undefined): DetectionSample {
  if (!labels) return sample;
  const kept = Array.from(sample.labels, (label, i) => ({ i, label: labels.indexOf(label) })).filter(({ label }) => label >= 0);
  return {
    ...sample,
    labels: Int32Array.from(kept, ({ label }) => label),
    crowd: Uint8Array.from(kept, ({ i }) => sample.crowd[i]),
    boxes: Float32Array.from(kept.flatMap(({ i }) => [...sample.boxes.subarray(4 * i, 4 * i + 4)])),
  };
}
