import fc from 'fast-check';
import { powerOf, sinCos } from './exact.ts';

test('powerOf agrees with Math.pow', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (ratio, bits) => {
      const want = ratio ** (bits / 2 ** 32);
      expect(Math.abs(powerOf(ratio, bits / 2 ** 32) / want - 1)).toBeLessThan(1e-12);
    }),
  );
});

test('sinCos agrees with Math', () => {
  fc.assert(
    fc.property(fc.double({ min: -Math.PI / 2, max: Math.PI / 2, noNaN: true }), (angle) => {
      const { sin, cos } = sinCos(angle);
      expect(Math.abs(sin - Math.sin(angle))).toBeLessThan(1e-12);
      expect(Math.abs(cos - Math.cos(angle))).toBeLessThan(1e-12);
    }),
  );
});
