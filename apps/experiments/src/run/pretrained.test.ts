import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pretrainedFile, pretrainedFolder } from './pretrained.ts';
import { tinyConfig } from './tiny-run.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-pretrained-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const writeWeights = async (directory: string) => fs.writeFileSync(path.join(directory, 'best.safetensors'), 'weights');

test('a network is made once; sampling and seed share it, the pretraining does not', async () => {
  const config = tinyConfig();
  const make = jest.fn(writeWeights);
  const file = await pretrainedFile(config, root, make);
  const other = { ...config, seed: 2, model: { ...config.model, sampling: { ...config.model.sampling, interval: 5 } } };
  expect(await pretrainedFile(other, root, make)).toBe(file);
  expect(make).toHaveBeenCalledTimes(1);
  expect(pretrainedFolder({ ...config, pretrain: { ...config.pretrain!, steps: 3 } }, root)).not.toBe(path.dirname(file));
});

test('the lock of a dead process is taken over, and a failed attempt leaves no lock', async () => {
  const config = tinyConfig({ pretrain: { ...tinyConfig().pretrain, steps: 7 } });
  const folder = pretrainedFolder(config, root);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'lock'), '4194304'); // above any process id that Linux gives by default
  await expect(
    pretrainedFile(config, root, async () => {
      throw new Error('disk full');
    }),
  ).rejects.toThrow('disk full');
  expect(fs.existsSync(path.join(folder, 'lock'))).toBe(false);
  expect(await pretrainedFile(config, root, writeWeights)).toBe(path.join(folder, 'best.safetensors'));
});
