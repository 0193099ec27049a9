import fc from 'fast-check';
import { mergedOrder } from './merged-order.ts';

test('masks of blocks with one, two and three masks stand by block, then by number', () => {
  const one = ['a 1', 'b 1'];
  const two = ['a 1', 'a 2', 'b 1', 'b 2'];
  const three = ['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'b 3'];
  for (const lists of [
    [one, two, three],
    [three, two, one],
    [two, one, three],
  ])
    expect(mergedOrder(lists)).toEqual(three);
  expect(mergedOrder([])).toEqual([]);
});

test('parts of one order come back in that order, each name once', () => {
  const names = Array.from({ length: 12 }, (_, i) => String(i));
  fc.assert(
    fc.property(fc.array(fc.subarray(names), { maxLength: 5 }), (parts) => {
      const merged = mergedOrder(parts);
      expect([...merged].sort()).toEqual([...new Set(parts.flat())].sort());
      for (const part of parts) expect(merged.filter((name) => part.includes(name))).toEqual(part);
    }),
  );
});
