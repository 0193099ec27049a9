// Where the two masks of a block come from: inputs of the graph, or thresholds of the mask heads, pi = sigmoid(conv(x)) >= 1/2, with the grid
// prior M[::n, ::n] = 1 (paper, sections 3.1 and 3.3; the sampler that @stint/core-sampling calls 'deterministic').
import type { Value } from './graph.ts';
import { type Block, type ImageSize, maskName, sizeAt } from './network.ts';
import { plainConv, type Scope } from './units.ts';

export type MaskSource = 'inputs' | 'deterministic';

/** TensorProto.DataType.FLOAT, for Cast. */
const FLOAT = 1;

/** Mask 1 or 2 of a block, [1,1,H,W], 0 or 1. @param x the block input, which both heads read. */
export function maskOf(scope: Scope, block: Block, head: 1 | 2, x: Value, source: MaskSource, image: ImageSize): Value {
  const name = maskName(block.name, head);
  if (source === 'inputs') return scope.graph.input(name, [1, 1, ...sizeAt(image, head === 1 ? block.inStride : block.outStride)]);
  const { graph, body } = scope;
  const stride = head === 1 ? 1 : block.stride;
  const logits = plainConv(graph, body, `${block.name}.conv${head}_mask`, [3, 3, block.inChannels, 1], x, { stride });
  const half = graph.floats('float:0.5', [], () => Float32Array.of(0.5));
  const probability = graph.node('Sigmoid', `${name}.probability`, [logits]);
  const chosen = graph.node('GreaterOrEqual', `${name}.chosen`, [probability, half]);
  const { interval } = block.sampling!;
  const all = interval === 0 ? chosen : graph.node('Or', `${name}.all`, [chosen, grid(scope, name, interval, logits)]);
  return graph.node('Cast', name, [all], { to: FLOAT });
}

/** True at every n-th row and column, [H,W]. */
function grid({ graph }: Scope, name: string, interval: number, map: Value): Value {
  const onAxis = (axis: 2 | 3) => {
    const step = (op: string, suffix: string, inputs: Value[], attributes = {}) =>
      graph.node(op, `${name}.${axis === 2 ? 'rows' : 'columns'}.${suffix}`, inputs, attributes);
    const size = step('Squeeze', 'count', [step('Shape', 'shape', [map], { start: axis, end: axis + 1 })]);
    const index = step('Range', 'index', [graph.ints([0], []), size, graph.ints([1], [])]);
    const hit = step('Equal', 'hit', [step('Mod', 'rest', [index, graph.ints([interval], [])]), graph.ints([0], [])]);
    return axis === 2 ? step('Unsqueeze', 'upright', [hit, graph.ints([1])]) : hit;
  };
  return graph.node('And', `${name}.grid`, [onAxis(2), onAxis(3)]);
}
