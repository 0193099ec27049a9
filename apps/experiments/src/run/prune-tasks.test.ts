// The networks of the other tasks, pruned: what their heads say is what the whole network says with the removed channels silenced.
import { normalValues } from '@stint/core-sampling';
import { startEngine } from '@stint/engine';
import type { NamedTensor } from '@stint/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import { masked } from '../pruning/fixture.ts';
import { pruneModel } from '../pruning/prune-model.ts';
import { tinyClassification, tinySegmentation } from '../task/tiny.ts';
import { createModel, type Model, modelOf } from './model.ts';

beforeAll(() => startEngine({ threads: 1, quiet: true }));

const categories = Array.from({ length: 5 }, (_, id) => ({ id, name: id === 0 ? 'background' : `label ${id}` }));
const { model } = tinySegmentation();
const fcn = (head: object) => tinySegmentation({ model: { ...model, head: { kind: 'fcn', ...head } } });

/** Values without zeros and ones that would hide a channel. */
function shaken({ params }: Model): Map<string, NamedTensor> {
  return new Map(
    Object.entries(params).map(([name, value], i) => {
      const noise = normalValues(value.size, [5, i]);
      const data = (value.dataSync() as Float32Array).map(
        (start, k) => start + (name.endsWith('_var') ? 0.1 * noise[k] ** 2 : 0.1 * noise[k]),
      );
      return [name, { shape: value.shape, data }];
    }),
  );
}

function outputs(config: RunConfig, description: Model['description'], entries: ReadonlyMap<string, NamedTensor>): Float32Array[] {
  const built = modelOf(description, config.model.head, 1);
  try {
    expect([...entries.keys()].sort()).toEqual(Object.keys(built.params).sort());
    return tf.tidy(() => {
      for (const [name, { shape, data }] of entries) built.params[name].assign(tf.tensor(data, [...shape]));
      const { maps } = built.network.forward(built.params, tf.randomNormal([2, 64, 64, 3], 0, 1, 'float32', 3) as tf.Tensor4D, {
        mode: 'inference',
        sampler: { kind: 'stochastic', interval: 4, key: [1] },
      });
      return built.network.head.outputs(built.params, maps, [64, 64]).map((map) => map.dataSync() as Float32Array) as never;
    });
  } finally {
    built.dispose();
  }
}

test.each<[string, RunConfig]>([
  ['FPN decoder', tinySegmentation()],
  ['FCN', fcn({})],
  ['FCN without a convolution of its own', fcn({ convs: 0 })],
  ['classification', tinyClassification()],
])('%s', (name, config) => {
  const whole = createModel(config.model, categories, 1);
  const entries = shaken(whole);
  const pruned = pruneModel(entries, whole.description, { ratio: 0.5, criterion: 'l1', scope: 'layer', roundTo: 1, protect: [], seed: 1 });
  whole.dispose();
  if (name !== 'classification') expect(pruned.description).toMatchObject({ fpn: { channels: 4 }, head: { channels: 4 } });
  const got = outputs(config, pruned.description, pruned.entries);
  const want = outputs(config, whole.description, masked(entries, pruned.groups));
  got.forEach((values, i) => {
    const largest = want[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0.1);
    expect(values.every((value, k) => Math.abs(value - want[i][k]) < 1e-4 * largest)).toBe(true);
  });
});
