// The budget dial: one network at any cost.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type SafeTensor, writeSafetensors } from '@stint/safetensors';
import { image, model, small } from '../testing/models.ts';
import { budgetsOf } from './budget-table.ts';
import { calibrate, saveBudgets } from './calibrate.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { compile } from './compile.ts';
import { MODEL_KEY } from './description.ts';

const network = model({ backbone: small({ planes: [16, 32] }) });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-budget-'));
const file = path.join(folder, 'model.safetensors');
const images = [1, 2, 3, 4].map((seed) => image(96, 96, seed));

beforeAll(() => {
  const entries = [...network.checkpoint.tensors].map(
    ([name, { shape, data }]) => [`model.${name}`, { dtype: 'F32', shape: [...shape], data } as SafeTensor] as const,
  );
  writeSafetensors(file, entries, { stint: '{}', [MODEL_KEY]: JSON.stringify(network.checkpoint.description) });
});
afterAll(() => {
  network.dispose();
  fs.rmSync(folder, { recursive: true });
});

async function costOf(options: Parameters<typeof compile>[1]): Promise<number> {
  const compiled = await compile(file, { threads: 1, ...options });
  // Noise of its own, not the calibration's.
  const shares = await Promise.all(images.map(async (picture, i) => compiled.run(picture, { key: [99, i] })));
  return shares.reduce((sum, { macs }) => sum + macs.total.direct / macs.denseTotal, 0) / images.length;
}

test.each([0.9, 0.7, 0.6])('budget %s is met on images with other noise', async (budget) => {
  expect(Math.abs((await costOf({ budget, calibration: images })) - budget)).toBeLessThan(0.02);
});

test('calibrated once, the checkpoint carries its budgets; between them there is a line', async () => {
  const compiled = await compile(file, { threads: 1 });
  const table = await calibrate(compiled, images, [0.9, 0.6, 0.75]);
  expect(table.images).toBe(4);
  expect(table.points.map(({ budget }) => Math.round(100 * budget))).toEqual([60, 75, 90]);
  expect([...table.points].sort((a, b) => a.shift - b.shift)).toEqual(table.points);
  const before = loadCheckpoint(file);
  saveBudgets(file, table);
  const after = loadCheckpoint(file);
  expect(after.tensors).toEqual(before.tensors);
  expect(budgetsOf(after.metadata, file)).toEqual(table);
  expect((await compile(file, { budget: 0.6 })).shift).toBe(table.points[0].shift);
  expect(Math.abs((await costOf({ budget: 0.68 })) - 0.68)).toBeLessThan(0.03);
});

test('budgets that cannot be met, or are not known, are refused with the way out', async () => {
  const compiled = await compile(file, { threads: 1 });
  await expect(calibrate(compiled, images, [0.01])).rejects.toThrow(/budget 0.01 cannot be met: this network costs 0\.\d+ to 1\.\d+/);
  await expect(compile(file, { budget: 0.3 })).rejects.toThrow('give calibration images, or calibrate() it once');
  await expect(compile(file, { budget: -1 })).rejects.toThrow('budget is -1');
  await expect(compile(file, { budget: 0.6, shift: 1 })).rejects.toThrow('a budget or a shift');
  await expect(calibrate(compiled, [], [0.5])).rejects.toThrow('no images');
  expect(() => budgetsOf({ 'stint.budget': '{"points": 3}' }, 'x')).toThrow('no table of budgets');
});
