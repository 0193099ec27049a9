// Whatever a checkpoint's metadata and tensors say: a ModelFileError or SafetensorsError that names the file, or every weight that its network has.
import { type SafeTensor, SafetensorsError, serializeSafetensors } from '@stint/safetensors';
import fc from 'fast-check';
import { brokenJson, FUZZ_TIMEOUT, fuzz, readOrRefused } from '../../../tools/jest/fuzz.ts';
import { budgetsOf } from './budget-table.ts';
import { loadCheckpoint, parametersOf } from './checkpoint.ts';
import { MODEL_KEY, type ModelDescription, ModelFileError } from './description.ts';

jest.setTimeout(FUZZ_TIMEOUT);

const refusal = (error: unknown) =>
  (error instanceof ModelFileError || error instanceof SafetensorsError) &&
  error.message.includes('<bytes>') &&
  error.message.length < 5000;

const sampling = { integration: 'two-masks', interval: 3, bias: 3, interpolation: { kind: 'rbf', window: 7, sigma: 3 } } as const;
const backbone = {
  stem: { kind: 'small', widths: [2, 3] },
  layers: [1],
  planes: [2],
  expansion: 2,
  sampling,
} as unknown as ModelDescription['backbone'];
const head = {
  kind: 'one-stage',
  classes: 2,
  channels: 4,
  convs: 1,
  strides: [4, 8],
  scoreThreshold: 0.05,
  nmsThreshold: 0.6,
  maxDetections: 10,
};
const description = {
  backbone,
  fpn: { channels: 4, outputs: 1, extraMaxPool: true },
  head,
  input: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  categories: [{ id: 1, name: 'a' }],
} as unknown as ModelDescription;

const weights = parametersOf(description).map(({ name, shape }): [string, SafeTensor & { dtype: 'F32' }] => [
  `model.${name}`,
  { dtype: 'F32', shape: [...shape], data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
]);
const file = (text: string, entries = weights) => Buffer.concat(serializeSafetensors(entries, { [MODEL_KEY]: text }));

test('the whole one is read', () => {
  expect(loadCheckpoint(file(JSON.stringify(description))).tensors.size).toBe(weights.length);
});

test('a description with values changed', async () => {
  let read = 0;
  await fuzz(brokenJson(description), async (value) => {
    const checkpoint = await readOrRefused(() => loadCheckpoint(file(JSON.stringify(value) ?? '')), refusal);
    if (!checkpoint) return;
    read++;
    for (const { name, shape } of parametersOf(checkpoint.description)) expect(checkpoint.tensors.get(name)?.shape).toEqual([...shape]);
  });
  expect(read).toBeGreaterThan(0);
});

test('any text for a description and for budgets', async () => {
  await fuzz(fc.oneof(fc.string(), fc.json()), async (text) => {
    await readOrRefused(() => loadCheckpoint(file(text)), refusal);
    const table = await readOrRefused(() => budgetsOf({ 'stint.budget': text }, '<bytes>'), refusal);
    for (const { budget, shift } of table?.points ?? []) if (!Number.isFinite(budget + shift)) throw new Error(text);
  });
});

test('weights that are missing, doubled in size, or not finite', async () => {
  const text = JSON.stringify(description);
  const edit = fc.tuple(fc.nat(weights.length - 1), fc.constantFrom('gone', 'longer', 'nan', 'f64', 'whole'));
  await fuzz(edit, async ([at, how]) => {
    const { shape, data } = weights[at][1];
    const changed = {
      gone: [],
      longer: [[weights[at][0], { dtype: 'F32', shape: [2, ...shape], data: new Float32Array(2 * data.length) }]],
      nan: [[weights[at][0], { dtype: 'F32', shape, data: new Float32Array(data.length).fill(Number.NaN) }]],
      f64: [[weights[at][0], { dtype: 'F64', shape, data: new Float64Array(data.length) }]],
      whole: [weights[at]],
    }[how];
    const entries = [...weights.slice(0, at), ...changed, ...weights.slice(at + 1)] as typeof weights;
    const read = await readOrRefused(() => loadCheckpoint(file(text, entries)), refusal);
    expect([how, read !== undefined]).toEqual([how, how === 'whole' || how === 'f64']);
  });
});

test.each([
  ['convs', 2 ** 31],
  ['convs', 1e308],
  ['strides', Array(100_000).fill(4)],
  ['maxDetections', -1],
])('a head with hostile %s', (key, value) => {
  expect(() => loadCheckpoint(file(JSON.stringify({ ...description, head: { ...head, [key]: value } })))).toThrow(ModelFileError);
});

test('a description that is too long, and one in an inherited name', () => {
  expect(() => loadCheckpoint(file('['.repeat(2 ** 20 + 1)))).toThrow("metadata 'stint.model' has 1048577 characters, more than 1048576");
  expect(() => loadCheckpoint(file('['.repeat(2 ** 19)))).toThrow(ModelFileError);
});
