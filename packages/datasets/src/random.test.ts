import fc from 'fast-check';
import { randomStream } from './random.ts';

const draw = (key: number[], count: number) => {
  const random = randomStream(key);
  return Array.from({ length: count }, () => random.uniform());
};

test('a stream is a pure function of its key', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 5 }), (key) => {
      expect(draw(key, 5)).toEqual(draw(key, 5));
    }),
  );
});

test('keys that differ in value, order, length or high bits give other streams', () => {
  const keys = [[], [0], [0, 0], [1], [0, 1], [1, 0], [-1], [2 ** 32], [2 ** 32 + 1], [2 ** 40]];
  const first = keys.map((key) => draw(key, 2).join());
  expect(new Set(first).size).toBe(keys.length);
});

test('the first draws of neighbouring keys are uniform and uncorrelated', () => {
  const n = 20_000;
  const values = Array.from({ length: n }, (_, i) => draw([7, i], 1)[0]);
  const mean = values.reduce((a, b) => a + b) / n;
  const lag = values.slice(1).reduce((sum, v, i) => sum + (v - 0.5) * (values[i] - 0.5), 0) / n;
  const bins = new Array(16).fill(0);
  for (const v of values) bins[Math.floor(v * 16)]++;
  const chi2 = bins.reduce((sum, c) => sum + (c - n / 16) ** 2 / (n / 16), 0);
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(lag)).toBeLessThan((5 / 12) * Math.sqrt(1 / n));
  expect(chi2).toBeLessThan(37.7); // the .999 quantile at 15 degrees of freedom
});

test('integer reaches both ends and nothing outside', () => {
  const random = randomStream([3]);
  const seen = new Set(Array.from({ length: 500 }, () => random.integer(-2, 3)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
});

test('a key that is no integer is refused', () => {
  expect(() => randomStream([1, 0.5])).toThrow('randomStream: key [1, 0.5] must hold integers only');
});
