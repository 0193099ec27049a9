// Fill in the rest: interpolation of the positions that were not computed, and what it costs.
export { type EmptyWindow, type InterpolationSpec, interpolate, type Support } from './interpolate.ts';
export { type InterpolationSize, interpolationMacs } from './macs.ts';
