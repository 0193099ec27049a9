// Cityscapes (Cordts et al. 2016) in its own tree: leftImg8bit/<split>/<city>/*_leftImg8bit.png and gtFine/<split>/<city>/*_gtFine_labelIds.png,
// *_gtFine_instanceIds.png. https://www.cityscapes-dataset.com
import path from 'node:path';
import { DatasetError } from '../errors.ts';
import { IGNORED_LABEL } from '../transforms/collate.ts';
import type { Color, SegmentationDataset } from '../types.ts';
import { fileDataset, identityClasses } from './file-dataset.ts';
import { filesIn, pairByKey } from './files.ts';
import { type LabelImage, readLabelPng } from './label-png.ts';

export interface CityscapesOptions {
  /** The folder that holds leftImg8bit and gtFine. */
  root: string;
  split: 'train' | 'val' | 'test';
  /** 'train' (default): the 19 train ids, all else ignored. 'all': the 34 ids as they are stored. A stored 255 is ignored in both. */
  labels?: 'train' | 'all';
  /** Bytes of decoded images and labels to keep in memory, default 0; an image with its labels takes 8.4 MB. */
  cacheBytes?: number;
}

export interface CityscapesDataset extends SegmentationDataset {
  /** What `cityscapesScores` of @stint/metrics evaluates against: label ids 0..33, and instance ids where the file exists. */
  truth(index: number): Promise<{ label: LabelImage; instances?: LabelImage }>;
}

/** Names by id, as in *_labelIds.png. */
const NAMES = [
  ...['unlabeled', 'ego vehicle', 'rectification border', 'out of roi', 'static', 'dynamic', 'ground', 'road', 'sidewalk', 'parking'],
  ...['rail track', 'building', 'wall', 'fence', 'guard rail', 'bridge', 'tunnel', 'pole', 'polegroup', 'traffic light', 'traffic sign'],
  ...['vegetation', 'terrain', 'sky', 'person', 'rider', 'car', 'truck', 'bus', 'caravan', 'trailer', 'train', 'motorcycle', 'bicycle'],
];

/** What each trained class is painted in, as in the benchmark's own pictures (labels.py of cityscapesScripts). */
const TRAINED_COLORS: readonly Color[] = [
  ...([
    [128, 64, 128],
    [244, 35, 232],
    [70, 70, 70],
    [102, 102, 156],
    [190, 153, 153],
    [153, 153, 153],
    [250, 170, 30],
  ] as const),
  ...([
    [220, 220, 0],
    [107, 142, 35],
    [152, 251, 152],
    [70, 130, 180],
    [220, 20, 60],
    [255, 0, 0],
    [0, 0, 142],
  ] as const),
  ...([
    [0, 0, 70],
    [0, 60, 100],
    [0, 80, 100],
    [0, 0, 230],
    [119, 11, 32],
  ] as const),
];

/** The id of each of the 19 train ids. */
export const CITYSCAPES_TRAINED_IDS: readonly number[] = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

/** -1 as a byte, the id of licence plates; many tools write it where there is no label. */
const NO_LABEL = 255;

const OPERATION = 'cityscapes';
const IMAGE = '_leftImg8bit.png';
const LABEL = '_gtFine_labelIds.png';
const INSTANCES = '_gtFine_instanceIds.png';

/** Opens a split. Rejects, naming the files, on images without labels and labels without image. Names are <city>_<sequence>_<frame>. */
export async function cityscapes(options: CityscapesOptions): Promise<CityscapesDataset> {
  const { root, split, labels = 'train', cacheBytes } = options;
  if (labels !== 'train' && labels !== 'all') throw new Error(`${OPERATION}: labels ${JSON.stringify(labels)} must be 'train' or 'all'`);
  const truthFolder = path.join(root, 'gtFine', split);
  const truthFiles = await filesIn(OPERATION, truthFolder);
  const imageFolder = path.join(root, 'leftImg8bit', split);
  const pairs = pairByKey(
    OPERATION,
    keyed(imageFolder, await filesIn(OPERATION, imageFolder), IMAGE),
    keyed(truthFolder, truthFiles, LABEL),
  );
  if (pairs.length === 0) throw new DatasetError(`${OPERATION}: ${imageFolder} holds no *${IMAGE}`);
  const instances = keyed(truthFolder, truthFiles, INSTANCES);
  const dataset = fileDataset({
    operation: OPERATION,
    name: `cityscapes-${split}`,
    ...(labels === 'all'
      ? { classes: NAMES }
      : { classes: CITYSCAPES_TRAINED_IDS.map((id) => NAMES[id]), ids: CITYSCAPES_TRAINED_IDS, colors: TRAINED_COLORS }),
    files: pairs.map(({ key, image, label }) => ({ name: path.posix.basename(key), image, label })),
    classOf: labels === 'all' ? identityClasses(NAMES.length, [NO_LABEL]) : trainClasses(),
    cacheBytes,
  });
  return {
    ...dataset,
    async truth(index) {
      const pair = pairs[index];
      if (!pair) throw new RangeError(`${dataset.name}: no image at ${index}, there are ${pairs.length}`);
      const file = instances.get(pair.key);
      const [label, instanceIds] = await Promise.all([readLabelPng(pair.label), file === undefined ? undefined : readLabelPng(file)]);
      return { label, ...(instanceIds && { instances: instanceIds }) };
    },
  };
}

/** A prediction in train ids as one in label ids, as the evaluation and the benchmark's server want it; ignored pixels become 0 (unlabeled). */
export function cityscapesLabelIds({ width, height, data }: LabelImage): LabelImage {
  const idOf = new Uint8Array(256);
  CITYSCAPES_TRAINED_IDS.forEach((id, trainId) => {
    idOf[trainId] = id;
  });
  return {
    width,
    height,
    data: Uint8Array.from(data, (trainId) => {
      if (trainId >= CITYSCAPES_TRAINED_IDS.length && trainId !== IGNORED_LABEL)
        throw new Error(
          `cityscapesLabelIds: ${trainId} is no train id; they are 0..${CITYSCAPES_TRAINED_IDS.length - 1} and ${IGNORED_LABEL}`,
        );
      return idOf[trainId];
    }),
  };
}

function trainClasses(): Map<number, number> {
  const ignored = NAMES.map((_, id): [number, number] => [id, IGNORED_LABEL]);
  return new Map([[NO_LABEL, IGNORED_LABEL], ...ignored, ...CITYSCAPES_TRAINED_IDS.map((id, trainId): [number, number] => [id, trainId])]);
}

/** Files that end in `suffix`, by their path without it: <city>/<city>_<sequence>_<frame>. */
function keyed(folder: string, files: readonly string[], suffix: string): Map<string, string> {
  return new Map(files.filter((file) => file.endsWith(suffix)).map((file) => [file.slice(0, -suffix.length), path.join(folder, file)]));
}
