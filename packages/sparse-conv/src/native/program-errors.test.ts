// What is wrong with a program is said when it is made, with the step, its label and the field; what is wrong with a run, at the call.
import { type NativeSampler, nativeEngine, nativeInfo, nativeProgram, packFilter, packMaskHeads } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point here
type Any = any;

const engine = nativeEngine();
const floats = (length: number) => new Float32Array(length);
const SHAPE = [1, 4, 4, 16];
const filter = packFilter(engine, { weights: floats(9 * 256), kernel: 3, inChannels: 16, outChannels: 16 });
const pointwise = packFilter(engine, { weights: floats(256), kernel: 1, inChannels: 16, outChannels: 16 });
const heads = packMaskHeads(engine, floats(144), floats(144), 16);
/** Eight maps of 256 floats. */
const span = (index: number, length = 256) => ({ offset: 256 * index, length });
const ARENA = 2048;

function detached<T extends Float32Array | Int32Array | Uint8Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Slots: 0 and 1 of the maps' size, 2 of half, 3 for RoIs. */
const plan = (steps: unknown) => ({
  arena: ARENA,
  images: 2,
  masks: [
    [1, 4, 4],
    [1, 4, 4],
    [1, 2, 2],
    [1, 1, 4],
  ],
  inputs: [span(0), span(1, 16)],
  outputs: [span(7)],
  steps,
});

const steps = {
  image: { op: 'image', image: 1, shape: [1, 4, 4, 3], mean: [1, 2, 3], std: [4, 5, 6], output: span(1) },
  convolve: { op: 'convolve', filter, input: span(0), shape: SHAPE, at: 0, residual: span(2), relu: true, output: span(1) },
  rows: { op: 'convolve', filter: pointwise, input: span(0), shape: SHAPE, at: 0, inputRows: true, outputRows: true, output: span(1) },
  interpolate: {
    ...{ op: 'interpolate', features: span(0), shape: SHAPE, mask: 0, fill: { kind: 'rbf', window: 7, sigma: 3 }, where: 1 },
    ...{ residual: span(2), relu: true, output: span(1) },
  },
  maskHeads: { op: 'maskHeads', input: span(0), shape: SHAPE, heads, bias: [1, 2], stride: [1, 2], outputs: [span(1), span(2)] },
  drawMask: { op: 'drawMask', probability: span(0), mask: 0, sampler: { kind: 'stochastic', key: [1] } },
  dilate: { op: 'dilate', from: 2, mask: 0, kernel: 3, stride: 2 },
  maxPool3x3: { op: 'maxPool3x3', input: span(0), shape: SHAPE, output: span(1) },
  upsampleAdd: { op: 'upsampleAdd', coarse: span(0), coarseSize: [2, 2], fine: span(1), shape: SHAPE, output: span(2) },
  subsample: { op: 'subsample', input: span(0), shape: SHAPE, stride: 2, output: span(1) },
  meanPool: { op: 'meanPool', input: span(0), shape: SHAPE, output: span(1) },
  roiAlign: {
    ...{ op: 'roiAlign', rois: span(2), at: 3, size: 2, samplingRatio: 2, output: span(3) },
    levels: [
      { input: span(0), shape: SHAPE, stride: 4 },
      { input: span(1), shape: [1, 2, 2, 16], stride: 8 },
    ],
  },
};

const ranks = new Int32Array(16);
const sampler = (fields: object) => ({ sampler: { kind: 'stochastic', key: [1], ...fields } as NativeSampler });
const fill = (fields: object) => ({ fill: { kind: 'rbf', window: 7, sigma: 3, ...fields } });
const level = (fields: object) => ({ levels: [steps.roiAlign.levels[0], { ...steps.roiAlign.levels[1], ...fields }] });
const whenFull = (fields: object) => ({ whenFull: fields });

