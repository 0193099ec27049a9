// What a set of emoji scenes is made of, checked and with its defaults filled in.

export interface EmojiOptions {
  /** The two splits share no scene. */
  split: 'train' | 'val';
  /** Folder of the cache; made when missing. */
  cacheDir: string;
  /** Scenes; default 4,000 (train) or 500 (val). */
  count?: number;
  /** Default 0. */
  seed?: number;
  /** Side in pixels, default 160. */
  imageSize?: number;
  /** Fewest and most objects of a scene, default [1, 6] ('thin': [3, 8]). A crowded scene may end below the fewest: see `paintScene`. */
  objects?: [number, number];
  /**
   * 'standard': objects of 10-48 px; 'large': 16-88 px; 'thin': 8-24 px among wires, poles and outlines that have pixel labels of their own
   * (see thin.ts). Findings differ between them.
   */
  variant?: 'standard' | 'large' | 'thin';
  /** Smallest and largest object in pixels (side of the unturned drawing, log-uniform); overrides the variant. */
  objectSize?: [number, number];
  /** Called now and then while a set is made, not when it is found in the cache. */
  onProgress?(done: number, total: number): void;
}

/** All that decides what a set looks like: equal recipes, equal bytes. */
export interface EmojiRecipe {
  split: 'train' | 'val';
  count: number;
  seed: number;
  imageSize: number;
  objects: [number, number];
  objectSize: [number, number];
  /** Left out where there are none, so that the names of sets without them stay as they were. */
  thin?: true;
}

const OBJECT_SIZES = { standard: [10, 48], large: [16, 88], thin: [8, 24] } satisfies Record<string, [number, number]>;

/** Throws with the offending option and the values it allows. */
export function emojiRecipe(options: EmojiOptions): EmojiRecipe {
  const { split, seed = 0, imageSize = 160, variant = 'standard' } = options;
  const objects = options.objects ?? (variant === 'thin' ? [3, 8] : [1, 6]);
  if (split !== 'train' && split !== 'val') fail('split', split, "'train' or 'val'");
  if (!(variant in OBJECT_SIZES)) fail('variant', variant, "'standard', 'large' or 'thin'");
  const objectSize = options.objectSize ?? OBJECT_SIZES[variant];
  const count = options.count ?? (split === 'train' ? 4000 : 500);
  if (!Number.isInteger(count) || count < 1) fail('count', count, 'an integer >= 1');
  if (!Number.isSafeInteger(seed)) fail('seed', seed, 'an integer');
  if (!Number.isInteger(imageSize) || imageSize < 16) fail('imageSize', imageSize, 'an integer >= 16');
  if (!objects.every(Number.isInteger) || objects[0] < 0 || objects[1] < objects[0] || objects[1] > 255) {
    fail('objects', objects, '[fewest, most] with 0 <= fewest <= most <= 255');
  }
  if (!(objectSize[0] >= 4 && objectSize[1] >= objectSize[0] && objectSize[1] <= imageSize)) {
    fail('objectSize', objectSize, `[smallest, largest] with 4 <= smallest <= largest <= imageSize ${imageSize}`);
  }
  return {
    split,
    count,
    seed,
    imageSize,
    objects: [objects[0], objects[1]],
    objectSize: [objectSize[0], objectSize[1]],
    ...(variant === 'thin' && { thin: true }),
  };
}

function fail(option: string, value: unknown, allowed: string): never {
  throw new Error(`emojiScenes: ${option} ${JSON.stringify(value)} must be ${allowed}`);
}
