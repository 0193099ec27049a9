import fc from 'fast-check';
import { topK } from './top-k.ts';

test('by hand', () => {
  const scores = [
    [0.1, 0.7, 0.2],
    [0.5, 0.2, 0.3],
    [0.1, 0.2, 0.7],
    [0.4, 0.5, 0.1],
  ];
  expect(topK(scores, [1, 2, 2, 2], [1, 2, 3])).toEqual({ 1: 0.5, 2: 0.75, 3: 1 });
});

test('equal scores: the lower class ranks first, so that a network that says nothing is right about class 0 only', () => {
  const same = Array.from({ length: 8 }, () => new Float32Array(8));
  expect(topK(same, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual({ 1: 1 / 8, 5: 5 / 8 });
});

test('is what sorting the classes gives, for any scores; order alone counts', () => {
  const rows = fc.array(
    fc.record({ scores: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 6, maxLength: 6 }), label: fc.nat({ max: 5 }) }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 6 }), (images, k) => {
      const [scores, labels] = [images.map((image) => image.scores), images.map(({ label }) => label)];
      const hits = scores.filter((list, i) => {
        const sorted = list.map((score, c) => ({ score, c })).sort((a, b) => b.score - a.score || a.c - b.c);
        return sorted.slice(0, k).some(({ c }) => c === labels[i]);
      });
      expect(topK(scores, labels, [k])[k]).toBeCloseTo(hits.length / images.length, 12);
      expect(
        topK(
          scores.map((list) => list.map((score) => Math.exp(score) + 7)),
          labels,
        ),
      ).toEqual(topK(scores, labels));
    }),
  );
});

test('infinite scores have their place', () => {
  expect(topK([[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]], [0], [1, 2])).toEqual({ 1: 0, 2: 1 });
});

test('errors name the image and the way out', () => {
  expect(() => topK([], [])).toThrow('0 lists of scores and 0 labels');
  expect(() => topK([[1, 2]], [0, 1], [1])).toThrow('1 lists of scores and 2 labels');
  expect(() => topK([[1, 2, 3]], [0])).toThrow('top-5 of 3 classes; give whole numbers from 1 to 3');
  expect(() => topK([[1, 2], [1]], [0, 0], [1])).toThrow('1 scores of image 1, 2 of image 0');
  expect(() => topK([[1, 2]], [2], [1])).toThrow('label 2 of image 0 is not in 0..1');
  expect(() => topK([[1, Number.NaN]], [0], [1])).toThrow('the score of class 1 of image 0 is not a number');
});
