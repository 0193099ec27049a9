// Where to compute: mask probabilities, Gumbel masks, noise, samplers, grid prior, temperature, sparse loss, sample lists.

export { normalValues, uniformValues } from './counter.ts';
export { emptyWindows } from './empty-windows.ts';
export { withGridPrior } from './grid-prior.ts';
export { type GumbelNoise, gumbelMask } from './gumbel.ts';
export { normalNoise, uniformNoise } from './noise.ts';
export { maskProbability } from './probability.ts';
export { density, sampleList } from './sample-list.ts';
export { type Sampler, type SamplerKind, sampleMask } from './sampler.ts';
export { type BlockProbabilities, sparseLoss } from './sparse-loss.ts';
export { temperatureAt, temperatureByFactor } from './temperature.ts';
