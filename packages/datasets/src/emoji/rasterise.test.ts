import { rasterise } from './rasterise.ts';
import type { Sprite } from './sprites.ts';
import { loadSprites } from './sprites.ts';

const pose = { size: 64, angle: 0, flip: false, brightness: 1, fractionX: 0, fractionY: 0 };
const sum = (data: Float64Array, channel: number) => data.reduce((total, value, i) => total + (i % 4 === channel ? value : 0), 0);

/** A picture of 4x4 pixels whose left half is red and right half blue. */
const halves: Sprite = [
  { size: 4, data: Float64Array.from({ length: 64 }, (_, i) => [i % 16 < 8 ? 200 : 0, 0, i % 16 < 8 ? 0 : 200, 1][i % 4]) },
];

test('at its own size and centred on pixel corners a sprite keeps its inner pixels', async () => {
  const [sprite] = await loadSprites();
  const patch = rasterise(sprite, pose); // centre at the corner of a pixel: sprite pixel p covers patch pixel p - 32
  const at = (x: number, y: number) => ((y - patch.top) * patch.width + x - patch.left) * 4;
  // Two samples a quarter pixel to either side of the centre, in each direction: weights 1/8, 3/4, 1/8.
  const weights = [1 / 8, 3 / 4, 1 / 8];
  for (const [x, y] of [
    [20, 30],
    [32, 40],
    [45, 22],
  ]) {
    let want = 0;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) want += weights[i] * weights[j] * sprite[0].data[((y + i - 1) * 64 + x + j - 1) * 4];
    expect(patch.data[at(x - 32, y - 32)]).toBeCloseTo(want, 9);
  }
});

test('the covered area follows the square of the size, whatever the angle and the place', async () => {
  for (const sprite of await loadSprites()) {
    const full = sum(sprite[0].data, 3) / 64 ** 2;
    for (const size of [10, 17, 33, 48, 88]) {
      const patch = rasterise(sprite, { ...pose, size, angle: (size % 5) / 10, fractionX: 0.3, fractionY: 0.8 });
      expect(Math.abs(sum(patch.data, 3) / size ** 2 / full - 1)).toBeLessThan(0.01);
    }
  }
});

test('a positive angle turns clockwise on the screen and flip mirrors', () => {
  const red = (options: Partial<typeof pose>) => {
    const { data, width } = rasterise(halves, { ...pose, size: 20, ...options });
    let [x, y] = [0, 0];
    for (let i = 0; i < width * width; i++) {
      x += data[i * 4] * ((i % width) - (width - 1) / 2 + 0.5);
      y += data[i * 4] * (Math.floor(i / width) - (width - 1) / 2 + 0.5);
    }
    return [x / sum(data, 0), y / sum(data, 0)];
  };
  const [x, y] = red({});
  expect(x).toBeCloseTo(-5, 0);
  expect(y).toBeCloseTo(0, 6);
  expect(red({ flip: true })[0]).toBeCloseTo(-x, 6);
  const turned = red({ angle: Math.PI / 6 });
  expect(turned[0]).toBeCloseTo(x * Math.cos(Math.PI / 6), 1);
  expect(turned[1]).toBeCloseTo(x * Math.sin(Math.PI / 6), 1);
});

test('brightness scales the colour up to white and leaves alpha alone', () => {
  const plain = rasterise(halves, { ...pose, size: 12 });
  const dark = rasterise(halves, { ...pose, size: 12, brightness: 0.5 });
  const bright = rasterise(halves, { ...pose, size: 12, brightness: 2 });
  expect(sum(dark.data, 0)).toBeCloseTo(sum(plain.data, 0) / 2, 6);
  expect(sum(dark.data, 3)).toBe(sum(plain.data, 3));
  for (let i = 0; i < bright.data.length; i += 4) expect(bright.data[i]).toBeLessThanOrEqual(255 * bright.data[i + 3]);
});