/** The step, what of it is replaced, what is said. */
const wrong: [keyof typeof steps, object, string][] = [
  // Spans of every field: outside, too short, misaligned, none.
  ['convolve', { input: { offset: 1808, length: 256 } }, 'input ends at 2064, outside an arena of 2048 floats'],
  ['convolve', { input: { offset: 2 ** 39, length: 2 ** 39 } }, `input ends at ${2 ** 40}, outside an arena of 2048 floats`],
  ['convolve', { input: span(0, 255) }, 'input has 255 floats; give 256'],
  ['convolve', { input: { offset: 8, length: 256 } }, 'input begins at 8; give a multiple of 16'],
  ['convolve', { input: { offset: -16, length: 256 } }, 'input is not a whole number from 0 to'],
  ['convolve', { input: { offset: 0.5, length: 256 } }, 'input is not a whole number from 0 to'],
  ['convolve', { input: { offset: Number.NaN, length: 256 } }, 'input is not a whole number from 0 to'],
  ['convolve', { input: { offset: 0, length: Number.POSITIVE_INFINITY } }, 'input is not a whole number from 0 to'],
  ['convolve', { input: { offset: '0', length: 256 } }, 'input is not a number'],
  ['convolve', { input: { offset: 0 } }, 'input is not a number'],
  ['convolve', { input: undefined }, 'input is undefined; give {offset, length}'],
  ['convolve', { input: 3 }, 'input is a number; give {offset, length}'],
  ['convolve', { residual: span(2, 100) }, 'residual has 100 floats; give 256'],
  ['convolve', { residual: 'x' }, "residual is 'x'; give {offset, length}"],
  ['convolve', { output: null }, 'output is null; give {offset, length}'],
  ['convolve', { output: span(1, 255) }, 'output has 255 floats; give 256'],
  ['convolve', { output: span(0) }, 'output lies over input; give a span of its own'],
  ['convolve', { output: { offset: 240, length: 256 } }, 'output lies over input; give a span of its own'],
  ['convolve', { output: { offset: 528, length: 256 } }, 'output lies over residual; give a span of its own'],
  ['rows', { residual: span(1) }, 'output lies over residual; give a span of its own'],
  ['rows', { input: span(0, 240) }, 'input has 240 floats; give 256'],
  ['rows', { output: span(1, 240) }, 'output has 240 floats; give 256'],
  ['rows', { filter }, 'inputRows needs kernel 1 and stride 1'],
  ['rows', { stride: 2, at: 2 }, 'inputRows needs kernel 1 and stride 1'],
  ['convolve', { filter: {} }, 'filter is an object; give one made by packFilter()'],
  ['convolve', { filter: null }, 'filter is null; give one made by packFilter()'],
  [
    'convolve',
    { filter: packFilter(engine, { weights: floats(8), kernel: 1, inChannels: 8, outChannels: 1 }) },
    'shape has not the filter',
  ],
  ['convolve', { shape: [1, 4, 4] }, 'shape is [1,4,4]; give [N,H,W,C]'],
  ['convolve', { shape: undefined }, 'shape is undefined; give [N,H,W,C]'],
  ['convolve', { shape: [1, 4, 0, 16] }, 'shape [1,4,0,16] is 0; give a whole number from 1'],
  ['convolve', { shape: [1, 4, Symbol('four'), 16] }, 'shape [1,4,a symbol,16] is a symbol; give a number'],
  ['convolve', { shape: [2 ** 20, 2 ** 20, 1, 16] }, `shape is [${2 ** 20},${2 ** 20},1,16]; give at most 2147483647 positions`],
  ['convolve', { stride: 0 }, 'stride is not a whole number from 1 to 16'],
  ['convolve', { stride: 2 }, 'at is mask 0 of [1,4,4]; [1,2,2] is needed'],
  ['convolve', { at: 2 }, 'at is mask 2 of [1,2,2]; [1,4,4] is needed'],
  ['convolve', { at: 4 }, 'at is not a whole number from 0 to 3'],
  ['convolve', { at: '0' }, 'at is not a number'],
  ['convolve', { unlessFull: 9 }, 'unlessFull is not a whole number from 0 to 3'],
  ['convolve', { unlessFull: {} }, 'unlessFull is not a number'],
  ['convolve', { at: undefined, ...whenFull({ relu: false }) }, 'whenFull needs a mask `at`'],
  ['convolve', whenFull({ output: span(0) }), 'whenFull.output lies over input'],
  ['convolve', whenFull({ output: span(3, 5) }), 'whenFull.output has 5 floats; give 256'],
  ['convolve', whenFull({ residual: { offset: 776, length: 256 } }), 'whenFull.residual begins at 776; give a multiple of 16'],
  ['convolve', whenFull({ residual: span(2), output: { offset: 528, length: 256 } }), 'whenFull.output lies over whenFull.residual'],
  ['image', { image: 2 }, 'image is not a whole number from 0 to 1'],
  ['image', { image: undefined }, 'image is not a number'],
  ['image', { shape: [1, 4, 4, 4] }, 'shape is not that of one image of 3 channels'],
  ['image', { shape: [2, 4, 4, 3] }, 'shape is not that of one image of 3 channels'],
  ['image', { mean: [1, 2] }, 'mean[2] is not a number'],
  ['image', { std: undefined }, 'std[0] is not a number'],
  ['image', { output: span(1, 47) }, 'output has 47 floats; give 48'],
  ['interpolate', { mask: undefined }, 'mask is not a number'],
  ['interpolate', { mask: 2 }, 'mask is mask 2 of [1,2,2]; [1,4,4] is needed'],
  ['interpolate', { where: 3 }, 'where is mask 3 of [1,1,4]; [1,4,4] is needed'],
  ['interpolate', { fill: undefined }, 'fill is undefined; give {kind: rbf | average | convolution | zeros, ...}'],
  ['interpolate', fill({ kind: 'cubic' }), "fill is 'cubic'; give"],
  ['interpolate', fill({ window: 4 }), 'window is 4; give an odd number'],
  ['interpolate', fill({ window: 9 }), 'window is 9; give a whole number from 1 to 7'],
  ['interpolate', fill({ sigma: Number.NaN }), 'sigma is NaN; give a finite number'],
  ['interpolate', fill({ sigma: -1 }), 'sigma is -1; give a number above 0'],
  ['interpolate', fill({ kind: 'convolution' }), 'filter is undefined; give a Float32Array'],
  ['interpolate', fill({ kind: 'convolution', window: 3, filter: floats(143) }), 'filter has 143 elements; give 144'],
  [
    'interpolate',
    fill({ kind: 'convolution', window: 3, filter: detached(floats(144)) }),
    'filter has 0 elements (is its buffer detached?)',
  ],
  ['interpolate', { features: span(0, 3) }, 'features has 3 floats; give 256'],
  ['interpolate', { output: span(0) }, 'output lies over features; give a span of its own'],
  ['interpolate', { residual: undefined, output: span(0) }, 'output lies over features; give a span of its own'],
  ['maskHeads', { heads: pointwise }, "heads is not a 1x1 filter from the input's channels to 18"],
  ['maskHeads', { heads: undefined }, 'heads is undefined; give one made by packFilter()'],
  ['maskHeads', { bias: [1] }, 'bias[1] is not a number'],
  ['maskHeads', { stride: [1, 17] }, 'stride[1] is not a whole number from 1 to 16'],
  ['maskHeads', { outputs: [span(1)] }, 'outputs[1] is undefined; give {offset, length}'],
  ['maskHeads', { outputs: undefined }, 'outputs[0] is undefined; give {offset, length}'],
  ['maskHeads', { outputs: [span(1, 15), span(2)] }, 'outputs[0] has 15 floats; give 16'],
  ['maskHeads', { outputs: [span(1), span(1)] }, 'outputs[1] lies over outputs[0]; give a span of its own'],
  ['maskHeads', { outputs: [span(1), span(0)] }, 'outputs[1] lies over input; give a span of its own'],
  ['drawMask', { mask: -1 }, 'mask is not a whole number from 0 to 3'],
  ['drawMask', { probability: undefined }, 'probability is missing'],
  ['drawMask', { probability: span(0, 15) }, 'probability has 15 floats; give 16'],
  ['drawMask', { sampler: undefined }, 'sampler is'],
  ['drawMask', sampler({ kind: 'dense' }), "sampler is 'dense'; give {kind: stochastic | deterministic | random | blue-noise, ...}"],
  ['drawMask', sampler({ key: [0.5] }), 'key [0.5] holds 0.5; give whole numbers'],
  ['drawMask', sampler({ key: 'k' }), "key is 'k'; 'stochastic' needs one"],
  ['drawMask', sampler({ kind: 'random' }), 'density is undefined; give a number'],
  ['drawMask', sampler({ kind: 'blue-noise' }), 'tile.size is undefined; give a number'],
  ['drawMask', sampler({ kind: 'blue-noise', tile: { size: 4, ranks: detached(ranks.slice()) } }), 'tile.ranks has 0 elements'],
  ['drawMask', sampler({ interval: 1.5 }), 'interval is 1.5; give a whole number'],
  ['dilate', { from: 0 }, 'from is mask 0 of [1,4,4]; [1,2,2] is needed'],
  ['dilate', { from: 0, stride: 1 }, 'from is the mask itself; give another one'],
  ['dilate', { mask: 7 }, 'mask is not a whole number from 0 to 3'],
  ['dilate', { kernel: 2 }, 'kernel is even; give an odd one'],
  ['dilate', { kernel: undefined }, 'kernel is not a number'],
  ['dilate', { stride: 0 }, 'stride is not a whole number from 1 to 16'],
  ['maxPool3x3', { output: span(1, 63) }, 'output has 63 floats; give 64'],
  ['maxPool3x3', { output: span(0) }, 'output lies over input; give a span of its own'],
  ['upsampleAdd', { coarseSize: [5, 2] }, 'coarseSize[0] is not a whole number from 1 to 4'],
  ['upsampleAdd', { coarseSize: [2] }, 'coarseSize[1] is not a number'],
  ['upsampleAdd', { coarse: span(0, 63) }, 'coarse has 63 floats; give 64'],
  ['upsampleAdd', { fine: span(1, 63) }, 'fine has 63 floats; give 256'],
  ['upsampleAdd', { output: span(0) }, 'output lies over coarse; give a span of its own'],
  ['upsampleAdd', { output: { offset: 272, length: 256 } }, 'output lies over fine; give a span of its own'],
  ['subsample', { stride: undefined }, 'stride is not a number'],
  ['subsample', { output: span(1, 63) }, 'output has 63 floats; give 64'],
  ['meanPool', { output: span(1, 15) }, 'output has 15 floats; give 16'],
  ['meanPool', { input: span(0, 15) }, 'input has 15 floats; give 256'],
  ['roiAlign', { at: 0 }, 'at is not of shape [1,1,max]'],
  ['roiAlign', { rois: span(2, 15) }, 'rois has 15 floats; give 16'],
  ['roiAlign', { size: 0 }, 'size is not a whole number from 1 to 64'],
  ['roiAlign', { samplingRatio: 65 }, 'samplingRatio is not a whole number from 0 to 64'],
  ['roiAlign', { levels: [] }, 'levels is not a whole number from 1 to 16'],
  ['roiAlign', { levels: 4 }, 'levels is a number; give a list'],
  ['roiAlign', { levels: [null] }, 'levels[0].shape is undefined; give [N,H,W,C]'],
  ['roiAlign', level({ stride: 16 }), 'levels[1].stride is not twice the one before'],
  ['roiAlign', level({ shape: [1, 2, 2, 8] }), "levels[1].shape has not the first level's channels"],
  ['roiAlign', level({ shape: [2, 2, 2, 16] }), 'levels[1].shape is of more than one image'],
  ['roiAlign', level({ input: span(1, 63) }), 'levels[1].input has 63 floats; give 64'],
  ['roiAlign', level({ input: undefined }), 'levels[1].input is undefined; give {offset, length}'],
  ['roiAlign', { output: span(1) }, 'output lies over levels[1].input; give a span of its own'],
  ['roiAlign', { output: span(3, 255) }, 'output has 255 floats; give 256'],
];

