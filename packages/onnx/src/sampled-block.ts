// A bottleneck at inference with hard masks, in inference order (paper, section 3.3):
//   h1 = Fill(relu(BN1(conv1 x)), M1)    h2 = relu(BN2(conv2 h1)) at M2    y = relu(Fill(BN3(conv3 h2), M2) + shortcut x)
// 'masked' convolves everywhere and multiplies by the mask. 'sampled' convolves the sampled positions only: NonZero lists them, GatherND
// collects their windows into rows (im2col), MatMul multiplies, ScatterND puts the results in their places.
import { blockUnits, joined } from './block.ts';
import { fillIn } from './fill-in.ts';
import type { Graph, Value } from './graph.ts';
import type { Block } from './network.ts';
import { convNorm, rowsNorm, type Scope } from './units.ts';

export interface Masks {
  /** [1,1,H,W], resolution of the block input. */
  mask1: Value;
  /** [1,1,H',W'], resolution of the block output. */
  mask2: Value;
}

/** @param x [1,inChannels,H,W]. @returns [1,outChannels,H',W'], called `output`. */
export function maskedBlock(scope: Scope, block: Block, x: Value, { mask1, mask2 }: Masks, output: string): Value {
  const { planes, outChannels } = block;
  const units = blockUnits(block);
  const times = (head: 1 | 2, map: Value, mask: Value) => scope.graph.node('Mul', `${block.name}.sampled${head}`, [map, mask]);
  const sampled1 = times(1, convNorm(scope, units[1], x), mask1);
  const h1 = fillIn(scope, block, { head: 1, channels: planes, sampled: sampled1, mask: mask1, source: x });
  const sampled2 = times(2, convNorm(scope, units[3], convNorm(scope, units[2], h1)), mask2);
  const residual = fillIn(scope, block, { head: 2, channels: outChannels, sampled: sampled2, mask: mask2, source: x });
  return joined(scope, block, x, residual, output);
}

/** The same, computed at the sampled positions only. */
export function sampledBlock(scope: Scope, block: Block, x: Value, { mask1, mask2 }: Masks, output: string): Value {
  const { graph } = scope;
  const { name, stride, planes, outChannels } = block;
  const units = blockUnits(block);

  const at1 = positions(graph, `${name}.positions1`, mask1);
  const rows1 = rowsNorm(scope, units[1], graph.node('GatherND', `${name}.rows1`, [channelsLast(graph, `${name}.x`, x), at1.list]));
  const sampled1 = scattered(graph, `${name}.sampled1`, rows1, at1, planes);
  const h1 = fillIn(scope, block, { head: 1, channels: planes, sampled: sampled1, mask: mask1, source: x });

  const at2 = positions(graph, `${name}.positions2`, mask2);
  const windows = windowRows(graph, `${name}.rows2`, h1, at2.list, { size: 3, stride, channels: planes });
  const rows3 = rowsNorm(scope, units[3], rowsNorm(scope, units[2], windows));
  const sampled2 = scattered(graph, `${name}.sampled2`, rows3, at2, outChannels);
  const residual = fillIn(scope, block, { head: 2, channels: outChannels, sampled: sampled2, mask: mask2, source: x });
  return joined(scope, block, x, residual, output);
}

/** [1,C,H,W] -> [H,W,C]. */
function channelsLast(graph: Graph, name: string, x: Value): Value {
  return graph.node('Squeeze', `${name}.hwc`, [graph.node('Transpose', `${name}.nhwc`, [x], { perm: [0, 2, 3, 1] }), graph.ints([0])]);
}

interface Positions {
  /** (y, x) of every sampled position, [n,2] int64, row by row. */
  list: Value;
  /** [H,W] of the mask, int64. */
  size: Value;
}

function positions(graph: Graph, name: string, mask: Value): Positions {
  const plane = graph.node('Squeeze', `${name}.plane`, [mask, graph.ints([0, 1])]);
  const found = graph.node('NonZero', `${name}.nonzero`, [plane]);
  return { list: graph.node('Transpose', name, [found], { perm: [1, 0] }), size: graph.node('Shape', `${name}.size`, [plane]) };
}

/** The k x k windows of a map around output positions, a row each with the window tap after tap: [n, k k C]. */
function windowRows(
  graph: Graph,
  name: string,
  x: Value,
  list: Value,
  { size, stride, channels }: { size: number; stride: number; channels: number },
): Value {
  const pad = size >> 1;
  const framed = graph.node('Pad', `${name}.framed`, [channelsLast(graph, name, x), graph.ints([pad, pad, 0, pad, pad, 0])]);
  // With the frame, the window of output position p begins at p * stride.
  const corner = stride === 1 ? list : graph.node('Mul', `${name}.corner`, [list, graph.ints([stride], [])]);
  const taps = Array.from({ length: size * size }, (_, t) => [Math.floor(t / size), t % size]).flat();
  const where = graph.node('Add', `${name}.where`, [
    graph.node('Unsqueeze', `${name}.corners`, [corner, graph.ints([1])]),
    graph.ints(taps, [1, size * size, 2]),
  ]);
  const gathered = graph.node('GatherND', `${name}.gathered`, [framed, where]);
  return graph.node('Reshape', name, [gathered, graph.ints([-1, size * size * channels])]);
}

/** Rows [n,C] at their positions in a map of zeros, [1,C,H,W]. */
function scattered(graph: Graph, name: string, rows: Value, { list, size }: Positions, channels: number): Value {
  const shape = graph.node('Concat', `${name}.shape`, [size, graph.ints([channels])], { axis: 0 });
  const map = graph.node('ScatterND', `${name}.hwc`, [graph.node('ConstantOfShape', `${name}.zeros`, [shape]), list, rows]);
  const batch = graph.node('Unsqueeze', `${name}.nhwc`, [map, graph.ints([0])]);
  return graph.node('Transpose', name, [batch], { perm: [0, 3, 1, 2] });
}
