import { readFixture } from '../../../tools/jest/fixtures.ts';
import { temperatureAt, temperatureByFactor } from './temperature.ts';

const { params } = readFixture(`${__dirname}/../fixtures/01_sampling.safetensors`);

test('the fixed factor gives the reference temperatures', () => {
  const reference = params.temperature_after_k_training_forwards_f64 as Record<string, number>;
  for (const [step, wanted] of Object.entries(reference)) {
    expect(Math.abs(temperatureByFactor(Number(step)) / wanted - 1)).toBeLessThan(1e-10);
  }
  expect(Object.keys(reference).length).toBeGreaterThan(3);
  expect(temperatureByFactor(2, { start: 4, factor: 0.5 })).toBe(1);
});

test('the decay is geometric between its end points and stays at the end', () => {
  expect(temperatureAt(0, 100)).toBe(1);
  expect(temperatureAt(100, 100)).toBeCloseTo(0.03, 12);
  expect(temperatureAt(50, 100)).toBeCloseTo(Math.sqrt(0.03), 12);
  expect(temperatureAt(500, 100)).toBeCloseTo(0.03, 12);
  expect(temperatureAt(1, 2, { start: 4, end: 1 })).toBeCloseTo(2, 12);
  // Over the paper's schedule both rules agree: .03 after about 176k steps.
  expect(temperatureAt(88000, 175908, { end: params.temperature_after_k_training_forwards_f64['175908'] })).toBeCloseTo(
    temperatureByFactor(88000),
    9,
  );
});

test('errors', () => {
  expect(() => temperatureAt(1, 0)).toThrow('step 1 of 0');
  expect(() => temperatureAt(-1, 10)).toThrow('step -1 of 10');
  expect(() => temperatureAt(1, 10, { end: 0 })).toThrow('end 0');
});
