import fc from 'fast-check';
import type { DetectionDataset, DetectionSample } from '../types.ts';
import { augment, augmentationAt } from './augment.ts';
import { loadBatch } from './load.ts';
import { batchAt, epochOrder } from './order.ts';

function sampleOf(id: number, height = 4, width = 6): DetectionSample {
  return {
    id,
    height,
    width,
    image: Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 13 + id) % 200),
    boxes: Float32Array.of(1, 1, 3, 4),
    labels: Int32Array.of(0),
    crowd: new Uint8Array(1),
  };
}

describe('batchAt', () => {
  test('every epoch is a permutation, whatever the batch size, and steps follow without a gap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (length, batchSize, seed) => {
        const steps = Math.ceil((3 * length) / batchSize);
        const stream = Array.from({ length: steps }, (_, step) => batchAt(step, { batchSize, seed, length })).flat();
        const all = Array.from({ length }, (_, i) => i);
        for (let epoch = 0; epoch < 3; epoch++) {
          const seen = stream.slice(epoch * length, (epoch + 1) * length);
          expect([...seen].sort((a, b) => a - b)).toEqual(all);
          expect(seen).toEqual([...epochOrder(length, { seed, epoch })]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('epochs and seeds differ', () => {
    const order = (seed: number, epoch: number) => [...epochOrder(50, { seed, epoch })];
    expect(order(0, 0)).toEqual(order(0, 0));
    expect(order(0, 1)).not.toEqual(order(0, 0));
    expect(order(1, 0)).not.toEqual(order(0, 0));
  });

  test('all orders of three are equally frequent', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const key = epochOrder(3, { seed: 1, epoch }).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000 * (5 / 6)));
  });

  test.each([
    [-1, 2, 3, 'step -1'],
    [0, 0, 3, 'batchSize 0'],
    [0, 2, 0, 'length 0 must be an integer >= 1; is the dataset empty?'],
  ])('step %p, batch size %p, length %p is refused', (step, batchSize, length, message) => {
    expect(() => batchAt(step, { batchSize, length, seed: 0 })).toThrow(message);
  });
});

describe('augmentation', () => {
  test('is a pure function of seed, step and position', () => {
    const options = { seed: 3, scale: [0.5, 2], brightness: [0.8, 1.2] } as const;
    const at = (step: number, position: number, seed = 3) => augmentationAt(step, position, { ...options, seed });
    expect(at(5, 2)).toEqual(at(5, 2));
    for (const other of [at(2, 5), at(5, 3), at(6, 2), at(5, 2, 4)]) expect(other).not.toEqual(at(5, 2));
  });

  test('draws have their ranges and rates; one option does not change what another draws', () => {
    const n = 4000;
    const draws = Array.from({ length: n }, (_, i) =>
      augmentationAt(i >> 4, i & 15, { seed: 1, flip: 0.3, scale: [0.5, 2], brightness: [0.8, 1.2] }),
    );
    const rate = draws.filter(({ flip }) => flip).length / n;
    expect(Math.abs(rate - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / n));
    expect(draws.every(({ scale, brightness }) => scale >= 0.5 && scale < 2 && brightness >= 0.8 && brightness < 1.2)).toBe(true);
    const small = draws.filter(({ scale }) => scale < 1).length / n; // half of a log-uniform .5 to 2
    expect(Math.abs(small - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
    const plain = augmentationAt(9, 1, { seed: 1 });
    expect(plain).toMatchObject({ scale: 1, brightness: 1 });
    expect(augmentationAt(9, 1, { seed: 1, scale: [0.5, 2] }).flip).toBe(plain.flip);
  });

  test('applies size, mirror and brightness', () => {
    const result = augment(sampleOf(1), { flip: true, scale: 2, brightness: 0.5 });
    expect(result).toMatchObject({ height: 8, width: 12, scale: { x: 2, y: 2 } });
    expect([...result.boxes]).toEqual([6, 2, 10, 8]);
    expect(result.image[0]).toBeCloseTo(sampleOf(1).image[15] / 2, 5);
    const sample = sampleOf(1);
    expect(augment(sample, { flip: false, scale: 1, brightness: 1 })).toBe(sample);
  });

  test('a crop: the same part of image and labels, anywhere in the room there is, drawn apart from the rest', () => {
    const height = 10;
    const width = 12;
    const segmentation = Uint8Array.from({ length: height * width }, (_, i) => i);
    const sample = {
      ...sampleOf(1, height, width),
      segmentation,
      image: Uint8Array.from({ length: 3 * 120 }, (_, i) => Math.floor(i / 3)),
    };
    const places = new Set<number>();
    for (let step = 0; step < 400; step++) {
      const drawn = augmentationAt(step, 0, { seed: 2, crop: [4, 9] });
      const { crop, ...rest } = drawn;
      expect(rest).toEqual(augmentationAt(step, 0, { seed: 2 }));
      const result = augment(sample, drawn);
      expect([result.height, result.width]).toEqual([4, 9]);
      expect([...result.image].filter((_, i) => i % 3 === 1)).toEqual([...result.segmentation!]);
      places.add(Math.min(...result.segmentation!));
    }
    expect(places.size).toBe((10 - 4 + 1) * (12 - 9 + 1)); // every place; its least label is its top left pixel's
  });

  test('a crop after a resize is of the crop size, or of the image where that is smaller', () => {
    const crop = { height: 6, width: 6, x: 0.99, y: 0 };
    expect(augment(sampleOf(1), { flip: false, scale: 2, brightness: 1, crop })).toMatchObject({ height: 6, width: 6 });
    expect(augment(sampleOf(1), { flip: true, scale: 1.25, brightness: 0.5, crop })).toMatchObject({ height: 5, width: 6 });
    expect(augment(sampleOf(1), { flip: false, scale: 0.5, brightness: 1, crop })).toMatchObject({ height: 2, width: 3 });
  });

  test('senseless options are refused', () => {
    expect(() => augmentationAt(0, 0, { seed: 0, flip: 2 })).toThrow('flip 2 must be a probability');
    expect(() => augmentationAt(0, 0, { seed: 0, scale: [0, 1] })).toThrow('scale [0, 1] must satisfy 0 < low <= high');
    expect(() => augmentationAt(0, 0, { seed: 0, brightness: [2, 1] })).toThrow('brightness [2, 1] must satisfy');
    expect(() => augmentationAt(0, 0, { seed: 0, crop: [0, 4] })).toThrow('crop [0,4] must be [height, width], integers >= 1');
  });
});

test('loadBatch prepares each image with its position and keeps the order', async () => {
  const dataset = { get: async (index: number) => sampleOf(index) } as DetectionDataset;
  const positions: number[] = [];
  const batch = await loadBatch(
    dataset,
    [4, 2, 4],
    (sample, position) => {
      positions[position] = sample.id;
      return sample;
    },
    { multiple: 8 },
  );
  expect(positions).toEqual([4, 2, 4]);
  expect(batch).toMatchObject({ ids: [4, 2, 4], shape: [3, 8, 8, 3] });
  const padded = await loadBatch(dataset, [1], (sample) => ({ ...sample, segmentation: new Uint8Array(24) }), {
    multiple: 4,
    atLeast: [9, 5],
  });
  expect(padded.shape).toEqual([1, 12, 8, 3]);
  expect(padded.segmentation!.filter((label) => label === 255)).toHaveLength(12 * 8 - 24);
});
