import fc from 'fast-check';
import { domainOf, linear, ticks, tickTexts } from './scale.ts';

const domains = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([low, span]) => ({ low, high: low + span }));

test('ticks lie in the domain, evenly, about as many as asked for, with different texts', () => {
  fc.assert(
    fc.property(domains, fc.integer({ min: 3, max: 9 }), (domain, count) => {
      const values = ticks(domain, count);
      const span = domain.high - domain.low;
      expect(values.length).toBeGreaterThanOrEqual(1);
      expect(values.length).toBeLessThanOrEqual(count + 1);
      for (const value of values) expect(value).toBeGreaterThanOrEqual(domain.low - 1e-6 * span);
      for (const value of values) expect(value).toBeLessThanOrEqual(domain.high + 1e-6 * span);
      const steps = values.slice(1).map((value, i) => value - values[i]);
      for (const step of steps) expect(Math.abs(step - steps[0])).toBeLessThanOrEqual(1e-6 * span);
      expect(new Set(tickTexts(values)).size).toBe(values.length);
    }),
  );
});

test('known ticks', () => {
  expect(tickTexts(ticks({ low: -4.8, high: 0.4 }, 5))).toEqual(['−4', '−2', '0']);
  expect(tickTexts(ticks({ low: 0, high: 1 }, 4))).toEqual(['0.00', '0.25', '0.50', '0.75', '1.00']);
});

test('a domain holds its values with a margin and is never empty', () => {
  expect(domainOf([2, 4, Number.NaN], 0.5)).toEqual({ low: 1, high: 5 });
  expect(domainOf([3], 0.5)).toEqual({ low: 1.5, high: 4.5 });
  expect(domainOf([0])).toEqual({ low: -0.06, high: 0.06 });
  expect(domainOf([])).toEqual({ low: 0, high: 1 });
  expect([0, 5, 10].map(linear({ low: 0, high: 10 }, 100, 0))).toEqual([100, 50, 0]);
});
