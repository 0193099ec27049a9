// The compiled runtime as a predictor.
import { isSampled } from '@stint/backbones/plain';
import { type Checkpoint, compile, paddedSize, type RunResult } from '@stint/runtime';
import type { NetworkImage, PredictedMask, Predictor, ResolvedOptions } from './predictor.ts';

type Kind = NonNullable<NonNullable<Parameters<typeof compile>[1]>['sampler']>['kind'];

export async function openCompiled(checkpoint: Checkpoint, options: ResolvedOptions): Promise<Predictor> {
  const { task, threads, sampler, density, interval, seed, shift } = options;
  const kind = (sampler ?? (isSampled(checkpoint.description.backbone.sampling) ? 'stochastic' : 'dense')) as Kind;
  const model = await compile(checkpoint, {
    threads,
    shift,
    sampler: { kind, interval, density: density as number | undefined, key: [seed] },
  });
  return {
    engine: 'compiled',
    about: `${model.isa} kernels, ${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`,
    description: model.description,
    shift,
    task,
    async predict(image, labelSize) {
      const start = performance.now();
      const result = await model.run(image, { wantMasks: kind !== 'dense', labelSize });
      const ms = performance.now() - start;
      const { detections, segmentation: labels, logits, macs } = result;
      return { detections, labels, logits, masks: masksOf(result, image), macs, ms };
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
