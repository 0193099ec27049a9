import { normalValues, uniformValues } from './counter.ts';
import { uniformNoise } from './noise.ts';

const COUNT = 1 << 18;

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - 0.5) * (b[i] - 0.5);
  return (sum / a.length) * 12;
}

/** Sum of (observed - expected)^2 / expected over equal bins, as a z score (a chi-square of k-1 degrees has mean k-1, variance 2(k-1)). */
function chiSquareScore(counts: Int32Array, total: number): number {
  const expected = total / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chi - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

describe.each([[[0]], [[1]], [[42, 7]], [[123456789, -3, 2 ** 40]]])('stream %j', (key) => {
  const values = uniformValues(COUNT, key);

  test('lies in [0,1) with the mean and variance of a uniform', () => {
    let sum = 0;
    let square = 0;
    for (const value of values) {
      if (!(value >= 0 && value < 1)) throw new Error(`${value} is outside [0,1)`);
      sum += value;
      square += (value - 0.5) ** 2;
    }
    expect(Math.abs(sum / COUNT - 0.5)).toBeLessThan(4 / Math.sqrt(12 * COUNT));
    expect(Math.abs(square / COUNT - 1 / 12)).toBeLessThan(4 / Math.sqrt(180 * COUNT));
  });

  test('fills equal bins evenly: high bits, low bits, pairs', () => {
    const high = new Int32Array(1024);
    const low = new Int32Array(256);
    const pairs = new Int32Array(64 * 64);
    values.forEach((value, i) => {
      high[Math.floor(value * 1024)]++;
      low[(value * 2 ** 24) & 255]++;
      if (i % 2 === 1) pairs[Math.floor(values[i - 1] * 64) * 64 + Math.floor(value * 64)]++;
    });
    expect(Math.abs(chiSquareScore(high, COUNT))).toBeLessThan(4);
    expect(Math.abs(chiSquareScore(low, COUNT))).toBeLessThan(4);
    expect(Math.abs(chiSquareScore(pairs, COUNT / 2))).toBeLessThan(4);
  });

  test.each([1, 2, 3, 64, 65, 1024, 4096])('has no serial correlation at lag %i', (lag) => {
    expect(Math.abs(correlation(values.subarray(lag), values.subarray(0, COUNT - lag)))).toBeLessThan(4.5 / Math.sqrt(COUNT - lag));
  });
});

test('streams of neighbouring keys are independent', () => {
  const count = 4096;
  const keys: number[][] = [];
  for (let seed = 0; seed < 4; seed++)
    for (let step = 0; step < 6; step++) for (let layer = 0; layer < 4; layer++) keys.push([seed, step, layer]);
  keys.push([0], [0, 0], [0, 0, 0, 0], [1, 0], [0, 1], [-1], [2 ** 32], [2 ** 32 + 1]);
  const streams = keys.map((key) => uniformValues(count, key));
  let worst = 0;
  let squares = 0;
  let comparisons = 0;
  for (let a = 0; a < streams.length; a++) {
    for (let b = 0; b < a; b++) {
      const r = correlation(streams[a], streams[b]) * Math.sqrt(count);
      worst = Math.max(worst, Math.abs(r));
      squares += r * r;
      comparisons++;
    }
  }
  expect(worst).toBeLessThan(5); // 5356 standard normal numbers: the largest is about 3.8
  expect(Math.abs(squares / comparisons - 1)).toBeLessThan(5 * Math.sqrt(2 / comparisons));
  expect(new Set(streams.map((stream) => stream.slice(0, 4).join())).size).toBe(keys.length);
});

test('first values over consecutive keys are uniform (one number a step)', () => {
  const bins = new Int32Array(128);
  for (let step = 0; step < 32768; step++) bins[Math.floor(uniformValues(1, [7, step])[0] * 128)]++;
  expect(Math.abs(chiSquareScore(bins, 32768))).toBeLessThan(4);
});

test('no value depends on how many are drawn, nor on the machine', () => {
  expect(uniformValues(1000, [5, 6]).slice(0, 10)).toEqual(uniformValues(10, [5, 6]));
  // Made by an implementation in arbitrary-precision integers. A change of these numbers breaks the resumption of every stored run.
  expect(Array.from(uniformValues(4, [1, 2, 3]), (value) => value * 2 ** 24)).toEqual([3106991, 14204637, 3212539, 1327946]);
});

test('uniformNoise has the shape and the values of the stream', () => {
  const noise = uniformNoise([2, 3, 4, 1], [9]);
  expect(noise.shape).toEqual([2, 3, 4, 1]);
  expect(noise.dtype).toBe('float32');
  expect(noise.dataSync()).toEqual(uniformValues(24, [9]));
  expect(uniformNoise([], [9]).size).toBe(1);
});

test('a fractional key is refused', () => {
  expect(() => uniformNoise([2], [1.5])).toThrow('uniformNoise: key [1.5] holds 1.5');
  expect(() => uniformNoise([2], [Number.NaN])).toThrow('whole numbers');
});

test('normal values: mean 0, deviation 1, a fifth beyond 1.2816, and a prefix of a longer draw', () => {
  const values = normalValues(100_001, [5]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean)).toBeLessThan(0.015); // 4.7 deviations of the mean
  expect(Math.abs(deviation - 1)).toBeLessThan(0.011);
  expect(Math.abs(values.filter((value) => Math.abs(value) > 1.2816).length / values.length - 0.2)).toBeLessThan(0.006);
  expect([...normalValues(7, [5])]).toEqual([...values.subarray(0, 7)]);
});
