// Interpolation of what was not computed, as nodes: OUT = M F + (1 - M) Fhat. Paper, section 3.2:
//   rbf, average   Fhat = DWConv(F M, K) / (Conv(M, K) + 1e-5), K separable: k(d) = s / sqrt(2 pi) exp(-s^2/2 d^2), or 1
//   convolution    Fhat = DWConv(F M, W), W learned, not normalised
//   reuse          Fhat = the layer's input: after conv1 the mean of neighbouring channels of the block input, after BN3 nothing
//   zeros          Fhat = 0
// Windows are cut at the map's border. An empty window gives 0.
import type { Value } from './graph.ts';
import type { Block } from './network.ts';
import { toOihw } from './parameters.ts';
import { convolution, type Scope } from './units.ts';

const EPSILON = 1e-5;

export interface FillIn {
  head: 1 | 2;
  channels: number;
  /** F M, [1,channels,H,W]: features, zero where the mask is. */
  sampled: Value;
  /** [1,1,H,W]. */
  mask: Value;
  /** The block input; read by 'reuse' at head 1. */
  source: Value;
}

/** The filled map, [1,channels,H,W]. */
export function fillIn(scope: Scope, block: Block, part: FillIn): Value {
  const { graph } = scope;
  const { head, channels, sampled, mask, source } = part;
  const { kind } = block.sampling!.interpolation;
  const name = `${block.name}.fill${head}`;
  const node = (op: string, suffix: string, ...inputs: Value[]) => graph.node(op, `${name}${suffix}`, inputs);
  if (kind === 'zeros' || (kind === 'reuse' && head === 2)) return sampled;

  const missing = node('Sub', '.missing', scalar(scope, 1), mask);
  if (kind === 'reuse') return node('Add', '', sampled, node('Mul', '.reused', missing, channelMeans(scope, block, source)));
  if (kind === 'convolution') return node('Add', '', sampled, node('Mul', '.filtered', missing, learned(scope, block, part)));
  const kernel = kernelOf(scope, block, head);
  const sum = separable(scope, `${name}.sum`, kernel, channels, sampled);
  const norm = node('Add', '.norm', separable(scope, `${name}.weight`, kernel, 1, mask), scalar(scope, EPSILON));
  return node('Add', '', sampled, node('Mul', '.mean', node('Div', '.ratio', missing, norm), sum));
}

function scalar({ graph }: Scope, value: number): Value {
  return graph.floats(`float:${value}`, [], () => Float32Array.of(value));
}

/** k(-r), ..., k(r). */
function kernelOf({ body }: Scope, { name, sampling }: Block, head: 1 | 2): Float32Array {
  const { kind, window } = sampling!.interpolation;
  const sigma = kind === 'rbf' ? body(`${name}.conv${head}_sigma`, [1])[0] : 0;
  const factor = kind === 'rbf' ? sigma / Math.sqrt(2 * Math.PI) : 1;
  return Float32Array.from({ length: window }, (_, i) => factor * Math.exp(-0.5 * (sigma * (i - (window >> 1))) ** 2));
}

/** Sum over the window with weights k(dy) k(dx): two depthwise passes. */
function separable({ graph }: Scope, name: string, kernel: Float32Array, channels: number, x: Value): Value {
  const window = kernel.length;
  const repeated = () => Float32Array.from({ length: channels * window }, (_, i) => kernel[i % window]);
  const pass = (axis: 'x' | 'y', input: Value) => {
    const size: [number, number] = axis === 'x' ? [1, window] : [window, 1];
    const shape = [channels, 1, ...size];
    const filter = graph.floats(`${name}.kernel_${axis}`, shape, repeated);
    return convolution(graph, `${name}.${axis}`, [input, filter], size, { group: channels });
  };
  return pass('y', pass('x', x));
}

function learned({ graph, body }: Scope, { name, sampling }: Block, { head, channels, sampled }: FillIn): Value {
  const { window } = sampling!.interpolation;
  const filter = `${name}.conv${head}_filter`;
  const shape = [window, window, channels, 1];
  const weight = graph.floats(filter, [channels, 1, window, window], () => toOihw(body(filter, shape), shape));
  return convolution(graph, `${name}.fill${head}.filter`, [sampled, weight], window, { group: channels });
}

/** Means over groups of neighbouring channels, [1,C,H,W] -> [1,planes,H,W]: a grouped 1x1 convolution. */
function channelMeans({ graph }: Scope, { name, inChannels, planes }: Block, x: Value): Value {
  if (inChannels === planes) return x;
  const group = inChannels / planes;
  if (!Number.isInteger(group)) {
    throw new Error(
      `exportOnnx: interpolation 'reuse' averages the ${inChannels} input channels of ${name} down to ${planes}; give a divisor`,
    );
  }
  const weight = graph.floats(`means:${group}x${planes}`, [planes, group, 1, 1], () => new Float32Array(inChannels).fill(1 / group));
  return convolution(graph, `${name}.means`, [x, weight], 1, { group: planes });
}
