import fc from 'fast-check';
import { resampleBilinear, resampleNearest } from './resample.ts';

const grey = (values: number[]) => Float32Array.from(values.flatMap((value) => [value, 2 * value, -value]));
const channel = (image: Float32Array, c = 0) => [...image].filter((_, i) => i % 3 === c);

test('enlarges as the table in the documentation of torch.nn.Upsample (bilinear, align_corners=False)', () => {
  const image = resampleBilinear(grey([1, 2, 3, 4]), [2, 2], [4, 4], false);
  const want = [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4];
  expect(channel(image)).toEqual(want);
  expect(channel(image, 1)).toEqual(want.map((value) => 2 * value));
  expect(channel(image, 2)).toEqual(want.map((value) => -value));
});

test('shrinking by two: two taps without antialias, a triangle of four with', () => {
  const row = grey([0, 0, 8, 0, 0, 0, 0, 0]);
  expect(channel(resampleBilinear(row, [1, 8], [1, 4], false))).toEqual([0, 4, 0, 0]);
  // Weights 1/8 3/8 3/8 1/8 inside; at the border the three inside weigh 3/7 3/7 1/7.
  const [first, ...rest] = channel(resampleBilinear(row, [1, 8], [1, 4], true));
  expect(first).toBeCloseTo(8 / 7, 6);
  expect(rest).toEqual([3, 0, 0]);
});

/** The definition, pixel by pixel: both axes at once, every input visited. */
function slow(image: Float32Array, [h, w]: number[], [H, W]: number[], antialias: boolean): number[] {
  const weight = (i: number, x: number, size: number, newSize: number) => {
    const ratio = size / newSize;
    if (antialias) return Math.max(0, 1 - Math.abs((x + 0.5 - (i + 0.5) * ratio) / Math.max(1, ratio)));
    const position = Math.min(size - 1, Math.max(0, (i + 0.5) * ratio - 0.5));
    return Math.max(0, 1 - Math.abs(x - position));
  };
  const result: number[] = [];
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      for (let c = 0; c < 3; c++) {
        let [sum, total] = [0, 0];
        for (let v = 0; v < h; v++) {
          for (let u = 0; u < w; u++) {
            const k = weight(y, v, h, H) * weight(x, u, w, W);
            sum += k * image[(v * w + u) * 3 + c];
            total += k;
          }
        }
        result.push(sum / total);
      }
    }
  }
  return result;
}

test('agrees with the definition at any sizes', () => {
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(side, side, side, side, fc.boolean(), fc.nat(), (h, w, H, W, antialias, seed) => {
      const image = Float32Array.from({ length: h * w * 3 }, (_, i) => ((i * 7919 + seed) % 251) - 100);
      const got = resampleBilinear(image, [h, w], [H, W], antialias);
      const want = slow(image, [h, w], [H, W], antialias);
      expect(got).toHaveLength(want.length);
      expect(Math.max(...want.map((value, i) => Math.abs(value - got[i])))).toBeLessThan(1e-3);
    }),
    { numRuns: 60 },
  );
});

test('labels: the one under the centre', () => {
  expect([...resampleNearest(Uint8Array.of(1, 2, 3, 4), [2, 2], [4, 4])]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  expect([...resampleNearest(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 6], [1, 2])]).toEqual([2, 5]);
  expect([...resampleNearest(Uint8Array.of(1, 2, 3, 4), [1, 4], [1, 2])]).toEqual([2, 4]);
});
