import sharp from 'sharp';
import { detectionsPng, fitted } from './detections.ts';
import { madeArm } from './fixture.ts';
import { classColors, labelsPng, paintLabels } from './labels.ts';
import { drawBoxes, drawMask, enlarge, mosaicPng } from './mosaic.ts';
import { metricMacsPlot } from './plot.ts';

jest.setTimeout(60_000); // for machines under load

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

/** The mosaic's pixels. */
async function decoded(png: Buffer) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

test('the mosaic is a PNG that holds the tiles as they are', async () => {
  const tile = enlarge(drawBoxes(grey(8, 8), { boxes: [0, 0, 8, 8], color: [0, 200, 0] }), 3);
  const mosaic = await decoded(
    await mosaicPng({
      rows: [
        [tile, tile],
        [tile, tile],
      ],
      columns: ['a', '<b>'],
    }),
  );
  expect([mosaic.width, mosaic.height]).toEqual([2 * 28 + 4, 18 + 2 * 28 + 4]);
  expect(pixel(mosaic, 32, 22)).toEqual([0, 200, 0]);
  expect(pixel(mosaic, 32 + 12, 22 + 12)).toEqual([100, 100, 100]);
});

test('tiles of unequal size keep theirs, none covers another or a caption, and places may be empty', async () => {
  const coloured = (width: number, height: number, value: number) => ({
    width,
    height,
    data: new Uint8Array(width * height * 3).fill(value),
  });
  const rows = [
    [coloured(30, 50, 1), coloured(60, 40, 2)],
    [coloured(90, 30, 3), undefined],
    [undefined, coloured(20, 20, 4)],
  ];
  const mosaic = await decoded(await mosaicPng({ rows, columns: ['one', 'a caption'], labels: ['x', 'y', 'z'] }));
  for (const { width, height, data } of rows.flat().filter((tile) => tile !== undefined)) {
    const places = Array.from({ length: mosaic.width * mosaic.height }, (_, i) => i).filter((i) => mosaic.data[3 * i] === data[0]);
    expect(places).toHaveLength(width * height);
    expect(places.at(-1)! - places[0]).toBe((height - 1) * mosaic.width + width - 1);
  }
});

test('the plot is an SVG with the arms in its legend', async () => {
  const svg = await metricMacsPlot([...madeArm('rbf', 50), ...madeArm('zeros', 48)], { title: 'AP' });
  expect(svg.startsWith('<svg')).toBe(true);
  for (const text of ['rbf', 'zeros', 'backbone MACs an image, millions (49 taps)']) expect(svg).toContain(text);
});

test('objects: an outline and a tag of their colour, on a picture enlarged so that names can be read', async () => {
  const png = await detectionsPng(grey(160, 120), { boxes: [40, 50, 80, 90], labels: [5], scores: [0.9], names: [] });
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([480, 360]);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  const vermilion = [0xd5, 0x5e, 0x00];
  expect(at(120, 200)).toEqual(vermilion);
  expect(at(180, 270)).toEqual(vermilion);
  expect(at(121, 150 - 17)).toEqual(vermilion); // the tag's corner, above the box
  expect(at(180, 210)).toEqual([100, 100, 100]);
});

test('a large picture is left as it is, a box at the top has its tag inside, and nothing found is no fault', async () => {
  const big = await sharp(
    await detectionsPng(grey(900, 500), { boxes: [890, 0, 900, 40], labels: [0], scores: [1], names: ['<&>'] }),
  ).metadata();
  expect([big.width, big.height]).toEqual([900, 500]);
  const none = await sharp(await detectionsPng(grey(480, 480), { boxes: [], labels: [], scores: [] }))
    .removeAlpha()
    .raw()
    .toBuffer();
  expect(new Set(none)).toEqual(new Set([100]));
});

test('an image is shrunk to a longest side, never enlarged', async () => {
  const { image, factor } = await fitted(grey(800, 400), 200);
  expect([image.width, image.height, factor, image.data.length]).toEqual([200, 100, 0.25, 200 * 100 * 3]);
  expect((await fitted(grey(80, 40), 200)).factor).toBe(1);
});

test('classes have different colours', () => {
  expect(new Set(classColors(34).map(String)).size).toBe(34);
  expect([...paintLabels(Uint8Array.of(1, 255, 0), [[1, 2, 3], [4, 5, 6]])]).toEqual([4, 5, 6, 0, 0, 0, 1, 2, 3]); // biome-ignore format: a line
});

test('labels: 55 % of their colour over the image, and a legend in these colours below it', async () => {
  const labels = new Uint8Array(240 * 100).fill(1, 120 * 100);
  const colors = [[0, 0, 0], [200, 0, 0]] as const; // biome-ignore format: a line
  const legend = [
    { label: 1, text: 'car <1>' },
    { label: 0, text: 'background' },
  ];
  const png = await labelsPng(grey(240, 100), { labels, colors, legend });
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([480, 200 + 20 + 8]);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  expect([at(10, 10), at(470, 190)]).toEqual([
    [45, 45, 45],
    [155, 45, 45],
  ]);
  expect(at(12, 214)).toEqual([200, 0, 0]);
  // A picture that is narrower than its legend's names.
  const thin = await sharp(await labelsPng(grey(1, 300), { labels: labels.subarray(0, 300), colors, legend })).metadata();
  expect([thin.width, thin.height]).toEqual([Math.ceil(10 * 7.8) + 12 + 18, 2 * 300 + 2 * 20 + 8]);
  await expect(labelsPng(grey(2, 2), { labels, colors, legend })).rejects.toThrow('24000 labels for an image of 2x2');
});
