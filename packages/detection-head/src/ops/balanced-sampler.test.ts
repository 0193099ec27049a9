import fc from 'fast-check';
import { sampleBalanced } from './balanced-sampler.ts';

const matchList = fc.array(fc.constantFrom(-2, -1, -1, -1, 0, 3), { maxLength: 80 }).map((list) => Int32Array.from(list));

test('draws distinct candidates of the right kind, as many as there are and the limits allow', () => {
  fc.assert(
    fc.property(matchList, fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 0.25, 0.5, 1), (matches, size, positiveFraction) => {
      const { positives, negatives } = sampleBalanced(matches, { size, positiveFraction }, [1, 2]);
      expect(new Set([...positives, ...negatives]).size).toBe(positives.length + negatives.length);
      expect(positives.every((i) => matches[i] >= 0)).toBe(true);
      expect(negatives.every((i) => matches[i] === -1)).toBe(true);
      const available = matches.filter((match) => match >= 0).length;
      expect(positives.length).toBe(Math.min(available, Math.floor(size * positiveFraction)));
      expect(negatives.length).toBe(Math.min(matches.filter((match) => match === -1).length, size - positives.length));
    }),
  );
});

test('the same key draws the same, another key draws another sample', () => {
  const matches = new Int32Array(1000).fill(-1);
  const options = { size: 100, positiveFraction: 0.5 };
  expect(sampleBalanced(matches, options, [1, 5])).toEqual(sampleBalanced(matches, options, [1, 5]));
  expect(sampleBalanced(matches, options, [1, 5])).not.toEqual(sampleBalanced(matches, options, [1, 6]));
});

test('every candidate is drawn about equally often', () => {
  const matches = new Int32Array(50).fill(-1);
  const counts = new Array(50).fill(0);
  for (let step = 0; step < 1000; step++)
    for (const i of sampleBalanced(matches, { size: 10, positiveFraction: 0 }, [7, step]).negatives) counts[i]++;
  // Expectation 200, standard deviation 12.7: five deviations either side.
  expect(Math.min(...counts)).toBeGreaterThan(136);
  expect(Math.max(...counts)).toBeLessThan(264);
});
