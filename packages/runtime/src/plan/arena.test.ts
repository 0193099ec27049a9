import fc from 'fast-check';
import { placeBuffers } from './arena.ts';

const lifetime = fc
  .record({ length: fc.integer({ min: 1, max: 500 }), first: fc.nat(20), span: fc.nat(8) })
  .map(({ length, first, span }) => ({ length, first, last: first + span }));

test('buffers that live together do not overlap; everything is aligned and inside', () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 30 }), (buffers) => {
      const { offsets, floats } = placeBuffers(buffers);
      buffers.forEach((a, i) => {
        expect(offsets[i] % 16).toBe(0);
        expect(offsets[i] + a.length).toBeLessThanOrEqual(floats);
        buffers.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last;
          const apart = offsets[i] + a.length <= offsets[j] || offsets[j] + b.length <= offsets[i];
          expect(!together || apart).toBe(true);
        });
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('buffers that follow one another share their place', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ length: 160, first: i, last: i + 1 }));
  expect(placeBuffers(chain).floats).toBe(320);
});
