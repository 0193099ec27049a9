import fc from 'fast-check';
import type { ImageSample } from '../transforms/sample.ts';
import { segmentImage, slidingWindows } from './whole-image.ts';

function sampleOf(width: number, height: number): ImageSample {
  const image = Float32Array.from({ length: width * height * 3 }, (_, i) => Math.sin(i * 1.7));
  return { id: 1, width, height, image, boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) };
}

const sides = fc.integer({ min: 1, max: 20 });
const sliding = fc.tuple(sides, sides, fc.double({ min: 0, max: 0.999, noNaN: true })).map(([h, w, share]) => ({
  size: [h, w] as const,
  stride: [1 + Math.floor(share * h), 1 + Math.floor(share * w)] as const,
}));

test('windows lie inside, cover every pixel, and begin at multiples of the stride except the last', () => {
  fc.assert(
    fc.property(sides, sides, sliding, (height, width, options) => {
      const windows = slidingWindows({ height, width }, options);
      const seen = new Uint8Array(height * width);
      for (const window of windows) {
        expect([window.height, window.width]).toEqual([Math.min(options.size[0], height), Math.min(options.size[1], width)]);
        expect(window.x >= 0 && window.y >= 0 && window.x + window.width <= width && window.y + window.height <= height).toBe(true);
        expect(window.x % options.stride[1] === 0 || window.x + window.width === width).toBe(true);
        for (let y = 0; y < window.height; y++)
          seen.fill(1, (window.y + y) * width + window.x, (window.y + y) * width + window.x + window.width);
      }
      expect(seen.every((value) => value === 1)).toBe(true);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('a network that looks at single pixels gives the same by windows as at once', async () => {
  const logitsOf = ({ image }: ImageSample) => Float32Array.from(image); // three channels, three classes
  await fc.assert(
    fc.asyncProperty(sides, sides, sliding, async (height, width, options) => {
      const sample = sampleOf(width, height);
      const whole = await segmentImage(sample, logitsOf, { classes: 3 });
      for (let i = 0; i < whole.data.length; i++) {
        const pixel = [...sample.image.subarray(3 * i, 3 * i + 3)];
        expect(whole.data[i]).toBe(pixel.indexOf(Math.max(...pixel)));
      }
      expect(await segmentImage(sample, logitsOf, { classes: 3, sliding: options })).toEqual(whole);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('where windows overlap the mean decides', async () => {
  // Two windows of three pixels over four: class 1 gets 1 from the first and class 0 gets 3 from the second.
  let call = 0;
  const logitsOf = async () => {
    call++;
    return Float32Array.from({ length: 6 }, (_, i) => (call === 1 ? Number(i % 2 === 1) : 3 * Number(i % 2 === 0)));
  };
  const { data } = await segmentImage(sampleOf(4, 1), logitsOf, { classes: 2, sliding: { size: [1, 3], stride: [1, 1] } });
  expect([call, ...data]).toEqual([2, 1, 0, 0, 0]);
});

test('wrong strides and logits of another size are refused', async () => {
  for (const [size, stride] of [
    [4, 5],
    [4, 0],
    [4.5, 1],
  ]) // prettier-ignore
    expect(() => slidingWindows({ height: 9, width: 9 }, { size: [size, 4], stride: [stride, 1] })).toThrow(
      /integers with 1 <= stride <= size/,
    );
  await expect(segmentImage(sampleOf(2, 2), () => new Float32Array(4), { classes: 2 })).rejects.toThrow(
    'segmentImage: 4 logits for 2x2 pixels and 2 classes; give one a pixel and class',
  );
});
