// Pixel-level Cityscapes evaluation, equal to cityscapesScripts' evalPixelLevelSemanticLabeling (Cordts et al. 2016, sec. 4.1; behaviour
// checked against version 2.3.0, fixtures/cityscapes). Everything is counted on the 34 ORIGINAL ids: a pixel whose true label is
// ignored is no false positive of anything, but a prediction of an ignored label is a false negative of the true one.
import { addToConfusion, createConfusion } from '../segmentation/confusion.ts';
import { checkSameSize, type LabelImage } from '../segmentation/label-image.ts';
import { meanOfDefined, ratio, type SegmentationScores, scoresOf } from '../segmentation/scores.ts';
import { addInstances, createInstanceSums, type InstanceSums } from './instances.ts';
import { CITYSCAPES_CATEGORIES, CITYSCAPES_LABELS, UNTRAINED } from './labels.ts';

export interface CityscapesPair {
  /** Label ids 0..33, as in *_gtFine_labelIds.png. */
  label: LabelImage;
  /** Label ids 0..33 (not train ids). 255, no label, counts as 0, unlabeled: a miss of the true label (cityscapesScripts breaks on it). */
  prediction: LabelImage;
  /** As in *_gtFine_instanceIds.png. Give it for every image, or for none: then the instance-level scores are NaN. */
  instances?: LabelImage;
}

/** Scores by name, NaN where there is nothing to score, and the mean of the others. Fractions. */
export interface NamedScores {
  mean: number;
  scores: Record<string, number>;
}

export interface CityscapesScores {
  classIoU: NamedScores;
  categoryIoU: NamedScores;
  /** iIoU: true pixels weighted by the size of their instance. Only classes with instances have a score. */
  instanceIoU: { class: NamedScores; category: NamedScores };
  /** The 19-class variant of the training frameworks: `IoU[trainId]`, mIoU, aAcc, mAcc. */
  trainId: SegmentationScores;
  /** [34][34] pixels: rows are true ids, columns predicted ones. */
  confusion: number[][];
  images: number;
}

export interface CityscapesEvaluation {
  /**
   * Counts one image; it is not kept. `name` begins error messages. Throws on ids out of range and on differing sizes.
   * @returns how many pixels of the prediction are 255, no label
   */
  add(pair: CityscapesPair, name?: string): number;
  /** Scores of what was added so far. */
  scores(): CityscapesScores;
}

const IDS = CITYSCAPES_LABELS.map(({ id }) => id);
const SCORED = IDS.filter((id) => !CITYSCAPES_LABELS[id].ignored);
const TRAINED = CITYSCAPES_LABELS.filter(({ trainId }) => trainId !== UNTRAINED).length;
const COLUMNS = IDS.length + 1;
const UNLABELED = 0;
/** What segmentation tools write where they ignore. */
const NO_LABEL = 255;

/** Scores of a set of images; an iterable will do, so that they need not be in memory together. */
export function cityscapesScores(pairs: Iterable<CityscapesPair>): CityscapesScores {
  const evaluation = cityscapesEvaluation();
  for (const pair of pairs) evaluation.add(pair);
  return evaluation.scores();
}

/** Evaluation an image at a time, for images that are decoded as one goes. */
export function cityscapesEvaluation(): CityscapesEvaluation {
  const confusion = createConfusion(IDS.length);
  const sums = createInstanceSums();
  let images = 0;
  let withInstances = 0;
  return {
    add({ label, prediction: given, instances }, name = `pair ${images}`) {
      const where = `cityscapesScores: ${name}`;
      const { prediction, replaced } = withoutNoLabel(given);
      if (images > 0 && withInstances > 0 !== (instances !== undefined))
        throw new Error(`${where} has ${instances ? '' : 'no '}instances, unlike those before; give them for all images or for none`);
      if (instances) {
        checkSameSize(where, { label, instances });
        checkSameSize(where, { prediction, instances });
      }
      addToConfusion(confusion, { label, prediction }, { where });
      if (instances) addInstances(sums, instances, prediction, where);
      images++;
      if (instances) withInstances++;
      return replaced;
    },
    scores: () => ({
      ...pixelScores(confusion.counts),
      instanceIoU: instanceScores(confusion.counts, sums, withInstances > 0),
      trainId: scoresOf({ classes: TRAINED, counts: trainIdCounts(confusion.counts) }),
      confusion: IDS.map((id) => [...confusion.counts.subarray(id * COLUMNS, id * COLUMNS + IDS.length)]),
      images,
    }),
  };
}

