// Collects the steps of a plan. Buffers are spans without a place while the plan grows; `finish` gives each its place in the arena.
import type { MaskSlot, ProgramOptions, ProgramStep, Span } from '@stint/sparse-conv/native';
import { placeBuffers } from './arena.ts';

/** What a step is for, beside what it does: for profiles. */
export interface StepInfo {
  /** Parameter or part it belongs to, such as `layer1.0.conv2`. */
  label: string;
  /** Multiply-adds when computed everywhere. */
  denseMacs: number;
  /** Slot whose density scales them; undefined: always all. */
  mask?: MaskSlot;
}

export interface PlanBuilder {
  buffer(floats: number): Span;
  mask(height: number, width: number): MaskSlot;
  step(step: ProgramStep & { label: string }, work?: { macs?: number; mask?: MaskSlot }): void;
  /** Number of steps so far. */
  position(): number;
  /** Places the buffers; `inputs` are needed from the first step on, `outputs` to the last. */
  finish(options: { images: number; inputs: readonly Span[]; outputs: readonly Span[] }): { program: ProgramOptions; steps: StepInfo[] };
}

export function planBuilder(): PlanBuilder {
  const spans: Span[] = [];
  const masks: (readonly [1, number, number])[] = [];
  const steps: ProgramStep[] = [];
  const info: StepInfo[] = [];
  return {
    buffer(floats) {
      const span = { offset: 0, length: floats };
      spans.push(span);
      return span;
    },
    mask: (height, width) => masks.push([1, height, width]) - 1,
    step(step, { macs = 0, mask } = {}) {
      steps.push(step);
      info.push({ label: step.label, denseMacs: macs, mask });
    },
    position: () => steps.length,
    finish({ images, inputs, outputs }) {
      const lives = new Map(spans.map((span) => [span, { length: span.length, first: Number.POSITIVE_INFINITY, last: -1 }]));
      const use = (span: Span, at: number) => {
        const life = lives.get(span)!;
        life.first = Math.min(life.first, at);
        life.last = Math.max(life.last, at);
      };
      steps.forEach((step, at) => {
        for (const span of spansIn(step, lives)) use(span, at);
      });
      for (const span of inputs) use(span, 0);
      for (const span of outputs) use(span, steps.length);
      const used = [...lives].filter(([, { last }]) => last >= 0);
      const { offsets, floats } = placeBuffers(used.map(([, life]) => life));
      used.forEach(([span], i) => {
        span.offset = offsets[i];
      });
      return { program: { arena: floats, masks, images, inputs, outputs, steps }, steps: info };
    },
  };
}

/** The known spans anywhere in a step. */
function spansIn(value: unknown, known: ReadonlyMap<Span, unknown>): Span[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if (known.has(value as Span)) return [value as Span];
  return Object.values(value).flatMap((part) => spansIn(part, known));
}
