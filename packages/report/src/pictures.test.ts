import sharp from 'sharp';
import { madeArm } from './fixture.ts';
import { drawBoxes, drawMask, enlarge, mosaicPng } from './mosaic.ts';
import { metricMacsPlot } from './plot.ts';

const grey = (width: number, height: number) => ({ width, height, data: new Uint8Array(width * height * 3).fill(100) });
const pixel = (image: { width: number; data: Uint8Array }, x: number, y: number) => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

test('a dot lies at the centre of each sampled cell and nowhere else', () => {
  const drawn = drawMask(grey(8, 8), { label: '', height: 2, width: 2, stride: 4, values: [0, 1, 0, 0] });
  expect(pixel(drawn, 6, 2)).toEqual([255, 255, 255]);
  expect(pixel(drawn, 2, 2)).toEqual([55, 55, 55]);
  expect(pixel(drawn, 6, 6)).toEqual([55, 55, 55]);
});

test('boxes are outlines, cut at the border', () => {
  const image = grey(8, 8);
  const drawn = drawBoxes(image, { boxes: [1, 1, 20, 5], color: [255, 0, 0] });
  expect(pixel(drawn, 1, 3)).toEqual([255, 0, 0]);
  expect(pixel(drawn, 4, 1)).toEqual([255, 0, 0]);
  expect(pixel(drawn, 4, 3)).toEqual([100, 100, 100]);
  expect(pixel(image, 1, 3)).toEqual([100, 100, 100]);
});

test('the mosaic is a PNG that holds the tiles as they are', async () => {
  const tile = enlarge(drawBoxes(grey(8, 8), { boxes: [0, 0, 8, 8], color: [0, 200, 0] }), 2);
  const png = await mosaicPng({
    rows: [
      [tile, tile],
      [tile, tile],
    ],
    columns: ['a', '<b>'],
  });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([2 * 20 + 4, 18 + 2 * 20 + 4]);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3)];
  expect(at(24, 22 - 4)).toEqual([0, 200, 0]);
  expect(at(24 + 8, 22 + 8)).toEqual([100, 100, 100]);
  await expect(mosaicPng({ rows: [[tile, grey(8, 8)]], columns: ['a', 'b'] })).rejects.toThrow('tile 0,1 is 8x8, the first is 16x16');
});

test('the plot is an SVG with the arms in its legend', async () => {
  const svg = await metricMacsPlot([...madeArm('rbf', 50), ...madeArm('zeros', 48)], { title: 'AP' });
  expect(svg.startsWith('<svg')).toBe(true);
  for (const text of ['rbf', 'zeros', 'backbone MACs an image, millions (49 taps)']) expect(svg).toContain(text);
});
