// What of sampling needs no tensor library: noise, the blue-noise tile, the regular grid.
export { blueNoiseTile } from './blue-noise.ts';
export { normalValues, uniformValues } from './counter.ts';
export { regularGrid } from './regular-grid.ts';
export type { Sampler, SamplerKind } from './sampler.ts';
