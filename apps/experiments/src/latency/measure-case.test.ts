import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ModelDescription } from '@stint/runtime';
import { readSafetensors, writeSafetensors } from '@stint/safetensors';
import { stringify } from 'yaml';
import { workspaceWith } from '../config/fixture.ts';
import { writeCheckpoint } from '../run/checkpoint-file.ts';
import { die, type FakeOptions, fakeEngines } from './fake-engines.ts';
import { TINY_LATENCY } from './fixture.ts';
import { measureCase } from './measure-case.ts';
import { randomCheckpoint } from './networks.ts';
import { Unavailable } from './python.ts';
import { resolveLatency } from './resolve.ts';
import { casesOf } from './schema.ts';

// Nothing waits for time here, but the machine may be busy.

const workspace = workspaceWith({ 'speed.yaml': TINY_LATENCY });
const { config } = resolveLatency('speed', workspace);
const [one] = casesOf(config);

async function measure(options: FakeOptions = {}, more: { stop?: AbortSignal } = {}) {
  const fake = fakeEngines(options);
  const lines: string[] = [];
  const measurement = measureCase(one, {
    config,
    root: workspace.root,
    start: fake.start,
    pause: 0,
    log: (line) => lines.push(line),
    ...more,
  });
  return { measurement: await measurement, fake, lines };
}

test('every variant once a round, in turns, after a round that does not count', async () => {
  const { measurement, fake, lines } = await measure();
  const { variants, engines, failures, padded } = measurement;
  const ids = ['dense', 'sampled-trained-1', 'sampled-trained-0.75', 'sampled-trained-0.5', 'sampled-trained-0.25', 'sampled-white-0.5'];
  expect(variants.map(({ id }) => id)).toEqual([...ids, 'onnxruntime', 'openvino']);
  expect(variants.every(({ ms }) => ms.length === config.rounds)).toBe(true);
  expect([failures, lines, padded]).toEqual([[], [], [64, 96]]);
  expect(engines.map(({ engine, difference }) => [engine, difference])).toEqual([
    ['dense', undefined],
    ['sampled', 0],
    ['onnxruntime', 0],
    ['openvino', 0],
  ]);
  const runs = fake.asked.filter((line) => line.endsWith(' run'));
  const round = ['dense', ...Array(5).fill('sampled'), 'onnxruntime', 'openvino'].map((engine) => `${engine} run`);
  // The first and the warm-up begin with our dense network, the second with the variant after it.
  expect(runs).toEqual([...round, ...round, ...round.slice(1), round[0]]);
  expect(fake.closed.sort()).toEqual(['dense', 'onnxruntime', 'openvino', 'sampled']);
});

test('an engine that dies is named with its last lines; the others keep their results', async () => {
  const before: FakeOptions['before'] = (engine, { do: what }, asked) => {
    if (engine === 'onnxruntime' && what === 'run' && asked > 5) die('onnxruntime, 1 thread');
  };
  const { measurement, lines, fake } = await measure({ before });
  expect(measurement.failures).toEqual([
    { engine: 'onnxruntime', reason: expect.stringMatching(/^onnxruntime, 1 thread: ended by SIGKILL[\s\S]*last words/) },
  ]);
  expect(lines[0]).toMatch(/^FAILED: onnxruntime, 1 thread: ended by SIGKILL/);
  expect(measurement.variants.map(({ engine }) => engine)).not.toContain('onnxruntime');
  expect(measurement.variants.find(({ id }) => id === 'openvino')!.ms).toHaveLength(config.rounds);
  expect(fake.closed.filter((engine) => engine === 'onnxruntime')).toHaveLength(1);
});

test('an engine that is not there, or computes something else, is left out', async () => {
  const before: FakeOptions['before'] = (engine) => {
    if (engine === 'openvino') throw new Unavailable('python3 could not make a virtual environment');
  };
  const { measurement, lines } = await measure({ before, outputs: { onnxruntime: 1.01 } });
  expect(measurement.failures).toEqual([
    { engine: 'onnxruntime', reason: expect.stringMatching(/onnxruntime: its outputs differ from our dense ones by 1\.\de-2/) },
    { engine: 'openvino', reason: 'python3 could not make a virtual environment', unavailable: true },
  ]);
  expect(lines[1]).toBe('skipped: OpenVINO, python3 could not make a virtual environment');
  expect(measurement.engines.map(({ engine }) => engine)).toEqual(['dense', 'sampled']);
});

test('without our dense network there is nothing to compare with; a stop ends all processes', async () => {
  const dense: FakeOptions['before'] = (engine) => {
    if (engine === 'dense') die('Stint dense');
  };
  await expect(measure({ before: dense })).rejects.toThrow('Stint dense: ended by SIGKILL');
  const control = new AbortController();
  const stopping: FakeOptions['before'] = (engine, { do: what }) => {
    if (engine === 'openvino' && what === 'run') control.abort('SIGINT');
  };
  const fake = fakeEngines({ before: stopping });
  const stopped = measureCase(one, { config, root: workspace.root, start: fake.start, pause: 0, stop: control.signal, log: () => {} });
  await expect(stopped).rejects.toBe('SIGINT');
  expect(fake.closed).toHaveLength(4);
});

test("a checkpoint without a description is understood by its run's config.yaml; one without masks is only run densely", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-trained-'));
  const backbone = { stem: { kind: 'small', widths: [4, 8] }, layers: [1], planes: [4], expansion: 2 } as const;
  const sampling = { integration: 'two-masks', interval: 5, bias: 0, interpolation: { kind: 'zeros', window: 7, sigma: 3 } } as const;
  const write = (name: string, description: ModelDescription) => {
    const file = path.join(folder, name, 'last.safetensors');
    fs.mkdirSync(path.dirname(file));
    writeCheckpoint(file, randomCheckpoint(description, 1));
    return file;
  };
  const old = write('old', structuredClone({ backbone: { ...backbone, sampling }, fpn: { channels: 4 } }) as unknown as ModelDescription);
  const { tensors } = readSafetensors(old);
  writeSafetensors(old, tensors, { stint: '{}' });
  fs.writeFileSync(path.join(folder, 'old/config.yaml'), stringify({ config: { model: { backbone, sampling, fpn: { channels: 4 } } } }));
  const dense = write('dense', structuredClone({ backbone }) as unknown as ModelDescription);
  const measureFile = async (checkpoint: string) => {
    const { start } = fakeEngines();
    const own = { ...one, config: { checkpoint, images: 2, sizes: undefined } };
    return measureCase(own, { config: { ...config, engines: [] }, root: workspace.root, start, pause: 0, log: () => {} });
  };
  const sampled = await measureFile(old);
  expect([sampled.images, sampled.variants.map(({ id }) => id)]).toEqual([2, ['dense', 'sampled-own']]);
  const plain = await measureFile(dense);
  expect(plain.failures).toEqual([{ engine: 'sampled', reason: 'the network has no masks', unavailable: true }]);
});
