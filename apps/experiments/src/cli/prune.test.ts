// `stint prune` on a trained network.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { normalValues } from '@stint/core-sampling';
import { type Checkpoint, compile, loadCheckpoint } from '@stint/runtime';
import { readSafetensors, writeSafetensors } from '@stint/safetensors';
import { masked } from '../pruning/fixture.ts';
import { main } from './index.ts';

const trained = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-prune-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function prune(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(['prune', ...args], { io: { out: (text) => void out.push(text), err: (text) => void err.push(text) } });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A copy that also has what a training leaves: an optimizer's state, a table of budgets. */
const checkpoint = path.join(folder, 'last.safetensors');
const { tensors, metadata } = readSafetensors(trained);
writeSafetensors(checkpoint, [...tensors, ['optimizer.steps', { dtype: 'I32', shape: [1], data: Int32Array.of(9) }]], {
  ...metadata,
  'stint.budget': JSON.stringify({ points: [], images: 1 }),
});
const bytes = fs.readFileSync(checkpoint);
const at = (name: string) => path.join(folder, name);

test('a smaller network that runs, equal to the masked one; the table says what it lost', async () => {
  const words = ['--checkpoint', checkpoint, '--ratio', '.25', '--round-to', '4', '--protect', 'layer1.*,fpn', 'conv1', '--json'];
  const { code, out, err } = await prune(...words, '--out', at('small.safetensors'));
  expect([code, err]).toEqual([0, '']);
  const summary = JSON.parse(out);
  const count = (name: string) => summary.groups.find((group: { name: string }) => group.name === name).kept.length;
  expect([count('conv1'), count('layer1.0.conv1'), count('fpn'), count('layer2'), count('fpn.inner')]).toEqual([16, 32, 48, 96, 36]);
  const stored = readSafetensors(at('small.safetensors'));
  const values = [...stored.tensors].filter(([name]) => !/running|num_batches/.test(name)).map(([, { data }]) => data.length);
  expect(summary.after.parameters).toBe(values.reduce((a, b) => a + b));
  expect(summary.after.macs / summary.before.macs).toBeLessThan(0.75);
  expect([...stored.tensors.keys()].every((name) => name.startsWith('model.'))).toBe(true);
  expect(stored.metadata).not.toHaveProperty(['stint.budget']);
  expect(JSON.parse(stored.metadata['stint.pruned'])).toMatchObject({ ratio: 0.25, roundTo: 4, protect: ['layer1.*', 'fpn', 'conv1'] });

  const whole = loadCheckpoint(checkpoint);
  const image = { data: Float32Array.from(normalValues(96 * 96 * 3, [1])), height: 96, width: 96 };
  const run = async (from: string | Checkpoint) => {
    const model = await compile(from, { threads: 1, keepMaps: true });
    const result = await model.run(image, { key: [4], wantMasks: true, wantMaps: true });
    model.close();
    return result;
  };
  const got = await run(at('small.safetensors'));
  const want = await run({ ...whole, tensors: masked(whole.tensors, summary.groups) });
  expect(got.masks).toEqual(want.masks);
  const [a, b] = [got.pyramid![0].data, want.pyramid![0].data];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0.1);
  expect(a.every((value, i) => Math.abs(value - b[i]) < 1e-4 * largest)).toBe(true);
  expect(fs.readFileSync(checkpoint).equals(bytes)).toBe(true);

  // Once more, from what came out.
  const again = await prune('--checkpoint', at('small.safetensors'), '--ratio', '0.5', '--criterion', 'slimming', '--out', at('smaller'));
  expect(again.out).toMatch(/layer2 .* 96 .* 48[\s\S]*parameters, thousands: [\d.]+ -> [\d.]+ \(\d\d\.\d %\)/);
});

test('without --out the smaller network goes beside the checkpoint, and replaces nothing', async () => {
  const { code, out } = await prune('--checkpoint', checkpoint, '--ratio', '.5', '--json');
  expect([code, JSON.parse(out).out]).toEqual([0, at('last-pruned-0.5.safetensors')]);
  const pruned = loadCheckpoint(at('last-pruned-0.5.safetensors'));
  expect(pruned.description.backbone.widths).toBeDefined();
  expect((await prune('--checkpoint', checkpoint, '--ratio', '0.50')).err).toMatch(
    /--out .*last-pruned-0\.5\.safetensors exists: name another file, or add --force/,
  );
  expect((await prune('--checkpoint', checkpoint, '--ratio', '0', '--out', at('new/folder/same.safetensors'))).code).toBe(0);
  expect(loadCheckpoint(at('new/folder/same.safetensors')).tensors.size).toBe(loadCheckpoint(checkpoint).tensors.size);
  expect((await prune('--checkpoint', checkpoint, '--ratio', '.5', '--force')).out).toContain(
    `written to ${at('last-pruned-0.5.safetensors')}`,
  );
}, 60_000);

test('what cannot be done is said before anything is written', async () => {
  const basis = ['--checkpoint', checkpoint, '--out', at('never')];
  for (const ratio of ['1', '-.1', 'half', ''])
    expect((await prune(...basis, '--ratio', ratio)).err).toMatch(/^stint: --ratio .*0 <= share < 1/);
  expect((await prune(...basis, '--ratio', '.5', '--protect', 'layer1.0.con2')).err).toBe(
    'stint: --protect: no channels are named "layer1.0.con2" (nearest: "layer1.0.conv2")',
  );
  expect((await prune(...basis, '--ratio', '.5', '--criterion', 'l2')).err).toContain('Allowed choices are l1, slimming, random');
  expect((await prune('--checkpoint', at('nothing'), '--out', at('never'), '--ratio', '.5')).err).toMatch(/--checkpoint .* does not exist/);
  fs.symlinkSync(checkpoint, at('link'));
  for (const out of [checkpoint, at('link'), `${folder}/../${path.basename(folder)}/last.safetensors`]) {
    const { code, err } = await prune('--checkpoint', checkpoint, '--ratio', '.5', '--out', out, '--force');
    expect([code, err]).toEqual([2, expect.stringContaining('is the checkpoint itself, which is never overwritten')]);
  }
  const { stint, 'stint.model': _, ...rest } = metadata;
  writeSafetensors(at('nameless'), tensors, { ...rest, stint });
  expect(await prune('--checkpoint', at('nameless'), '--ratio', '.5', '--out', at('never'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not say which network it holds'),
  });
  fs.writeFileSync(at('there'), 'mine');
  expect((await prune('--checkpoint', checkpoint, '--ratio', '.5', '--out', at('there'))).err).toMatch(
    /exists: name another file, or add --force/,
  );
  expect(fs.readFileSync(at('there'), 'utf8')).toBe('mine');
  expect(fs.existsSync(at('never'))).toBe(false);
  expect(fs.readFileSync(checkpoint).equals(bytes)).toBe(true);
});
