import { meanOfValid } from './mean.ts';

test('entries of -1 do not count; without others the mean is -1', () => {
  expect(meanOfValid(Float64Array.of(-1, 0.5, -1, 0, 1))).toBe(0.5);
  expect(meanOfValid(Float64Array.of(-1, -1))).toBe(-1);
  expect(meanOfValid(new Float64Array(0))).toBe(-1);
});

test.each([
  // numpy.mean, NumPy 2.4
  [1, 0.0],
  [7, 0.4304421768707483],
  [8, 0.37663690476190476],
  [9, 0.34488936988936986],
  [127, 0.08222780158735978],
  [128, 0.0816454930413047],
  [129, 0.08113093244077146],
  [1000, 0.016575763027055747],
  [10100, 0.002327299501300665],
])('the last bit is that of NumPy for %d entries', (count, want) => {
  expect(meanOfValid(new Float64Array(count).map((_, i) => (i % 7) / (i + 3)))).toBe(want);
});
