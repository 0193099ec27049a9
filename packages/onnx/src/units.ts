// The units the network is made of: convolution, batch norm, relu, on maps [1,C,H,W] or on rows [n, taps C] of gathered positions.
import type { Graph, Value } from './graph.ts';
import { foldBatchNorm, type Lookup, NORM_PARTS, normParameters, toOihw } from './parameters.ts';

/** Where nodes go and parameters come from. */
export interface Scope {
  graph: Graph;
  body: Lookup;
  pyramid: Lookup;
  /** Batch norm becomes part of the filter, or stays a node of its own. */
  fold: boolean;
}

export interface Unit {
  /** Names of the convolution's and the norm's parameters. */
  conv: string;
  norm: string;
  /** HWIO. */
  shape: readonly [number, number, number, number];
  stride?: number;
  relu?: boolean;
}

/** BN(conv(x)) of a map, with relu when the unit says so. Padding k >> 1 on every side, as PyTorch. */
export function convNorm(scope: Scope, unit: Unit, x: Value): Value {
  const { conv, shape, stride = 1 } = unit;
  return normed(scope, unit, (filter, bias) => {
    const weight = scope.graph.floats(`${conv}.weight`, oihwShape(shape), () => toOihw(filter, shape));
    return convolution(scope.graph, conv, [x, weight, ...bias], shape[0], { stride });
  });
}

/** The same of gathered rows [n, k k I] -> [n, O]; a row holds its window tap after tap. */
export function rowsNorm(scope: Scope, unit: Unit, rows: Value): Value {
  const { conv, shape } = unit;
  const [height, width, inputs, outputs] = shape;
  return normed(scope, unit, (filter, bias) => {
    const weight = scope.graph.floats(`${conv}.weight`, [height * width * inputs, outputs], () => filter);
    const product = scope.graph.node('MatMul', `${conv}.product`, [rows, weight]);
    return bias.length > 0 ? scope.graph.node('Add', conv, [product, ...bias]) : product;
  });
}

/** Folded: one node with a bias. Else: a node without, then BatchNormalization with its four constants. */
function normed(scope: Scope, unit: Unit, convolve: (filter: Float32Array, bias: Value[]) => Value): Value {
  const { graph, body, fold } = scope;
  const { conv, norm, shape, relu } = unit;
  const channels = shape[3];
  const vector = (name: string, data: Float32Array) => graph.floats(name, [channels], () => data);
  let y: Value;
  if (fold) {
    const { filter, bias } = foldBatchNorm(body, conv, norm, shape);
    y = convolve(filter, [vector(`${conv}.bias`, bias)]);
  } else {
    const parts = normParameters(body, norm, channels).map((data, i) => vector(`${norm}.${NORM_PARTS[i]}`, data));
    y = graph.node('BatchNormalization', norm, [convolve(body(`${conv}.weight`, shape), []), ...parts]);
  }
  return relu ? graph.node('Relu', `${conv}.relu`, [y]) : y;
}

/** Convolution with a bias and no norm: pyramid, mask heads. */
export function plainConv(
  graph: Graph,
  get: Lookup,
  name: string,
  shape: readonly number[],
  x: Value,
  { stride = 1, output = name }: { stride?: number; output?: string } = {},
): Value {
  const weight = graph.floats(`${name}.weight`, oihwShape(shape), () => toOihw(get(`${name}.weight`, shape), shape));
  const bias = graph.floats(`${name}.bias`, [shape[3]], () => get(`${name}.bias`, [shape[3]]));
  return convolution(graph, output, [x, weight, bias], shape[0], { stride });
}

const oihwShape = ([height, width, inputs, outputs]: readonly number[]) => [outputs, inputs, height, width];

/** A Conv node: square or one-dimensional kernel, padding k >> 1. */
export function convolution(
  graph: Graph,
  name: string,
  inputs: Value[],
  kernel: number | readonly [number, number],
  { stride = 1, group = 1 }: { stride?: number; group?: number } = {},
): Value {
  const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  const pads = [height >> 1, width >> 1, height >> 1, width >> 1];
  return graph.node('Conv', name, inputs, { kernel_shape: [height, width], pads, strides: [stride, stride], dilations: [1, 1], group });
}
