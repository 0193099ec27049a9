import fc from 'fast-check';
import { randomPart, resizedMiddle, resizedPart } from './classification.ts';

const sampleOf = (height: number, width: number) => ({
  id: 1,
  height,
  width,
  image: Uint8Array.from({ length: height * width * 3 }, (_, i) => Math.floor(i / 3) % width),
  boxes: new Float32Array(0),
  labels: new Int32Array(0),
  crowd: new Uint8Array(0),
});

test('a random part lies inside and keeps its area and aspect; equal keys, equal parts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 300 }), fc.integer({ min: 8, max: 300 }), fc.nat(), (height, width, key) => {
      const part = randomPart({ height, width }, [key]);
      expect(part).toEqual(randomPart({ height, width }, [key]));
      expect(part.x >= 0 && part.y >= 0 && part.x + part.width <= width && part.y + part.height <= height).toBe(true);
      // Sides are rounded to pixels.
      const slack = (value: number) => (value + 1) / value;
      const bound = slack(part.width) * slack(part.height);
      expect(part.width / part.height).toBeLessThanOrEqual((4 / 3) * bound);
      expect(part.width / part.height).toBeGreaterThanOrEqual(0.75 / bound);
      // Of a long image the middle may be less.
      if (Math.max(height / width, width / height) < 3)
        expect((part.width + 0.5) * (part.height + 0.5)).toBeGreaterThanOrEqual(0.08 * height * width);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('parts are spread over areas and places; what fits nowhere becomes the middle', () => {
  const parts = Array.from({ length: 400 }, (_, i) => randomPart({ height: 200, width: 200 }, [1, i], { aspect: [1, 1] }));
  const areas = parts.map(({ width, height }) => (width * height) / 40000);
  expect(areas.reduce((a, b) => a + b) / areas.length).toBeCloseTo(0.54, 1);
  expect(new Set(parts.map(({ x }) => x)).size).toBeGreaterThan(50);
  // No square of the whole area fits into this image.
  expect(randomPart({ height: 10, width: 40 }, [1], { area: [1, 1], aspect: [1, 1] })).toEqual({ x: 15, y: 0, width: 10, height: 10 });
  expect(() => randomPart({ height: 9, width: 9 }, [1], { area: [0.5, 2] })).toThrow('area [0.5, 2]');
});

test('the short side to one length and the middle of it, as torchvision counts', () => {
  // 100 x 150 to 64: 64 x 96; the middle 32 x 32 begins at 16, 32.
  const middle = resizedMiddle(sampleOf(100, 150), { resize: 64, crop: 32 });
  expect([middle.height, middle.width]).toEqual([32, 32]);
  // Pixels hold their column: column 32 of 96 is centred on 32.5 * 150 / 96 - .5 = 50.28.
  expect(middle.image[0]).toBeCloseTo(50.28, 1);
  const tall = resizedMiddle(sampleOf(150, 100), { resize: 64, crop: 32 });
  expect(tall.image[0]).toBeCloseTo(16.5 * (100 / 64) - 0.5, 1);
  // 9 of 10: half a pixel of room goes to the even side, 0.
  expect(resizedMiddle(sampleOf(10, 10), { resize: 10, crop: 9 }).image[0]).toBe(0);
  expect(resizedMiddle(sampleOf(12, 12), { resize: 12, crop: 9 }).image[0]).toBe(2);
  expect(() => resizedMiddle(sampleOf(10, 10), { resize: 8, crop: 9 })).toThrow('resize 8 and crop 9');
});

test('a part as a square', () => {
  const square = resizedPart(sampleOf(20, 40), { x: 10, y: 5, width: 8, height: 8 }, 4);
  expect([square.height, square.width]).toEqual([4, 4]);
  expect(square.image[3]).toBeCloseTo(12.5, 5); // columns 12 and 13 and, by antialiasing, half of their neighbours
});
