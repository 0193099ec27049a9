import fc from 'fast-check';
import { bootstrapInterval, mean, standardDeviation } from './statistics.ts';

test('mean and sample deviation of known numbers', () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(standardDeviation([3])).toBe(0);
});

test('a bootstrap interval lies within the values and holds their mean', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 12 }), (values) => {
      const { low, high } = bootstrapInterval(values, { resamples: 500 });
      const slack = 1e-9 * (1 + Math.max(...values.map(Math.abs)));
      return low >= Math.min(...values) - slack && high <= Math.max(...values) + slack && low <= high;
    }),
  );
});

test('the interval of many values is the normal one, within the resampling error', () => {
  // A fixed sample with mean 0 and deviation 1: 100 quantiles of a uniform distribution, scaled.
  const values = Array.from({ length: 100 }, (_, i) => ((i + 0.5) / 100 - 0.5) * Math.sqrt(12));
  const { low, high } = bootstrapInterval(values);
  expect(low).toBeCloseTo(-0.196, 1);
  expect(high).toBeCloseTo(0.196, 1);
  expect(bootstrapInterval(values)).toEqual({ low, high });
});

test('one value has no interval', () => {
  expect(bootstrapInterval([1])).toEqual({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
});
