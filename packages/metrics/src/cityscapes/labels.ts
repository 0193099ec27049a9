// The labels of Cityscapes (Cordts et al. 2016; https://www.cityscapes-dataset.com/dataset-overview/#class-definitions): 34 ids, of which 19 are
// trained and scored. The licence plate (id -1) is in no label image.

export type CityscapesCategory = 'void' | 'flat' | 'construction' | 'object' | 'nature' | 'sky' | 'human' | 'vehicle';

export interface CityscapesLabel {
  /** Value in *_labelIds.png. */
  id: number;
  name: string;
  category: CityscapesCategory;
  /** 0..18, or 255: neither trained nor scored. */
  trainId: number;
  /** Pixels with this true label are not scored. */
  ignored: boolean;
  /** Mean pixels of an instance in the training set, where the class has instances: what instance-level scores weight with. */
  averageSize?: number;
}

/** Train id of labels that are not trained. */
export const UNTRAINED = 255;

type Row = [name: string, category: CityscapesCategory, trainId?: number, averageSize?: number];

const ROWS: Row[] = [
  ['unlabeled', 'void'],
  ['ego vehicle', 'void'],
  ['rectification border', 'void'],
  ['out of roi', 'void'],
  ['static', 'void'],
  ['dynamic', 'void'],
  ['ground', 'void'],
  ['road', 'flat', 0],
  ['sidewalk', 'flat', 1],
  ['parking', 'flat'],
  ['rail track', 'flat'],
  ['building', 'construction', 2],
  ['wall', 'construction', 3],
  ['fence', 'construction', 4],
  ['guard rail', 'construction'],
  ['bridge', 'construction'],
  ['tunnel', 'construction'],
  ['pole', 'object', 5],
  ['polegroup', 'object'],
  ['traffic light', 'object', 6],
  ['traffic sign', 'object', 7],
  ['vegetation', 'nature', 8],
  ['terrain', 'nature', 9],
  ['sky', 'sky', 10],
  ['person', 'human', 11, 3462.4756337644],
  ['rider', 'human', 12, 3930.4788056518],
  ['car', 'vehicle', 13, 12794.0202738185],
  ['truck', 'vehicle', 14, 27855.1264367816],
  ['bus', 'vehicle', 15, 35732.1511111111],
  ['caravan', 'vehicle', UNTRAINED, 36771.8241758242],
  ['trailer', 'vehicle', UNTRAINED, 16926.9763313609],
  ['train', 'vehicle', 16, 67583.7075812274],
  ['motorcycle', 'vehicle', 17, 6298.7200839748],
  ['bicycle', 'vehicle', 18, 4672.3249222261],
];

/** By id. In Cityscapes just the untrained labels are ignored in the evaluation. */
export const CITYSCAPES_LABELS: readonly CityscapesLabel[] = ROWS.map(([name, category, trainId = UNTRAINED, averageSize], id) => ({
  id,
  name,
  category,
  trainId,
  ignored: trainId === UNTRAINED,
  ...(averageSize !== undefined && { averageSize }),
}));

export const CITYSCAPES_CATEGORIES: readonly CityscapesCategory[] = [...new Set(ROWS.map(([, category]) => category))];
