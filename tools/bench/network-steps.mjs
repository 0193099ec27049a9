// ResNet-101 (stem and 33 bottlenecks) as a list of the addon's operations, dense or sampled at given masks, with random weights: what the
// runtime runs for one image. Buffers are made once and shared by all lists of a network.

const BLOCKS = [3, 4, 23, 3];
const PLANES = [64, 128, 256, 512];
const GRID = 11;
const SIGMA = 3;
const WINDOW = 7;

const half = (side) => ((side - 1) >> 1) + 1;

/** Uniform numbers on [-.5, .5), the same in every run. */
export function random(count, seed) {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** The bottlenecks in order: channels, planes, stride, sides of the input and of the output. */
export function bottlenecks(height, width) {
  let [h, w, channels] = [half(half(height)), half(half(width)), 64];
  return PLANES.flatMap((planes, stage) =>
    Array.from({ length: BLOCKS[stage] }, (_, i) => {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      const [outHeight, outWidth] = stride === 2 ? [half(h), half(w)] : [h, w];
      const block = { channels, planes, stride, h, w, outHeight, outWidth, cells: h * w, outCells: outHeight * outWidth, first: i === 0 };
      [h, w, channels] = [outHeight, outWidth, 4 * planes];
      return block;
    }),
  );
}

/** Multiply-adds of the whole network, at the masks' densities or dense; mask heads and interpolations counted as the paper counts them. */
export function countMacs(height, width, masks) {
  const stem = half(height) * half(width) * 147 * 64;
  return bottlenecks(height, width).reduce((total, b, i) => {
    const [d1, d2] = masks ? [masks[i].positions1.length / b.cells, masks[i].positions2.length / b.outCells] : [1, 1];
    const conv1 = b.cells * b.channels * b.planes * d1;
    const rest = b.outCells * b.planes * b.planes * (9 + 4) * d2;
    const downsample = b.first ? b.outCells * b.channels * 4 * b.planes : 0;
    const heads = masks ? (b.cells + b.outCells) * 9 * b.channels : 0;
    const fill = WINDOW * WINDOW * ((1 - d1) * d1 * b.cells * b.planes + (1 - d2) * d2 * b.outCells * 4 * b.planes);
    return total + conv1 + rest + downsample + heads + (masks ? fill : 0);
  }, stem);
}

/** A mask of the given share of ones, the grid of the paper's prior among them. */
function drawMask(height, width, density, seed) {
  const grid = (i) => Math.floor(i / width) % GRID === 0 && (i % width) % GRID === 0;
  const cells = height * width;
  const fixed = Math.ceil(height / GRID) * Math.ceil(width / GRID);
  const chance = (density * cells - fixed) / (cells - fixed);
  const noise = random(cells, seed);
  const mask = Uint8Array.from(noise, (value, i) => Number(grid(i) || value + 0.5 < chance));
  return { mask, positions: Int32Array.from(mask.keys()).filter((i) => mask[i]) };
}

/** Seeded masks of every block: mask1, positions1 on its input, mask2, positions2 on its output. */
export function drawMasks(height, width, density) {
  return bottlenecks(height, width).map((b, i) => {
    const [one, two] = [drawMask(b.h, b.w, density, 2 * i + 1), drawMask(b.outHeight, b.outWidth, density, 2 * i + 2)];
    return { mask1: one.mask, positions1: one.positions, mask2: two.mask, positions2: two.positions };
  });
}

/** Packed filters of every layer for one engine, and the buffers. */
export function buildNetwork({ Filter }, raw, height, width) {
  let seed = 100;
  const pack = (kernel, channels, out, gain = 1) => {
    const scale = gain * Math.sqrt(24 / (kernel * kernel * channels)); // variance 2 / fan-in
    const weights = random(kernel * kernel * channels * out, seed++).map((value) => value * scale);
    return new Filter(raw, kernel, channels, out, weights, random(out, seed++));
  };
  const blocks = bottlenecks(height, width).map((b) => ({
    ...b,
    conv1: pack(1, b.channels, b.planes),
    conv2: pack(3, b.planes, b.planes),
    conv3: pack(1, b.planes, 4 * b.planes, 0.3),
    downsample: b.first ? pack(1, b.channels, 4 * b.planes) : undefined,
    heads: pack(1, b.channels, 18, 0.1),
  }));
  const size = (of) => Math.max(...blocks.map(of));
  const floats = (count) => new Float32Array(count);
  return {
    raw,
    height,
    width,
    blocks,
    stem: pack(7, 3, 64),
    image: random(height * width * 3, 1),
    stemMap: floats(half(height) * half(width) * 64),
    maps: [0, 1, 2].map(() => floats(size((b) => Math.max(b.cells * b.channels, b.outCells * 4 * b.planes)))),
    inner: floats(size((b) => b.cells * b.planes)),
    rows: floats(size((b) => b.outCells * b.planes)),
    probability: [0, 1].map(() => floats(size((b) => b.cells))),
    drawn: { mask: new Uint8Array(size((b) => b.cells)), positions: new Int32Array(size((b) => b.cells)) },
    needed: { mask: new Uint8Array(size((b) => b.cells)), positions: new Int32Array(size((b) => b.cells)) },
  };
}

/** {kind, run}[]: the operations of one image in order, sampled at the masks, or dense without. */
export function listSteps(net, masks) {
  const steps = [];
  const push = (kind, run) => steps.push({ kind, run });
  const { raw, height, width, stem, image, stemMap } = net;
  let [x, other] = net.maps;
  const pooled = x.subarray(0, half(half(height)) * half(half(width)) * 64);
  push('stem', () => raw.convolve(stem, 1, height, width, 3, 2, null, false, image, null, true, false, stemMap));
  push('stem', () => raw.maxPool(1, half(height), half(width), 64, stemMap, pooled));
  net.blocks.forEach((b, i) => {
    const input = x.subarray(0, b.cells * b.channels);
    // The output replaces the shortcut, which nothing else needs then: less memory to go through.
    if (b.first) [x, other] = [other, x];
    const output = x.subarray(0, b.outCells * 4 * b.planes);
    const block = { ...b, input, output, inner: net.inner.subarray(0, b.cells * b.planes) };
    if (b.first) {
      const shape = [1, b.h, b.w, b.channels];
      push('downsample', () => raw.convolve(b.downsample, ...shape, b.stride, null, false, input, null, false, false, output));
    }
    if (masks) sampledBlock(net, block, masks[i], push);
    else denseBlock(net, block, push);
  });
  return steps;
}

function denseBlock(net, b, push) {
  const { raw } = net;
  const middle = net.rows.subarray(0, b.outCells * b.planes);
  push('conv1', () => raw.convolve(b.conv1, 1, b.h, b.w, b.channels, 1, null, false, b.input, null, true, false, b.inner));
  push('conv2', () => raw.convolve(b.conv2, 1, b.h, b.w, b.planes, b.stride, null, false, b.inner, null, true, false, middle));
  push('conv3', () => raw.convolve(b.conv3, 1, b.outHeight, b.outWidth, b.planes, 1, null, false, middle, b.output, true, false, b.output));
}

/** The masks are given; they are drawn all the same, into nowhere, for the time it takes. */
function sampledBlock(net, b, { mask1, positions1, mask2, positions2 }, push) {
  const { raw } = net;
  const [probability1, probability2] = [net.probability[0].subarray(0, b.cells), net.probability[1].subarray(0, b.outCells)];
  const [inShape, innerShape] = [
    [1, b.h, b.w, b.channels],
    [1, b.h, b.w, b.planes],
  ];
  const outShape = [1, b.outHeight, b.outWidth, 4 * b.planes];
  const rows = net.rows.subarray(0, positions2.length * b.planes);
  const features = net.maps[2].subarray(0, b.outCells * 4 * b.planes);
  const drawn = (cells) => [net.drawn.mask.subarray(0, cells), net.drawn.positions.subarray(0, cells)];
  const [drawn1, drawn2] = [drawn(b.cells), drawn(b.outCells)];
  const needed = net.needed.mask.subarray(0, b.cells);
  const neededList = net.needed.positions.subarray(0, b.cells);
  const key = Float64Array.of(1, 2, 3);

  push('mask heads', () => raw.maskHeads(b.heads, ...inShape, b.input, 0, 1, probability1, 0, b.stride, probability2));
  push('draw', () => {
    raw.drawMask(1, b.h, b.w, 1, 0, probability1, 0, key, 0, null, GRID, ...drawn1);
    raw.drawMask(1, b.outHeight, b.outWidth, 1, 0, probability2, 0, key, 0, null, GRID, ...drawn2);
    raw.dilate(1, b.h, b.w, 1, 3, b.stride, positions2, needed, neededList);
  });
  push('conv1', () => raw.convolve(b.conv1, ...inShape, 1, positions1, false, b.input, null, true, false, b.inner));
  push('interp1', () => raw.interpolate(...innerShape, b.inner, mask1, 0, WINDOW, SIGMA, null, needed, null, false, b.inner));
  push('conv2', () => raw.convolve(b.conv2, ...innerShape, b.stride, positions2, false, b.inner, null, true, true, rows));
  push('conv3', () => raw.convolve(b.conv3, 1, b.outHeight, b.outWidth, b.planes, 1, positions2, true, rows, null, false, false, features));
  push('interp2', () => raw.interpolate(...outShape, features, mask2, 0, WINDOW, SIGMA, null, null, b.output, true, b.output));
}