/** A prediction with unlabeled pixels where it says that there is no label, and how many these are. */
function withoutNoLabel(image: LabelImage): { prediction: LabelImage; replaced: number } {
  let replaced = 0;
  for (let i = 0; i < image.data.length; i++) if (image.data[i] === NO_LABEL) replaced++;
  if (replaced === 0) return { prediction: image, replaced };
  return { prediction: { ...image, data: Array.from(image.data, (id) => (id === NO_LABEL ? UNLABELED : id)) }, replaced };
}

function pixelScores(counts: Float64Array): Pick<CityscapesScores, 'classIoU' | 'categoryIoU'> {
  const iou = (ids: number[]) => {
    const truePixels = sum(counts, ids, IDS);
    return ratio(sum(counts, ids, ids), truePixels + falsePositives(counts, ids));
  };
  return {
    classIoU: named(CITYSCAPES_LABELS, ({ id, ignored }) => (ignored ? Number.NaN : iou([id]))),
    categoryIoU: named(categories(), ({ scored }) => iou(scored)),
  };
}

function instanceScores(counts: Float64Array, sums: InstanceSums, known: boolean): CityscapesScores['instanceIoU'] {
  const total = (values: Float64Array, ids: number[]) => ids.reduce((all, id) => all + values[id], 0);
  const iou = (ids: number[], hits: Float64Array, misses: Float64Array) => {
    if (!known) return Number.NaN;
    const hit = total(hits, ids);
    return ratio(hit, hit + total(misses, ids) + falsePositives(counts, ids));
  };
  return {
    class: named(CITYSCAPES_LABELS, ({ id, ignored, averageSize }) =>
      ignored || averageSize === undefined ? Number.NaN : iou([id], sums.classHits, sums.classMisses),
    ),
    // Here the reference counts predictions of ALL labels of the category, those of ignored ones (caravan, trailer) included.
    category: named(categories(), ({ all, instances }) => (instances ? iou(all, sums.categoryHits, sums.categoryMisses) : Number.NaN)),
  };
}

/** Pixels predicted as one of `ids` whose true label is scored and is none of them. */
function falsePositives(counts: Float64Array, ids: number[]): number {
  const others = SCORED.filter((id) => !ids.includes(id));
  return sum(counts, others, ids);
}

function categories(): { name: string; all: number[]; scored: number[]; instances: boolean }[] {
  return CITYSCAPES_CATEGORIES.map((name) => {
    const own = CITYSCAPES_LABELS.filter(({ category }) => category === name);
    const all = own.map(({ id }) => id);
    return {
      name,
      all,
      scored: all.filter((id) => SCORED.includes(id)),
      instances: own.every(({ averageSize }) => averageSize !== undefined),
    };
  });
}

/** [19, 20]: rows and columns by train id; pixels with an untrained true label are left out, untrained predictions are no class. */
function trainIdCounts(counts: Float64Array): Float64Array {
  const result = new Float64Array(TRAINED * (TRAINED + 1));
  for (const row of SCORED) {
    for (const column of IDS) {
      const { trainId } = CITYSCAPES_LABELS[column];
      const to = CITYSCAPES_LABELS[row].trainId * (TRAINED + 1) + (trainId === UNTRAINED ? TRAINED : trainId);
      result[to] += counts[row * COLUMNS + column];
    }
  }
  return result;
}

function sum(counts: Float64Array, rows: number[], columns: number[]): number {
  let total = 0;
  for (const row of rows) for (const column of columns) total += counts[row * COLUMNS + column];
  return total;
}

function named<T extends { name: string }>(entries: readonly T[], score: (entry: T) => number): NamedScores {
  const scores = Object.fromEntries(entries.map((entry) => [entry.name, score(entry)]));
  return { mean: meanOfDefined(Object.values(scores)), scores };
}
