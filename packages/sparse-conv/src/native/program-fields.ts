// A step's fields in the order in which native/src/program_reader.cc reads them. What is wrong with them it says itself.
import { describe } from './check.ts';
import { type NativeEngine, rawFilter } from './engine.ts';
import { fillOf } from './interpolate.ts';
import { samplerOf } from './masks.ts';
import type { ProgramStep, Span } from './program-steps.ts';

type Fields = unknown[];

const span = (value: Span | undefined): Fields => [value?.offset, value?.length];
/** null where a step may do without. */
const optionalSpan = (value: Span | undefined | null): Fields => (value ? span(value) : [null]);
const numbers = (list: readonly number[] | undefined, count: number): Fields => Array.from({ length: count }, (_, i) => list?.[i]);

export function stepFields(engine: NativeEngine, step: ProgramStep, name: string): Fields {
  const operation = `nativeProgram: ${name}`;
  switch (step?.op) {
    case 'image':
      return [step.image, ...numbers(step.shape, 4), ...numbers(step.mean, 3), ...numbers(step.std, 3), ...span(step.output)];
    case 'convolve': {
      const { relu = false, residual, output, outputRows = false, whenFull } = step;
      const end = (fields: typeof whenFull & object) => [
        ...optionalSpan(fields.residual),
        Boolean(fields.relu),
        Boolean(fields.outputRows),
        ...span(fields.output),
      ];
      const usual = { residual, relu, outputRows, output };
      return [
        rawFilter(operation, 'filter', step.filter, engine),
        ...numbers(step.shape, 4),
        step.stride ?? 1,
        step.at ?? null,
        Boolean(step.inputRows),
        ...span(step.input),
        ...end(usual),
        Boolean(whenFull),
        ...(whenFull ? end({ ...usual, ...whenFull }) : []),
      ];
    }
    case 'interpolate': {
      const { kind, window, sigma, filter } = fillOf(operation, step.fill, step.shape?.[3]);
      return [
        ...numbers(step.shape, 4),
        ...span(step.features),
        step.mask,
        kind,
        window,
        sigma,
        filter,
        step.where ?? null,
        ...optionalSpan(step.residual),
        Boolean(step.relu),
        ...span(step.output),
      ];
    }
    case 'maskHeads': {
      const stride = step.stride ?? [1, 1];
      const heads = rawFilter(operation, 'heads', step.heads, engine);
      const each = [0, 1].flatMap((i) => [step.bias?.[i], stride[i], ...span(step.outputs?.[i])]);
      return [heads, ...numbers(step.shape, 4), ...span(step.input), ...each];
    }
    case 'drawMask': {
      const { kind, density, key, tileSize, tile, interval } = samplerOf(operation, { key: [], ...step.sampler });
      return [step.mask, kind, ...optionalSpan(step.probability), density, key, tileSize, tile, interval];
    }
    case 'dilate':
      return [step.mask, step.kernel, step.stride, step.from];
    case 'maxPool3x3':
      return [...numbers(step.shape, 4), ...span(step.input), ...span(step.output)];
    case 'upsampleAdd':
      return [...numbers(step.shape, 4), ...numbers(step.coarseSize, 2), ...span(step.coarse), ...span(step.fine), ...span(step.output)];
    case 'subsample':
      return [...numbers(step.shape, 4), step.stride, ...span(step.input), ...span(step.output)];
    case 'meanPool':
      return [...numbers(step.shape, 4), ...span(step.input), ...span(step.output)];
    case 'roiAlign': {
      const levels = step.levels ?? [];
      const each = levels.flatMap(({ shape, stride, input }) => [...numbers(shape, 4), stride, ...span(input)]);
      return [step.size, step.samplingRatio, step.at, ...span(step.rois), levels.length, ...each, ...span(step.output)];
    }
    default:
      throw new TypeError(`${operation}: op is ${describe((step as { op?: unknown } | undefined)?.op)}; give one of the operations`);
  }
}
