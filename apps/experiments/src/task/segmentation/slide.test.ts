import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEngine } from '@stint/engine';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { tinySegmentation } from '../tiny.ts';
import { openSegmentation } from './data.ts';
import { slide } from './slide.ts';

jest.setTimeout(120_000); // for machines under load

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-slide-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
beforeAll(() => startEngine({ threads: 1, quiet: true }));

/** A batch as `collate` makes it: two images of noise, padded to multiples of 32; the padding would be of class 0, were it seen. */
function batchOf(height: number, width: number) {
  const [fullHeight, fullWidth] = [height, width].map((side) => Math.ceil(side / 32) * 32);
  const images = new Float32Array(2 * fullHeight * fullWidth * 3).fill(50);
  const classes: number[][] = [[], []];
  for (let n = 0; n < 2; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const values = [0, 1, 2].map((k) => ((n * 97 + y * 31 + x * 17 + k * 53) * 2654435761) % 1009);
        images.set(values, ((n * fullHeight + y) * fullWidth + x) * 3);
        classes[n].push(values.indexOf(Math.max(...values)));
      }
    }
  }
  const shape: [number, number, number, number] = [2, fullHeight, fullWidth, 3];
  return { images, shape, sizes: [0, 1].map(() => ({ height, width })), classes };
}

/** A "network" whose logits are the colours, so that windows must give what the whole image gives. */
const colours = { classes: 3, logits: (_: unknown, [map]: tf.Tensor4D[]) => map };

test('windows of any size give what the whole image gives, for a position-wise function; the network sees multiples of 32', () => {
  const side = fc.integer({ min: 1, max: 90 });
  const axis = fc.tuple(side, side).map(([a, b]) => ({ size: Math.max(a, b), stride: Math.min(a, b) }));
  fc.assert(
    fc.property(side, side, axis, axis, (height, width, rows, columns) => {
      const { classes, ...batch } = batchOf(height, width);
      const sizes: number[][] = [];
      const look = (images: tf.Tensor4D) => {
        sizes.push(images.shape);
        return [images];
      };
      const sliding = { size: [rows.size, columns.size], stride: [rows.stride, columns.stride] } as const;
      const outputs = [0, 1].map(() => [height, width] as const);
      const labels = tf.tidy(() => slide(colours, {}, batch, look, { sliding, outputs }) as never) as ReturnType<typeof slide>;
      expect(labels.map(({ data }) => [...(data as Uint8Array)])).toEqual(classes);
      const expected = [rows.size, columns.size].map((size, i) => Math.ceil(Math.min(size, [height, width][i]) / 32) * 32);
      const count = [rows, columns].map(({ size, stride }, i) => Math.max(0, Math.ceil(([height, width][i] - size) / stride)) + 1);
      expect(sizes).toEqual(Array.from({ length: count[0] * count[1] }, () => [2, ...expected, 3]));
    }),
    { numRuns: 12, seed: 3, examples: [[75, 90, { size: 33, stride: 20 }, { size: 47, stride: 31 }]] },
  );
});

test('labels of another size than the image: resized from the mean logits', () => {
  const { classes, ...batch } = batchOf(21, 40);
  const sliding = { size: [13, 17], stride: [9, 5] } as const;
  const double = [0, 1].map(() => [42, 80] as const);
  const [first] = tf.tidy(() => slide(colours, {}, batch, (x) => [x], { sliding, outputs: double }) as never) as ReturnType<typeof slide>;
  const corner = [0, 79, 41 * 80, 42 * 80 - 1].map((i) => first.data[i]);
  expect(corner).toEqual([0, 39, 20 * 40, 21 * 40 - 1].map((i) => classes[0][i]));
});

test('images of unequal size in a batch are refused', () => {
  const { classes: _, ...batch } = batchOf(20, 20);
  const sliding = { size: [8, 8], stride: [8, 8] } as const;
  batch.sizes[1] = { height: 19, width: 20 };
  expect(() => slide(colours, {}, batch, (x) => [x], { sliding, outputs: [] })).toThrow('images of 20x20 and 19x20 in one batch');
});

test('a crop of any size is cut as it is said, and padded to what the network needs', async () => {
  const config = tinySegmentation();
  const data = await openSegmentation({ ...config.data, imageSize: 96, crop: [65, 49] } as typeof config.data, root);
  const batch = await data.trainBatch(0, 3, 1);
  expect(batch.shape).toEqual([3, 96, 64, 3]);
  expect(batch.sizes).toEqual([0, 1, 2].map(() => ({ height: 65, width: 49 })));
  expect(batch.segmentation!.filter((label) => label === 255).length).toBe(3 * (96 * 64 - 65 * 49));
});
