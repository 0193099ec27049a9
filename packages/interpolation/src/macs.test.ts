import { interpolationMacs } from './macs.ts';

const size = { positions: 100, channels: 64, density: 0.25, window: 7 };

test('49 C d (1-d) a position directly, 14 C d (1-d) in two passes', () => {
  for (const kind of ['rbf', 'average'] as const) {
    expect(interpolationMacs(kind, size)).toEqual({ direct: 100 * 49 * 64 * 0.1875, separable: 100 * 14 * 64 * 0.1875 });
  }
  expect(interpolationMacs('rbf', { ...size, window: 5 })).toEqual({ direct: 100 * 25 * 64 * 0.1875, separable: 100 * 10 * 64 * 0.1875 });
});

test('a learned convolution is not separable; zeros and reuse are free; so are the ends of the density', () => {
  const direct = 100 * 49 * 64 * 0.1875;
  expect(interpolationMacs('convolution', size)).toEqual({ direct, separable: direct });
  expect(interpolationMacs('zeros', size)).toEqual({ direct: 0, separable: 0 });
  expect(interpolationMacs('reuse', size)).toEqual({ direct: 0, separable: 0 });
  for (const density of [0, 1]) expect(interpolationMacs('rbf', { ...size, density })).toEqual({ direct: 0, separable: 0 });
});

test('a density outside [0,1] is refused', () => {
  expect(() => interpolationMacs('rbf', { ...size, density: 1.2 })).toThrow('density is 1.2');
});
