// Upsampling in the pyramid. Engines turn sizes into a scale in float32: nearest with floor must come out right all the same.
import { runOnnx } from '../testing/run.ts';
import { pyramid } from './ends.ts';
import { createGraph } from './graph.ts';
import type { Scope } from './units.ts';

test('index floor(i h_in / h_out), for every size that a stride of 2 can leave', async () => {
  const graph = createGraph();
  // The coarse lateral and the fine output hand their input on; the fine lateral gives 0.
  const values: Record<string, number[]> = { 'inner_blocks.1.0.weight': [1], 'layer_blocks.0.0.weight': [0, 0, 0, 0, 1, 0, 0, 0, 0] };
  const get: Scope['body'] = (name, shape) => Float32Array.from(values[name] ?? new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const features = ['fine', 'coarse'].map((name) => {
    const size: [string, string] = [`${name}.H`, `${name}.W`];
    return { value: graph.input(name, [1, 1, ...size]), channels: 1, size };
  });
  const [level] = pyramid({ graph, body: get, pyramid: get, fold: true }, { inChannels: [1, 1], channels: 1, outputs: 1 }, features);
  graph.output(level, [1, 1, 'H', 'W']);
  const bytes = graph.encode({ name: 'upsampling', opset: 17, metadata: {} });
  for (let size = 1; size <= 1100; size += size < 200 ? 1 : 9) {
    const coarse = Math.ceil(size / 2);
    const got = await runOnnx(bytes, {
      fine: { dims: [1, 1, size, 1], data: new Float32Array(size) },
      coarse: { dims: [1, 1, coarse, 1], data: Float32Array.from({ length: coarse }, (_, i) => i) },
    });
    expect(Array.from(got[level].data)).toEqual(Array.from({ length: size }, (_, i) => Math.floor((i * coarse) / size)));
  }
});
