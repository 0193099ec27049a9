// Instance-level scores (Cordts et al. 2016, sec. 4.1): a true pixel counts with weight (mean instance size of its class) / (size of its
// instance), so that a near car does not outweigh many far ones. Predictions have no instances: false positives stay unweighted.
import type { LabelImage } from '../segmentation/label-image.ts';
import { CITYSCAPES_LABELS } from './labels.ts';

/** Weighted true positives and false negatives, by label id: once for the class itself, once for its category. */
export interface InstanceSums {
  classHits: Float64Array;
  classMisses: Float64Array;
  categoryHits: Float64Array;
  categoryMisses: Float64Array;
}

/** Instance ids are label id x 1000 + k, k from 0; plain label ids stand for regions without instances. */
const PER_LABEL = 1000;
const IDS = CITYSCAPES_LABELS.length * PER_LABEL;
/** The reference reads ids > 1000 as instances (1000 would be number 0 of label 1, which has none). */
const FIRST = 1001;

export function createInstanceSums(): InstanceSums {
  const zeros = () => new Float64Array(CITYSCAPES_LABELS.length);
  return { classHits: zeros(), classMisses: zeros(), categoryHits: zeros(), categoryMisses: zeros() };
}

/** Adds the instances of one image. Throws on an id of no label, and on instances of a label that has none. */
export function addInstances(sums: InstanceSums, instances: LabelImage, prediction: LabelImage, where: string): void {
  const size = new Float64Array(IDS);
  const hits = new Float64Array(IDS);
  const categoryHits = new Float64Array(IDS);
  const found = prediction.data;
  for (let i = 0; i < found.length; i++) {
    const id = instances.data[i];
    if (id < FIRST) continue;
    if (!(id < IDS)) throw new Error(`${where}: instance id ${id}; ids are label id x 1000 + number, with label ids 0..33`);
    size[id]++;
    const label = (id / PER_LABEL) | 0;
    if (found[i] === label) hits[id]++;
    if (CATEGORY[found[i]] === CATEGORY[label]) categoryHits[id]++;
  }
  for (let id = FIRST; id < IDS; id++) {
    if (size[id] === 0) continue;
    const { name, ignored, averageSize, id: label } = CITYSCAPES_LABELS[Math.floor(id / PER_LABEL)];
    if (ignored) continue;
    if (averageSize === undefined) throw new Error(`${where}: instance id ${id}, but '${name}' (${label}) has no instances`);
    const weight = averageSize / size[id];
    sums.classHits[label] += hits[id] * weight;
    sums.classMisses[label] += (size[id] - hits[id]) * weight;
    sums.categoryHits[label] += categoryHits[id] * weight;
    sums.categoryMisses[label] += (size[id] - categoryHits[id]) * weight;
  }
}

const CATEGORY = CITYSCAPES_LABELS.map(({ category }) => category);
