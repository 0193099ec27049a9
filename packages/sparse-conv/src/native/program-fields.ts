// A step's fields in the order in which native/src/program_reader.cc reads them. What is wrong with most of them it says itself.
import { describe, sizes } from './check.ts';
import { type NativeEngine, rawFilter } from './engine.ts';
import { fillOf } from './interpolate.ts';
import { samplerOf } from './masks.ts';
import type { ConvolveStep, ProgramStep, Span } from './program-steps.ts';

type Fields = unknown[];

const numbers = (list: readonly number[] | undefined, count: number): Fields => Array.from({ length: count }, (_, i) => list?.[i]);

/** Offset and length. */
export function spanFields(operation: string, name: string, span: Span): [number, number] {
  if (typeof span !== 'object' || span === null) throw new TypeError(`${operation}: ${name} is ${describe(span)}; give {offset, length}`);
  return [span.offset, span.length];
}

/** `operation` is for messages. Fields that the addon finds wrong it names after the step's own name. */
export function stepFields(engine: NativeEngine, step: ProgramStep, operation: string): Fields {
  const span = (name: string, value: Span): Fields => spanFields(operation, name, value);
  /** null where a step may do without. */
  const optionalSpan = (name: string, value: Span | undefined | null): Fields => (value ? span(name, value) : [null]);
  const shape = (of: { shape: readonly number[] }): number[] => sizes(operation, 'shape', of.shape, 4);
  switch (step?.op) {
    case 'image':
      return [step.image, ...shape(step), ...numbers(step.mean, 3), ...numbers(step.std, 3), ...span('output', step.output)];
    case 'convolve': {
      const { relu = false, residual, output, outputRows = false, whenFull } = step;
      const end = (fields: Pick<ConvolveStep, 'relu' | 'residual' | 'output' | 'outputRows'>, prefix = '') => [
        ...optionalSpan(`${prefix}residual`, fields.residual),
        Boolean(fields.relu),
        Boolean(fields.outputRows),
        ...span(`${prefix}output`, fields.output),
      ];
      const usual = { residual, relu, outputRows, output };
      return [
        rawFilter(operation, 'filter', step.filter, engine),
        ...shape(step),
        step.stride ?? 1,
        step.at ?? null,
        Boolean(step.inputRows),
        ...span('input', step.input),
        ...end(usual),
        Boolean(whenFull),
        ...(whenFull ? end({ ...usual, ...whenFull }, 'whenFull.') : []),
      ];
    }
    case 'interpolate': {
      const sides = shape(step);
      const { kind, window, sigma, filter } = fillOf(operation, step.fill, sides[3]);
      return [
        ...sides,
        ...span('features', step.features),
        step.mask,
        kind,
        window,
        sigma,
        filter,
        step.where ?? null,
        ...optionalSpan('residual', step.residual),
        Boolean(step.relu),
        ...span('output', step.output),
      ];
    }
    case 'maskHeads': {
      const stride = step.stride ?? [1, 1];
      const heads = rawFilter(operation, 'heads', step.heads, engine);
      const each = [0, 1].flatMap((i) => [step.bias?.[i], stride[i], ...span(`outputs[${i}]`, step.outputs?.[i])]);
      return [heads, ...shape(step), ...span('input', step.input), ...each];
    }
    case 'drawMask': {
      const { kind, density, key, tileSize, tile, interval } = samplerOf(operation, { key: [], ...step.sampler });
      return [step.mask, kind, ...optionalSpan('probability', step.probability), density, key, tileSize, tile, interval];
    }
    case 'dilate':
      return [step.mask, step.kernel, step.stride, step.from];
    case 'upsampleAdd': {
      const spans = [...span('coarse', step.coarse), ...span('fine', step.fine), ...span('output', step.output)];
      return [...shape(step), ...numbers(step.coarseSize, 2), ...spans];
    }
    case 'subsample':
      return [...shape(step), step.stride, ...span('input', step.input), ...span('output', step.output)];
    case 'maxPool3x3':
    case 'meanPool':
      return [...shape(step), ...span('input', step.input), ...span('output', step.output)];
    case 'upsampleBilinear': {
      const input = [...shape(step), step.factor, ...span('input', step.input)];
      return [...input, ...optionalSpan('residual', step.residual), ...span('output', step.output)];
    }
    case 'groupNorm': {
      const { groups, relu = false, scale, shift } = step;
      return [...shape(step), groups, Boolean(relu), scale, shift, ...span('input', step.input), ...span('output', step.output)];
    }
    case 'roiAlign': {
      if (!Array.isArray(step.levels)) throw new TypeError(`${operation}: levels is ${describe(step.levels)}; give a list`);
      const each = step.levels.flatMap((level, i) => [
        ...sizes(operation, `levels[${i}].shape`, level?.shape, 4),
        level.stride,
        ...span(`levels[${i}].input`, level.input),
      ]);
      return [
        step.size,
        step.samplingRatio,
        step.at,
        ...span('rois', step.rois),
        step.levels.length,
        ...each,
        ...span('output', step.output),
      ];
    }
    default: {
      const op = (step as { op?: unknown } | null | undefined)?.op;
      throw new TypeError(`${operation}: op is ${describe(op)}; give one of the operations`);
    }
  }
}
