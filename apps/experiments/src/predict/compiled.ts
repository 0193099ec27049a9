// The compiled runtime as a predictor.
import { type Checkpoint, compile, paddedSize, type RunResult } from '@stint/runtime';
import type { NetworkImage, PredictedMask, Predictor, PredictorOptions } from './predictor.ts';

type Kind = NonNullable<NonNullable<Parameters<typeof compile>[1]>['sampler']>['kind'];

/** @param options with the shift resolved. */
export async function openCompiled(checkpoint: Checkpoint, options: PredictorOptions & { shift: number }): Promise<Predictor> {
  const { threads, sampler, density, interval, seed, shift } = options;
  const sampled = checkpoint.description.backbone.sampling && checkpoint.description.backbone.sampling.integration !== 'dense';
  const kind = (sampler ?? (sampled ? 'stochastic' : 'dense')) as Kind;
  const model = await compile(checkpoint, {
    threads,
    shift,
    sampler: { kind, interval, density: density as number | undefined, key: [seed] },
  });
  if (!model.description.head && !model.description.backbone.classes) {
    model.close();
    throw new Error(`${checkpoint.source} has neither a head nor classes: there is nothing to predict; "stint bench" times such a network`);
  }
  return {
    engine: 'compiled',
    about: `${model.isa} kernels, ${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`,
    description: model.description,
    shift,
    async predict(image) {
      const start = performance.now();
      const result = await model.run(image, { wantMasks: kind !== 'dense' });
      const ms = performance.now() - start;
      return { detections: result.detections, logits: result.logits, masks: masksOf(result, image), macs: result.macs, ms };
    },
    close: () => model.close(),
  };
}

function masksOf({ masks = {} }: RunResult, image: NetworkImage): PredictedMask[] {
  const [height, width] = paddedSize(image);
  return Object.entries(masks).flatMap(([block, own]) =>
    ([1, 2, 3] as const).flatMap((mask) => {
      const values = own[`mask${mask}`];
      if (!values) return [];
      // Sides are multiples of 32 and strides powers of two up to it.
      const stride = Math.round(Math.sqrt((height * width) / values.length));
      return [{ block, mask, height: height / stride, width: width / stride, stride, values }];
    }),
  );
}
