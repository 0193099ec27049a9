import fc from 'fast-check';
import { collate, IGNORED_LABEL } from './collate.ts';
import { adjustBrightness, denormalise, IMAGENET_STATISTICS, normalise } from './colour.ts';
import { flipHorizontal } from './flip.ts';
import { resizeShortSide, resizeTo } from './resize.ts';
import type { ImageSample } from './sample.ts';

/** Samples of up to 40x40 with boxes on a grid of 1/8 pixel, where float32 is exact. */
const samples: fc.Arbitrary<ImageSample> = fc
  .record({
    id: fc.nat(),
    height: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 40 }),
    seed: fc.nat(255),
    objects: fc.nat(5),
  })
  .chain(({ id, height, width, seed, objects }) => {
    const side = (size: number) => fc.tuple(fc.nat(size * 8), fc.nat(size * 8)).map(([a, b]) => [Math.min(a, b) / 8, Math.max(a, b) / 8]);
    return fc
      .tuple(fc.array(fc.tuple(side(width), side(height), fc.nat(9), fc.nat(1)), { minLength: objects, maxLength: objects }), fc.boolean())
      .map(([list, labelled]) => ({
        id,
        height,
        width,
        image: Uint8Array.from({ length: height * width * 3 }, (_, i) => i * 31 + seed),
        boxes: Float32Array.from(list.flatMap(([[x1, x2], [y1, y2]]) => [x1, y1, x2, y2])),
        labels: Int32Array.from(list.map(([, , label]) => label)),
        crowd: Uint8Array.from(list.map(([, , , crowd]) => crowd)),
        ...(labelled && { segmentation: Uint8Array.from({ length: height * width }, (_, i) => (i * 7 + seed) % 11) }),
      }));
  });

const sizes = fc.integer({ min: 1, max: 60 });

function expectInside({ boxes, width, height }: ImageSample) {
  for (let i = 0; i < boxes.length; i += 4) {
    expect(boxes[i]).toBeGreaterThanOrEqual(0);
    expect(boxes[i + 1]).toBeGreaterThanOrEqual(0);
    expect(boxes[i + 2]).toBeLessThanOrEqual(width);
    expect(boxes[i + 3]).toBeLessThanOrEqual(height);
    expect(boxes[i + 2]).toBeGreaterThanOrEqual(boxes[i]);
    expect(boxes[i + 3]).toBeGreaterThanOrEqual(boxes[i + 1]);
  }
}

describe('flipHorizontal', () => {
  test('twice is the identity, once moves pixels and boxes alike', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const flipped = flipHorizontal(sample);
        expectInside(flipped);
        expect(flipHorizontal(flipped)).toEqual(sample);
        const { width } = sample;
        expect([...flipped.image.slice(0, 3)]).toEqual([...sample.image.slice((width - 1) * 3, width * 3)]);
        if (sample.segmentation) expect(flipped.segmentation![0]).toBe(sample.segmentation[width - 1]);
      }),
    );
  });

  test('a box in pixels', () => {
    const sample = {
      id: 1,
      width: 10,
      height: 1,
      image: new Float32Array(30),
      boxes: Float32Array.of(1, 0, 4, 1),
      labels: Int32Array.of(0),
      crowd: new Uint8Array(1),
    };
    expect([...flipHorizontal(sample).boxes]).toEqual([6, 0, 9, 1]);
    expect([...sample.boxes]).toEqual([1, 0, 4, 1]);
  });
});

describe('resize', () => {
  test('boxes scale with the image, stay inside, and scale takes them back', () => {
    fc.assert(
      fc.property(samples, sizes, sizes, fc.boolean(), (sample, height, width, antialias) => {
        const resized = resizeTo(sample, height, width, { antialias });
        expect([resized.height, resized.width, resized.image.length]).toEqual([height, width, height * width * 3]);
        expectInside(resized);
        const scale = resized.scale ?? { x: 1, y: 1 };
        expect(scale.x).toBeCloseTo(width / sample.width, 12);
        resized.boxes.forEach((value, i) => {
          expect(value / (i % 2 === 0 ? scale.x : scale.y)).toBeCloseTo(sample.boxes[i], 4);
        });
        if (sample.segmentation) expect(new Set(sample.segmentation)).toEqual(new Set([...sample.segmentation, ...resized.segmentation!]));
      }),
    );
  });

  test('scales multiply along the way', () => {
    const sample = resizeTo(resizeTo({ ...blank(4, 6), image: new Uint8Array(72) }, 8, 18), 2, 9);
    expect(sample.scale).toEqual({ x: 1.5, y: 0.5 });
  });

  test('the same size returns the sample itself', () => {
    const sample = blank(4, 6);
    expect(resizeTo(sample, 4, 6)).toBe(sample);
  });

  test.each([
    // height, width -> short 800, long 1333: sizes that mmdetection documents or that follow from its rule
    [480, 640, 800, 1067],
    [640, 480, 1067, 800],
    [427, 640, 800, 1199],
    [375, 1242, 402, 1333],
    [1, 1000, 1, 1333],
  ])('short side of %ix%i', (height, width, newHeight, newWidth) => {
    const resized = resizeShortSide(blank(height, width), { short: 800, long: 1333 });
    expect([resized.height, resized.width]).toEqual([newHeight, newWidth]);
  });

  test('without a long side the short one decides', () => {
    expect(resizeShortSide(blank(10, 100), { short: 20 })).toMatchObject({ height: 20, width: 200 });
  });

  test('sizes that make no sense are refused', () => {
    expect(() => resizeTo(blank(2, 2), 0, 4)).toThrow('resizeTo: height 0 and width 4 must be integers >= 1');
    expect(() => resizeShortSide(blank(2, 2), { short: 10, long: 5 })).toThrow('short 10 and long 5 must satisfy 1 <= short <= long');
  });
});