test.each(Object.entries(steps))('%s as it is can be planned', (_name, step) => {
  expect(nativeProgram(engine, plan([step]) as Any).bytes).toBeGreaterThan(4 * ARENA);
});

test.each(wrong)('%s %#: %j', (name, fields, message) => {
  for (const [label, where] of [
    ['res4.2', 'step 1 (res4.2)'],
    [undefined, 'step 1'],
  ]) {
    const options = plan([steps.meanPool, { label, ...steps[name], ...fields }]);
    expect(() => nativeProgram(engine, options as Any)).toThrow(`nativeProgram: ${where}: ${message}`);
  }
});

test('steps that are none', () => {
  const cases: [unknown, string][] = [
    [undefined, 'nativeProgram: step 0: op is undefined; give one of the operations'],
    [null, 'nativeProgram: step 0: op is undefined'],
    ['convolve', 'nativeProgram: step 0: op is undefined'],
    [{ op: 'conv' }, "nativeProgram: step 0: op is 'conv'; give one of the operations"],
    [{ op: 'toString', label: 'odd' }, "nativeProgram: step 0 (odd): op is 'toString'"],
    [{ ...steps.dilate, label: Symbol('l') }, 'nativeProgram: step 0: label is a symbol; give a string'],
    [{ ...steps.dilate, label: 7 }, 'nativeProgram: step 0: label is a number; give a string'],
  ];
  for (const [step, message] of cases) expect(() => nativeProgram(engine, plan([step]) as Any)).toThrow(message);
});

