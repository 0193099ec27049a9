import fc from 'fast-check';
import { curveDifference, curveOf, valueAt } from './curve.ts';
import { madeRun } from './fixture.ts';

const curve = [
  { macs: 10, value: 1 },
  { macs: 20, value: 3 },
  { macs: 40, value: 4 },
];

test('between its points a curve is linear, and it ends at its ends', () => {
  expect(valueAt(curve, 10)).toBe(1);
  expect(valueAt(curve, 15)).toBe(2);
  expect(valueAt(curve, 30)).toBe(3.5);
  expect(() => valueAt(curve, 41)).toThrow('beyond the curve, which ends at 40');
  expect(() => valueAt(curve, 9)).toThrow('before the curve, which starts at 10');
});

test('a curve shifted up by c differs by c, over the shared MACs only', () => {
  const other = [
    { macs: 15, value: 2 - 0.5 },
    { macs: 20, value: 3 - 0.5 },
    { macs: 60, value: 5 - 0.5 },
  ];
  expect(curveDifference(curve, other)).toEqual({ difference: expect.closeTo(0.5, 12), from: 15, to: 40 });
});

test('the difference is antisymmetric and equals a fine Riemann sum', () => {
  const points = fc
    .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 6 })
    .chain((xs) =>
      fc.tuple(...xs.sort((a, b) => a - b).map((macs) => fc.record({ macs: fc.constant(macs), value: fc.integer({ min: -50, max: 50 }) }))),
    );
  fc.assert(
    fc.property(points, points, (a, b) => {
      const found = curveDifference(a, b);
      const back = curveDifference(b, a);
      if (!found) return back === undefined;
      expect(found.difference).toBeCloseTo(-back!.difference, 9);
      const { from, to } = found;
      if (from === to) return true;
      const steps = 4000;
      let sum = 0;
      for (let i = 0; i < steps; i++) {
        const at = from + ((to - from) * (i + 0.5)) / steps;
        sum += valueAt(a, at) - valueAt(b, at);
      }
      expect(found.difference).toBeCloseTo(sum / steps, 1);
      return true;
    }),
    { numRuns: 30 },
  );
});

test('curves that share no MACs have no difference', () => {
  expect(curveDifference(curve, [{ macs: 50, value: 1 }])).toBeUndefined();
  expect(curveDifference(curve, [])).toBeUndefined();
});

test('runs become points by rising MACs; equal MACs are merged', () => {
  const runs = [madeRun('a', 1, 0.2, 60e6, 50), madeRun('a', 1, 1, 30e6, 40), madeRun('a', 1, 2, 30e6, 44)];
  expect(curveOf(runs, 'AP', 'direct')).toEqual([
    { macs: 30e6, value: 42 },
    { macs: 60e6, value: 50 },
  ]);
});