describe('colour', () => {
  test('normalise by the ImageNet statistics', () => {
    const { mean, std } = IMAGENET_STATISTICS;
    const { image } = normalise({ ...blank(1, 2), image: Uint8Array.of(0, 128, 255, 10, 20, 30) });
    [0, 128, 255, 10, 20, 30].forEach((value, i) => {
      expect(image[i]).toBeCloseTo((value / 255 - mean[i % 3]) / std[i % 3], 6);
    });
  });

  test('denormalise is its inverse', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        expect(denormalise(normalise(sample).image as Float32Array)).toEqual(sample.image);
      }),
    );
  });

  test('brightness multiplies, rounds where 8-bit, and clips at white', () => {
    const bytes = { ...blank(1, 1), image: Uint8Array.of(10, 101, 200) };
    expect([...adjustBrightness(bytes, 1.5).image]).toEqual([15, 152, 255]);
    expect(adjustBrightness({ ...bytes, image: Float32Array.of(10, 101, 200) }, 1.5).image).toEqual(Float32Array.of(15, 151.5, 255));
  });

  test('senseless statistics and factors are refused', () => {
    expect(() => normalise(blank(1, 1), { mean: [0, 0, 0], std: [1, 0, 1] })).toThrow(
      'mean [0,0,0] and std [1,0,1] must be three numbers each',
    );
    expect(() => adjustBrightness(blank(1, 1), -1)).toThrow('factor -1 must be finite and >= 0');
  });
});

describe('collate', () => {
  test('pads right and bottom to a multiple, keeps pixels, sizes and objects', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 33 }), (list, multiple) => {
        const batch = collate(list, { multiple });
        const [n, height, width] = batch.shape;
        expect(n).toBe(list.length);
        expect([height % multiple, width % multiple]).toEqual([0, 0]);
        expect(height).toBeLessThan(Math.max(...list.map((sample) => sample.height)) + multiple);
        expect(width).toBeLessThan(Math.max(...list.map((sample) => sample.width)) + multiple);
        let wrong = 0;
        list.forEach((sample, i) => {
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const at = (i * height + y) * width + x;
              const inside = y < sample.height && x < sample.width;
              const from = y * sample.width + x;
              for (let c = 0; c < 3; c++) if (batch.images[at * 3 + c] !== (inside ? sample.image[from * 3 + c] : 0)) wrong++;
              if (batch.segmentation && batch.segmentation[at] !== (inside ? sample.segmentation![from] : IGNORED_LABEL)) wrong++;
            }
          }
          expect(batch.sizes[i]).toEqual({ height: sample.height, width: sample.width });
          expect(batch.boxes[i].length / 4 + batch.ignore[i].length / 4).toBe(sample.labels.length);
          expect([...batch.labels[i]]).toEqual([...sample.labels].filter((_, k) => sample.crowd[k] === 0));
        });
        expect(wrong).toBe(0);
        expect(batch.segmentation !== undefined).toBe(list.every(({ segmentation }) => segmentation));
      }),
      { numRuns: 50 },
    );
  });

  test('crowds are set apart', () => {
    const sample = {
      ...blank(8, 8),
      boxes: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      labels: Int32Array.of(5, 6),
      crowd: Uint8Array.of(1, 0),
      scale: { x: 2, y: 2 },
    };
    const batch = collate([sample]);
    expect(batch).toMatchObject({ shape: [1, 32, 32, 3], ids: [3], scales: [{ x: 2, y: 2 }] });
    expect([[...batch.boxes[0]], [...batch.labels[0]], [...batch.ignore[0]]]).toEqual([[4, 5, 6, 7], [6], [0, 1, 2, 3]]);
    expect(collate([blank(8, 8)]).scales).toEqual([{ x: 1, y: 1 }]);
  });

  test('senseless calls are refused', () => {
    expect(() => collate([])).toThrow('a batch needs at least one sample');
    expect(() => collate([blank(1, 1)], { multiple: 0 })).toThrow('multiple 0 must be an integer >= 1');
  });
});

function blank(height: number, width: number): ImageSample {
  const none = { boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) };
  return { id: 3, height, width, image: new Uint8Array(height * width * 3), ...none };
}
