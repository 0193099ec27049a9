import fc from 'fast-check';
import { cropTo } from './crop.ts';
import { resizeTo } from './resize.ts';
import type { ImageSample } from './sample.ts';

/** Pixels and labels of a fixed hash; two boxes. */
function sampleOf(width: number, height: number): ImageSample {
  const hash = (i: number) => (Math.imul(i + 1, 2654435761) >>> 24) % 256;
  return {
    id: 1,
    width,
    height,
    image: Uint8Array.from({ length: width * height * 3 }, (_, i) => hash(i)),
    boxes: Float32Array.of(0, 0, width / 2, height / 2, width / 4, height / 4, width, height),
    labels: Int32Array.of(3, 4),
    crowd: Uint8Array.of(0, 1),
    segmentation: Uint8Array.from({ length: width * height }, (_, i) => hash(i + 77)),
  };
}

const side = fc.integer({ min: 1, max: 12 });
const share = fc.double({ min: 0, max: 0.999, noNaN: true });

test('a window of a resize is the window cut out of the whole resize', () => {
  fc.assert(
    fc.property(side, side, side, side, fc.tuple(share, share, share, share), fc.boolean(), (w, h, newW, newH, [a, b, c, d], antialias) => {
      const [width, height] = [1 + Math.floor(a * newW), 1 + Math.floor(b * newH)];
      const window = { width, height, x: Math.floor(c * (newW - width + 1)), y: Math.floor(d * (newH - height + 1)) };
      const sample = sampleOf(w, h);
      const whole = resizeTo(sample, newH, newW, { antialias });
      expect(resizeTo(sample, newH, newW, { antialias, window })).toEqual(cropTo(whole, window));
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('pixels, labels and boxes of a crop', () => {
  const sample = { ...sampleOf(6, 4), boxes: Float32Array.of(0, 0, 2, 2, 1, 1, 5, 4) };
  const crop = cropTo(sample, { x: 2, y: 1, width: 3, height: 2 });
  expect(crop).toMatchObject({ width: 3, height: 2, id: 1 });
  for (let y = 0; y < 2; y++) {
    for (let x = 0; x < 3; x++) {
      const from = (y + 1) * 6 + x + 2;
      expect(crop.segmentation![y * 3 + x]).toBe(sample.segmentation![from]);
      expect([...crop.image.subarray((y * 3 + x) * 3, (y * 3 + x) * 3 + 3)]).toEqual([...sample.image.subarray(from * 3, from * 3 + 3)]);
    }
  }
  // The first object ends where the window begins; the second is clipped to it.
  expect([[...crop.boxes], [...crop.labels], [...crop.crowd]]).toEqual([[0, 0, 3, 2], [4], [1]]);
  expect(cropTo(sample, { x: 0, y: 0, width: 6, height: 4 })).toEqual(sample);
});

test.each([
  [{ x: 4, y: 0, width: 3, height: 1 }, 'window 3x1 at x 4, y 0 does not lie inside the image of 6x4'],
  [{ x: 0, y: -1, width: 1, height: 1 }, 'window 1x1 at x 0, y -1'],
  [{ x: 0.5, y: 0, width: 1, height: 1 }, 'window 1x1 at x 0.5, y 0'],
  [{ x: 0, y: 0, width: 0, height: 1 }, 'window 0x1'],
])('%j is refused', (window, message) => {
  expect(() => cropTo(sampleOf(6, 4), window)).toThrow(`cropTo: ${message}`);
});

test('a window outside of the resized image is refused', () => {
  const window = { x: 10, y: 0, width: 3, height: 1 };
  expect(() => resizeTo(sampleOf(6, 4), 8, 12, { window })).toThrow(
    'resizeTo: window 3x1 at x 10, y 0 does not lie inside the image of 12x8',
  );
});
