import { type EmojiOptions, emojiRecipe } from './options.ts';
import { paintScene, type Scene } from './scene.ts';
import { EMOJI_CLASSES, loadSprites } from './sprites.ts';

async function scenes(count: number, options: Partial<EmojiOptions> = {}): Promise<Scene[]> {
  const sprites = await loadSprites();
  const recipe = emojiRecipe({ split: 'train', cacheDir: '', count, ...options });
  return Array.from({ length: count }, (_, i) => paintScene(recipe, i, sprites));
}

const covered = (list: Scene[]) =>
  list.reduce((sum, { segmentation }) => sum + segmentation.filter((label) => label > 0).length / segmentation.length, 0) / list.length;

test('the recipe has its statistics', async () => {
  const list = await scenes(200);
  const objects = list.flatMap((scene) => scene.objects);
  const counts = list.map((scene) => scene.objects.length);
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([1, 6]);
  expect(Math.abs(objects.length / 200 - 3.5)).toBeLessThan((4 * 1.71) / Math.sqrt(200)); // four standard errors of the mean of 1..6
  for (let label = 0; label < EMOJI_CLASSES.length; label++) {
    const share = objects.filter((object) => object.label === label).length / objects.length;
    expect(Math.abs(share - 0.1)).toBeLessThan((4 * 0.3) / Math.sqrt(objects.length));
  }
  expect(covered(list)).toBeGreaterThan(0.045);
  expect(covered(list)).toBeLessThan(0.065);
  expect(covered(await scenes(60, { variant: 'large' }))).toBeGreaterThan(0.13);
});

test('object sizes are log-uniform between their ends', async () => {
  // The soccer ball fills its drawing to within a pixel in 64 whatever its angle. One object, so nothing hides or limits it;
  // the longer side, because the image rarely clips both.
  const balls = (await scenes(500, { objects: [1, 1] }))
    .flatMap((scene) => scene.objects.filter(({ label }) => EMOJI_CLASSES[label].name === 'soccer ball'))
    .map(({ box }) => Math.max(box[2] - box[0], box[3] - box[1]));
  expect(balls.length).toBeGreaterThan(30);
  expect(Math.min(...balls)).toBeGreaterThanOrEqual(9);
  expect(Math.max(...balls)).toBeLessThanOrEqual(49);
  for (const quantile of [0.25, 0.5, 0.75]) {
    const below = balls.filter((size) => size < 10 * 4.8 ** quantile).length / balls.length;
    expect(Math.abs(below - quantile)).toBeLessThan(4 * Math.sqrt((quantile * (1 - quantile)) / balls.length));
  }
});

test('labels and boxes agree', async () => {
  for (const { segmentation, objects } of await scenes(60, { objects: [0, 8], variant: 'large' })) {
    const areas = new Map<number, number>();
    for (const { label, box, area } of objects) {
      expect(box[0]).toBeGreaterThanOrEqual(0);
      expect(box[1]).toBeGreaterThanOrEqual(0);
      expect(box[2]).toBeLessThanOrEqual(160);
      expect(box[3]).toBeLessThanOrEqual(160);
      expect(area).toBeGreaterThan(0);
      expect(area).toBeLessThanOrEqual((box[2] - box[0]) * (box[3] - box[1]));
      areas.set(label, (areas.get(label) ?? 0) + area);
    }
    const seen = new Map<number, number>();
    segmentation.forEach((value, at) => {
      if (value === 0) return;
      const [x, y] = [at % 160, Math.floor(at / 160)];
      seen.set(value - 1, (seen.get(value - 1) ?? 0) + 1);
      const inside = objects.some(({ label, box }) => label === value - 1 && x >= box[0] && x < box[2] && y >= box[1] && y < box[3]);
      if (!inside) throw new Error(`pixel ${x}, ${y} of class ${value - 1} lies in no box of that class`);
    });
    expect(new Map([...seen].sort())).toEqual(new Map([...areas].sort()));
  }
});

test('a lone object well inside has the box of its pixels', async () => {
  for (const { segmentation, objects } of await scenes(40, { objects: [1, 1] })) {
    const on = [...segmentation.keys()].filter((at) => segmentation[at] > 0);
    const xs = on.map((at) => at % 160);
    const ys = on.map((at) => Math.floor(at / 160));
    expect(objects[0].box).toEqual([Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]);
    expect(objects[0].area).toBe(on.length);
  }
});

test('no object is hidden by more than half', async () => {
  // An ellipse or triangle fills at least about .4 of its box, so a visible part of .5 leaves at least .2 of it.
  for (const { objects } of await scenes(60, { objects: [6, 6], variant: 'large' })) {
    for (const { box, area } of objects) expect(area / ((box[2] - box[0]) * (box[3] - box[1]))).toBeGreaterThan(0.2);
  }
});
