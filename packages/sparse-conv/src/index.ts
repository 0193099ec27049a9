// Compute only there: convolution at sampled positions.
export { outputSize } from './positions.ts';
export { type SampledConvOptions, sampledConv2d } from './sampled-conv2d.ts';
