// Bottleneck with masks. Paper, section 3.3 and figure 3. With two masks, the default, mask 1 says where conv1 is computed, mask 2 where conv2 and
// conv3 are; integration.ts defines the blocks of one and of three masks.
//
//   training order    h1 = Fill(relu(BN1(conv1 x)), M1)    h2 = Fill(relu(BN2(conv2 h1)), M2)    y = relu(BN3(conv3 h2) + shortcut x)
//   inference order   h1 = Fill(relu(BN1(conv1 x)), M1)    h2 = relu(BN2(conv2 h1)) at M2        y = relu(Fill(BN3(conv3 h2), M2) + shortcut x)
//
// The orders agree (6e-5) where the kernel's norm is well above 1e-5; in empty windows and far from the next sample the training order gives
// BN3's shift where the inference order gives 0. fill-in.ts says which kinds of interpolation train in which order.
//
// At inference, compute 'masked' (the default) convolves densely and lets Fill drop what was not sampled; 'sampled' computes only there. Same
// numbers. In tfjs neither is faster than the dense network: 'sampled' copies k k rows a position, and wins over 'masked' only on wide layers
// or below density .3 (README, "Speed"). Real speed takes a kernel that reads in place.
import { sampledConv2d } from '@stint/sparse-conv';
import type * as tf from '@tensorflow/tfjs-core';
import { finish } from './activation.ts';
import { convBatchNorm, foldBatchNorm } from './conv-bn.ts';
import { fillIn } from './fill-in.ts';
import { commutesWithConv3 } from './fill-in-layout.ts';
import { fillings, isSampled, readsOnly } from './integration.ts';
import { drawMasks } from './masks.ts';
import type { BatchNormMode, BlockSamples, BlockSpec, ForwardContext, Params } from './types.ts';

export interface BlockMasks {
  /** [N,H,W,1], resolution of the block input. */
  mask1: tf.Tensor4D;
  /** [N,H',W',1], resolution of the block output. */
  mask2: tf.Tensor4D;
  /** The same; needed with three masks, not read with fewer. */
  mask3?: tf.Tensor4D;
}

export interface MaskedBlockOptions {
  /** With three masks there is one order only. */
  order: 'inference' | 'training';
  compute?: 'masked' | 'sampled';
  batchNorm?: BatchNormMode;
}

/** Output of a block, and what its mask heads said: undefined when it has none or the mode is 'dense'. */
export function blockForward(
  params: Params,
  block: BlockSpec,
  x: tf.Tensor4D,
  ctx: ForwardContext,
): { y: tf.Tensor4D; samples?: BlockSamples } {
  if (ctx.mode === 'dense' || !isSampled(block.sampling)) return { y: denseBlock(params, block, x, ctx.batchNorm) };
  const samples = drawMasks(params, block, x, ctx);
  const commutes = commutesWithConv3(block.sampling.interpolation.kind);
  const order = commutes ? (ctx.order ?? (ctx.mode === 'train' ? 'training' : 'inference')) : 'inference';
  const compute = ctx.mode === 'train' ? 'masked' : ctx.compute;
  return { y: maskedBlock(params, block, x, samples, { order, compute, batchNorm: ctx.batchNorm }), samples };
}

/** The bottleneck of ResNet (stride in conv2): y = relu(BN3(conv3(relu(BN2(conv2(relu(BN1(conv1 x))))))) + shortcut x). */
export function denseBlock(params: Params, block: BlockSpec, x: tf.Tensor4D, batchNorm?: BatchNormMode): tf.Tensor4D {
  const { name, stride } = block;
  const h1 = convBatchNorm(params, `${name}.conv1`, `${name}.bn1`, x, { activate: true, batchNorm });
  const h2 = convBatchNorm(params, `${name}.conv2`, `${name}.bn2`, h1, { stride, activate: true, batchNorm });
  const residual = shortcut(params, block, x, batchNorm);
  return convBatchNorm(params, `${name}.conv3`, `${name}.bn3`, h2, { activate: true, residual, batchNorm });
}

/**
 * The block with masks given from outside; they may be soft or hard.
 * @param x [N,H,W,inChannels].
 * @returns [N,H',W',outChannels], differentiable in x, the parameters and the masks (compute 'sampled': values only).
 */
export function maskedBlock(params: Params, block: BlockSpec, x: tf.Tensor4D, masks: BlockMasks, options: MaskedBlockOptions): tf.Tensor4D {
  const { name, stride } = block;
  const { mask1, mask2 } = masks;
  const { order, batchNorm } = options;
  const fills = fillings(block);
  const unit = (i: 1 | 2 | 3, input: tf.Tensor4D, mask: tf.Tensor4D, stride = 1) => {
    const [conv, norm] = [`${name}.conv${i}`, `${name}.bn${i}`];
    const activate = i < 3;
    if (options.compute !== 'sampled') return convBatchNorm(params, conv, norm, input, { stride, activate, batchNorm });
    if (batchNorm?.mode === 'train') throw new Error(`${name}: compute 'sampled' needs frozen batch norm; use compute 'masked' to train`);
    const { filter, bias } = foldBatchNorm(params, conv, norm);
    return sampledConv2d(input, filter, mask, { stride, bias, activation: activate ? 'relu' : 'linear' });
  };
  const computed = unit(1, x, mask1);
  const h1 = readsOnly(block) ? computed : fillIn(params, block, fills[0], computed, mask1, x);
  const h2 = unit(2, h1, mask2, stride);
  const through = shortcut(params, block, x, batchNorm);
  const branch = fills[fills.length - 1];
  if (branch.mask === 'mask3') {
    const { mask3 } = masks;
    if (!mask3) throw new Error(`${name}: mask3 is missing; a block of three masks needs mask1, mask2 and mask3`);
    const residual = fillIn(params, block, branch, unit(3, fillIn(params, block, fills[1], h2, mask2, h1), mask3), mask3, x);
    return finish(residual, { residual: through, activate: true });
  }
  if (order === 'inference') {
    const residual = fillIn(params, block, branch, unit(3, h2, mask2), mask2, x);
    return finish(residual, { residual: through, activate: true });
  }
  const filled = fillIn(params, block, branch, h2, mask2, x);
  return convBatchNorm(params, `${name}.conv3`, `${name}.bn3`, filled, { activate: true, residual: through, batchNorm });
}

function shortcut(params: Params, { name, stride, downsample }: BlockSpec, x: tf.Tensor4D, batchNorm?: BatchNormMode): tf.Tensor4D {
  return downsample ? convBatchNorm(params, `${name}.downsample.0`, `${name}.downsample.1`, x, { stride, batchNorm }) : x;
}
