import fc from 'fast-check';
import { costMap, packCells, unpackCells } from './cost.ts';
import { HEAT_GRADIENT, heatColor } from './heat.ts';

test('packed cells come back', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1), { maxLength: 70 }), (cells) => {
      expect([...unpackCells(packCells(cells), cells.length)]).toEqual(cells);
      expect(packCells(cells.join(''))).toBe(packCells(cells));
    }),
  );
  expect(packCells([1, 0, 0, 0, 0, 0, 0, 1])).toBe(btoa('\x81'));
});

const fine = { height: 2, width: 4, cells: Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0) };
const coarse = { height: 1, width: 2, cells: Uint8Array.of(0, 1) };
const stages = [
  { name: 'stem', uniform: 1, parts: [] },
  {
    name: 'block',
    uniform: 10,
    parts: [
      { mask: 0, sampled: 100, filled: 5 },
      { mask: 1, sampled: 1000, filled: 0 },
    ],
  },
];

test('costs add up at the finest resolution: everywhere, where sampled, where filled in', () => {
  expect(costMap(stages, [fine, coarse])).toEqual({
    height: 2,
    width: 4,
    values: Float32Array.of(111, 16, 1016, 1111, 16, 16, 1016, 1016),
  });
  expect([...costMap(stages, [fine, coarse], 1).values]).toEqual(Array(8).fill(1));
  expect(costMap(stages.slice(0, 1), []).values).toEqual(Float32Array.of(1));
});

test('heat goes from dark to bright without turning back', () => {
  const brightness = Array.from({ length: 21 }, (_, i) => heatColor(i / 20)).map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
  for (let i = 1; i < brightness.length; i++) expect(brightness[i]).toBeGreaterThan(brightness[i - 1]);
  expect(heatColor(2)).toEqual(heatColor(1));
  expect(HEAT_GRADIENT).toMatch(/^linear-gradient\(90deg,rgb\(68 1 84\)/);
});
