// Convolution at sampled output positions only. Paper, section 3.1: features are computed where the mask is 1, and nowhere else.
// The work is S k^2 Cin Cout multiply-adds for S sampled positions:
//   rows[S, k^2 Cin] = gather(x, taps of the sampled positions)   (a zero row stands for the padding)
//   y[S, Cout] = activation(rows W + bias),   out = scatter(y, positions)
// Adjoint, with dy = gather(dout, positions) where the activation let pass:
//   dW = rows^T dy,   dbias = sum dy,   dx = scatter-add(dy W^T, taps)
// This is the reference in TensorFlow.js operations, the oracle of every faster kernel; its gather copies k^2 input rows a position.
import * as tf from '@tensorflow/tfjs-core';
import { type Geometry, outputSize, sampledPositions, tapIndices } from './positions.ts';

export interface SampledConvOptions {
  /** Default 1. */
  stride?: number;
  /** [Cout]; added at sampled positions only. */
  bias?: tf.Tensor1D;
  /** Default 'linear'. Applied at sampled positions, after the bias. */
  activation?: 'linear' | 'relu';
}

/**
 * Convolution with zero padding kernel >> 1, computed where the mask is not zero; 0 elsewhere.
 * @param x [N,H,W,Cin].
 * @param filter [k,k,Cin,Cout], k odd.
 * @param mask [N,H',W',1] at the output's resolution, H' = floor((H - 1) / stride) + 1. It only selects: its values do not scale the
 * result and it gets no gradient. It is read back from the backend.
 * @returns [N,H',W',Cout]. Differentiable (once) in x, filter and bias.
 */
export function sampledConv2d(x: tf.Tensor4D, filter: tf.Tensor4D, mask: tf.Tensor4D, options: SampledConvOptions = {}): tf.Tensor4D {
  const { stride = 1, bias, activation = 'linear' } = options;
  const geometry = check(x, filter, mask, stride, bias, activation);
  const outShape: [number, number, number, number] = [geometry.batch, geometry.outHeight, geometry.outWidth, filter.shape[3]];
  const positions = sampledPositions(mask.dataSync());
  const taps = tapIndices(positions, geometry);

  const operation = tf.customGrad<tf.Tensor4D>((...args) => {
    const save = args.pop() as tf.GradSaveFunc;
    const [input, weights, offset] = args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D?];
    if (positions.length === 0) {
      const inputs = args as tf.Tensor[];
      save(inputs);
      return { value: tf.zeros(outShape), gradFunc: (_, saved) => saved.map((tensor) => tf.zerosLike(tensor)) };
    }
    let y = tf.matMul(gatherRows(input, taps, positions.length), matrix(weights)) as tf.Tensor2D;
    if (offset) y = tf.add(y, offset);
    if (activation === 'relu') y = tf.relu(y);
    save([input, weights, y]);
    return {
      value: tf.reshape(scatterRows(y, positions, outShape), outShape),
      gradFunc: (dout, saved) => tf.tidy(() => gradients(dout, saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D])),
    };
  });

  function gradients(dout: tf.Tensor4D, [input, weights, y]: [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D]): tf.Tensor[] {
    const [batch, height, width, channels] = input.shape;
    const all = tf.reshape(dout, [dout.size / outShape[3], outShape[3]]);
    let dy = tf.gather(all, tf.tensor1d(positions, 'int32')) as tf.Tensor2D;
    if (activation === 'relu') dy = tf.mul(dy, tf.step(y));
    const dweights = tf.reshape(tf.matMul(gatherRows(input, taps, positions.length), dy, true, false), weights.shape);
    const drows = tf.reshape(tf.matMul(dy, matrix(weights), false, true), [taps.length, channels]);
    const cells = batch * height * width;
    const dcells = tf.unsortedSegmentSum(drows, tf.tensor1d(taps, 'int32'), cells + 1);
    const dx = tf.reshape(tf.slice(dcells, [0, 0], [cells, channels]), input.shape);
    return bias ? [dx, dweights, tf.sum(dy, 0)] : [dx, dweights];
  }

  return tf.tidy(() => operation(...(bias ? [x, filter, bias] : [x, filter])));
}

/** [S, k^2 Cin]: the input rows under each position's taps side by side. */
function gatherRows(x: tf.Tensor4D, taps: Int32Array, count: number): tf.Tensor2D {
  const channels = x.shape[3];
  const cells = tf.reshape(x, [x.size / channels, channels]) as tf.Tensor2D;
  const padded = tf.concat([cells, tf.zeros([1, channels])], 0);
  return tf.reshape(tf.gather(padded, tf.tensor1d(taps, 'int32')), [count, (taps.length / count) * channels]);
}

/** Rows at their flat positions of an otherwise zero map. */
function scatterRows(rows: tf.Tensor2D, positions: Int32Array, outShape: number[]): tf.Tensor {
  const [batch, height, width, channels] = outShape;
  return tf.scatterND(tf.tensor2d(positions, [positions.length, 1], 'int32'), rows, [batch * height * width, channels]);
}

/** [k^2 Cin, Cout] */
function matrix(filter: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(filter, [filter.size / filter.shape[3], filter.shape[3]]);
}

function check(x: tf.Tensor4D, filter: tf.Tensor4D, mask: tf.Tensor4D, stride: number, bias?: tf.Tensor1D, activation?: string): Geometry {
  if (x.rank !== 4) throw new Error(`sampledConv2d: x has shape [${x.shape}]; give [N,H,W,Cin]`);
  const [batch, height, width, channels] = x.shape;
  const [kernel, kernelWidth, inChannels, outChannels] = filter.shape;
  if (filter.rank !== 4 || kernel !== kernelWidth || kernel % 2 === 0 || inChannels !== channels) {
    throw new Error(`sampledConv2d: filter [${filter.shape}] does not match x [${x.shape}]; give [k,k,${channels},Cout] with odd k`);
  }
  if (!Number.isInteger(stride) || stride < 1) throw new Error(`sampledConv2d: stride is ${stride}; give a whole number from 1`);
  const [outHeight, outWidth] = [outputSize(height, stride), outputSize(width, stride)];
  if (String(mask.shape) !== String([batch, outHeight, outWidth, 1])) {
    throw new Error(
      `sampledConv2d: mask [${mask.shape}] does not match the output of x [${x.shape}] at stride ${stride}; give [${batch},${outHeight},${outWidth},1]`,
    );
  }
  if (bias && String(bias.shape) !== String([outChannels])) {
    throw new Error(`sampledConv2d: bias [${bias.shape}] does not match filter [${filter.shape}]; give [${outChannels}]`);
  }
  if (activation !== 'linear' && activation !== 'relu') {
    throw new Error(`sampledConv2d: unknown activation '${activation}'; give linear or relu`);
  }
  return { batch, height, width, outHeight, outWidth, kernel, stride };
}
