// Weights of a checkpoint in the form the kernels want: frozen batch norm folded in, packed once. Filters are packed at first use and kept, so
// that plans for several image sizes share them.
import type { BlockSpec, MaskIndex } from '@stint/backbones/plain';
import { type NativeEngine, type NativeFill, type PackedFilter, packFilter, packMaskHeads } from '@stint/sparse-conv/native';
import type { Checkpoint, NamedTensor } from '../checkpoint.ts';

/** Added to the variance of a batch norm, as PyTorch does. */
const EPSILON = 1e-5;

export interface Weights {
  /** Convolution, or linear layer, `conv` with its own bias if it has one, or followed by the batch norm `norm`. */
  filter(conv: string, norm?: string): PackedFilter;
  /** Several convolutions of one input as one, their outputs one after another. */
  joined(convs: readonly string[]): PackedFilter;
  /** Two mask heads of a block; they may be one and the same. */
  heads(
    block: string,
    indices: readonly [MaskIndex, MaskIndex],
    channels: number,
  ): { heads: PackedFilter; bias: readonly [number, number] };
  /** How interpolation `head` of a block fills in; `reuse` is the planner's. */
  fill(block: BlockSpec, head: MaskIndex): NativeFill;
  /** 1x1 filter that averages groups of neighbouring channels. */
  channelMeans(from: number, to: number): PackedFilter;
  /** Of a norm that cannot be folded, a number a channel. */
  norm(name: string): { scale: Float32Array; shift: Float32Array };
  shape(name: string): readonly number[];
}

/** @param prefix of the names, such as `backbone.body.`. */
export function weightsOf(engine: NativeEngine, { tensors }: Checkpoint, prefix: string, cache: Map<string, PackedFilter>): Weights {
  const tensor = (name: string): NamedTensor => tensors.get(prefix + name)!;
  const values = (name: string) => tensor(name).data;
  const once = (key: string, make: () => PackedFilter): PackedFilter => {
    const packed = cache.get(prefix + key) ?? make();
    cache.set(prefix + key, packed);
    return packed;
  };
  const pack = ({ weights, bias, shape }: Folded) => {
    const [kernel, , inChannels, outChannels] = shape.length === 2 ? [1, 1, ...shape] : shape;
    return packFilter(engine, { weights, bias, kernel, inChannels, outChannels });
  };
  const plain = (conv: string): Folded => ({
    weights: values(`${conv}.weight`),
    bias: tensors.get(`${prefix}${conv}.bias`)?.data,
    shape: tensor(`${conv}.weight`).shape,
  });
  return {
    filter: (conv, norm) =>
      once(conv, () => {
        const { shape } = tensor(`${conv}.weight`);
        return pack(norm ? { ...foldBatchNorm(values(`${conv}.weight`), (part) => values(`${norm}.${part}`)), shape } : plain(conv));
      }),
    joined: (convs) => once(convs.join('+'), () => pack(join(convs.map(plain)))),
    heads: (block, indices, channels) => {
      const [first, second] = indices.map((head) => `${block}.conv${head}_mask`);
      const heads = once(`${first}+${second}`, () =>
        packMaskHeads(engine, values(`${first}.weight`), values(`${second}.weight`), channels),
      );
      return { heads, bias: [values(`${first}.bias`)[0], values(`${second}.bias`)[0]] };
    },
    fill: ({ name, sampling }, head) => {
      const { kind, window, empty } = sampling!.interpolation;
      if (empty === 'mean')
        throw new Error(`${name}: the kernels know empty windows as zeros only, not as '${empty}'; run the model with tfjs`);
      if (kind === 'rbf') return { kind, window, sigma: values(`${name}.conv${head}_sigma`)[0] };
      if (kind === 'convolution') return { kind, window, filter: values(`${name}.conv${head}_filter`) };
      return kind === 'average' ? { kind, window } : { kind: 'zeros' };
    },
    channelMeans: (from, to) =>
      once(`means ${from} ${to}`, () => {
        const group = from / to;
        const weights = new Float32Array(from * to);
        for (let c = 0; c < from; c++) weights[c * to + Math.floor(c / group)] = 1 / group;
        return packFilter(engine, { weights, kernel: 1, inChannels: from, outChannels: to });
      }),
    norm: (name) => ({ scale: values(`${name}.weight`), shift: values(`${name}.bias`) }),
    shape: (name) => tensor(name).shape,
  };
}

interface Folded {
  weights: Float32Array;
  bias?: Float32Array;
  shape: readonly number[];
}

/** Filter and bias that do the convolution and the frozen batch norm after it: w scale / sqrt(var + e), shift - mean scale / sqrt(var + e). */
export function foldBatchNorm(
  filter: Float32Array,
  norm: (part: 'weight' | 'bias' | 'running_mean' | 'running_var') => Float32Array,
): { weights: Float32Array; bias: Float32Array } {
  const [scale, shift, mean, variance] = [norm('weight'), norm('bias'), norm('running_mean'), norm('running_var')];
  const factor = scale.map((value, c) => value / Math.sqrt(variance[c] + EPSILON));
  return {
    // The output channel is the last axis.
    weights: filter.map((value, i) => value * factor[i % factor.length]),
    bias: shift.map((value, c) => value - mean[c] * factor[c]),
  };
}

/** Filters of equal size and input, with bias, side by side. */
function join(parts: readonly Folded[]): Folded {
  const outs = parts.map(({ shape }) => shape.at(-1)!);
  const total = outs.reduce((sum, out) => sum + out, 0);
  const rows = parts[0].weights.length / outs[0];
  const weights = new Float32Array(rows * total);
  const bias = new Float32Array(total);
  let first = 0;
  parts.forEach((part, p) => {
    for (let row = 0; row < rows; row++) weights.set(part.weights.subarray(row * outs[p], (row + 1) * outs[p]), row * total + first);
    if (part.bias) bias.set(part.bias, first);
    first += outs[p];
  });
  return { weights, bias, shape: [...parts[0].shape.slice(0, -1), total] };
}