test('filters of another instruction set', () => {
  const { available } = nativeInfo();
  for (const isa of available.filter((isa) => isa !== engine.isa)) {
    const other = nativeEngine({ isa });
    expect(() => nativeProgram(other, plan([steps.convolve]) as Any)).toThrow(
      `nativeProgram: step 0: filter was packed for ${engine.isa}, the engine runs ${isa}; pack it with this engine`,
    );
  }
});

test('what a program is made of, besides its steps', () => {
  const cases: [object, string][] = [
    [{ arena: -1 }, 'arena is -1; give a whole number'],
    [{ arena: 2 ** 41 }, `arena is ${2 ** 41}; give a whole number from 0 to ${2 ** 40}`],
    [{ arena: Number.NaN }, 'arena is NaN'],
    [{ arena: undefined }, 'arena is undefined; give a number'],
    [{ images: 0.5 }, 'images is 0.5; give a whole number from 0 to 65536'],
    [{ masks: 3 }, 'masks is a number; give a list'],
    [{ masks: [[1, 4]] }, 'masks[0] is [1,4]; give [N,H,W]'],
    [{ masks: [[1, 4, 4], [1, 4, 0]] }, 'masks[1] [1,4,0] is 0; give a whole number from 1'], // biome-ignore format: a line
    [{ inputs: [span(0), { offset: 2040, length: 16 }] }, 'inputs[1] begins at 2040; give a multiple of 16'],
    [{ inputs: [span(8)] }, 'inputs[0] ends at 2304, outside an arena of 2048 floats'],
    [{ outputs: [span(7), undefined] }, 'outputs[1] is undefined; give {offset, length}'],
    [{ outputs: [span(7, 257)] }, 'outputs[0] ends at 2049, outside an arena of 2048 floats'],
    [{ steps: undefined }, 'steps is undefined; give a list'],
    [{ masks: [], steps: [steps.dilate] }, 'step 0: mask names a mask of a program that has none'],
    [{ images: 0, steps: [steps.image] }, 'step 0: image is one of a program without images'],
  ];
  for (const [fields, message] of cases) {
    expect(() => nativeProgram(engine, { ...plan([]), ...fields } as Any)).toThrow(`nativeProgram: ${message}`);
  }
  expect(() => nativeProgram({} as Any, plan([]) as Any)).toThrow('nativeProgram: engine is an object; give one made by nativeEngine()');
  expect(() => nativeProgram(engine, undefined as Any)).toThrow('nativeProgram: options is undefined; give an object');
});

const picture = { data: new Uint8Array(48), height: 4, width: 4 };

/** What a run is given, what is said. */
const wrongRuns: [object, string][] = [
  [{ images: [picture] }, 'step 0 (picture): image 1 is not given'],
  [{ images: [picture, { data: new Uint8Array(60), height: 4, width: 5 }] }, 'step 0 (picture): image 1 of 4 x 5 does not fit 4 x 4'],
  [{ images: [picture, picture, picture] }, 'images has 3 elements for a program of 2'],
  [{ images: [picture, { ...picture, height: 5 }] }, 'images[1].data has 48 elements; give 60'],
  [{ images: [picture, { ...picture, width: Number.NaN }] }, 'images[1].width is NaN'],
  [{ images: [undefined, picture] }, 'images[0].height is undefined'],
  [{ images: [{ ...picture, data: floats(48) }] }, 'images[0].data is Float32Array; give a Uint8Array'],
  [{ images: [{ ...picture, data: detached(new Uint8Array(48)) }] }, 'images[0].data has 0 elements (is its buffer detached?); give 48'],
  [{ images: picture }, 'images is an object; give a list'],
  [{ inputs: [floats(255)] }, 'inputs[0] has 255 elements; give 256'],
  [{ inputs: [floats(256), detached(floats(16))] }, 'inputs[1] has 0 elements (is its buffer detached?); give 16'],
  [{ inputs: [new Float64Array(256)] }, 'inputs[0] is Float64Array; give a Float32Array'],
  [{ inputs: [new Float32Array(new SharedArrayBuffer(1024))] }, 'inputs[0] lies in a SharedArrayBuffer; copy it'],
  [{ inputs: [floats(256), floats(16), floats(1)] }, 'inputs has 3 elements for a program of 2'],
  [{ inputs: floats(256) }, 'inputs is an object; give a list'],
  [{ masks: { 4: new Uint8Array(16) } }, "masks names '4', of 4 masks"],
  [{ masks: { body: new Uint8Array(16) } }, "masks names 'body', of 4 masks"],
  [{ masks: { 0: new Uint8Array(15) } }, 'masks[0] has 15 elements; give 16'],
  [{ masks: { 0: [1, 0] } }, 'masks[0] is an object; give a Uint8Array'],
  [{ masks: null }, 'masks is null; give an object'],
  [{ key: [1.5] }, 'key holds 1.5; give whole numbers'],
  [{ key: [1n] }, 'key holds a bigint; give whole numbers'],
  [{ key: 'k' }, "key is 'k'; give a list"],
  [{ shift: Number.NaN }, 'shift is NaN; give a finite number'],
  [{ shift: '1' }, "shift is '1'; give a number"],
  [{ from: 3 }, 'from is 3; give a whole number from 0 to 2'],
  [{ from: 2, to: 1 }, 'to is 1; give a whole number from 2 to 2'],
  [{ to: -1 }, 'to is -1; give a whole number from 0 to 2'],
  [{ want: [4] }, 'want names 4, of 4 masks'],
  [{ want: ['0'] }, "want names '0', of 4 masks"],
  [{ wantOutputs: [1] }, 'wantOutputs[0] is 1; give a whole number from 0 to 0'],
  [{ signal: {} }, 'signal is an object; give an AbortSignal'],
  [{ signal: null }, 'signal is null; give an AbortSignal'],
  [{ images: [picture, picture] }, "step 1 (body): mask 0 is not set: an earlier step or the run's masks must set it"],
];

describe('a run', () => {
  const body = [
    { ...steps.image, label: 'picture' },
    { ...steps.convolve, label: 'body' },
  ];
  const program = nativeProgram(engine, plan(body) as Any);

  test.each(wrongRuns)('%#: %j', async (run, message) => {
    await expect(program.run(run as Any)).rejects.toThrow(`run: ${message}`);
    // Nothing of it is left, and the next one works.
    const good = { images: [picture, picture], masks: { 0: new Uint8Array(16) } };
    expect([...(await program.run(good)).counts]).toEqual([0, -1, -1, -1]);
  });

  test('options that are none', async () => {
    for (const run of [null, 3, 'all']) await expect(program.run(run as Any)).rejects.toThrow('run: options is');
  });
});
