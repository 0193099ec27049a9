// The network of a checkpoint, compiled by the runtime, in place of TensorFlow's: same masks for the same keys, so the same evaluation.
import type { ImageBatch } from '@stint/datasets';
import { type CompiledModel, compile, type RunOptions, type RunResult } from '@stint/runtime';
import type { RunConfig } from '../config/schema.ts';
import type { SegmentationBatch } from '../task/segmentation/data.ts';
import { eachMask, type Predict } from './evaluate.ts';

/** Compiles a run's checkpoint with the sampler of its evaluation. Throws on samplers that only TensorFlow's side has. */
export function compileRun(checkpoint: string, { evaluate, model: { sampling } }: RunConfig, threads?: number): Promise<CompiledModel> {
  const dense = sampling.integration === 'dense' || evaluate.sampler === 'dense';
  const { sampler: kind } = evaluate;
  const density = evaluate.density === 'matched' ? undefined : evaluate.density;
  if (kind === 'activation' || ((kind === 'random' || kind === 'uniform') && density === undefined)) {
    throw new Error(`the runtime has no sampler '${kind}'${kind === 'activation' ? '' : ' at matched density'}; evaluate with TensorFlow`);
  }
  if (evaluate.sliding) throw new Error('the runtime sees images whole; evaluate window by window with TensorFlow');
  return compile(checkpoint, {
    threads,
    shift: evaluate.shift,
    sampler: dense ? { kind: 'dense' } : { kind, interval: evaluate.interval ?? undefined, density },
  });
}

/**
 * The network as an evaluation takes it. TensorFlow draws the masks of a batch as one map; here each image is run alone, so the two
 * draw the same masks with a batch size of 1.
 */
export function compiledPredict(model: CompiledModel, options: RunOptions = {}): Predict {
  return async (batch, key) => {
    const results = await Promise.all(
      batch.sizes.map((_, i) =>
        model.run(imageOf(batch, i), { ...options, labelSize: labelSizeOf(batch, i), key: i === 0 ? key : [...key, i] }),
      ),
    );
    const names = Object.keys(results[0]?.densities ?? {});
    return {
      found: results.map((result) => foundBy(result)),
      looks: [{ size: [batch.shape[1], batch.shape[2]], densities: names.map((name) => ({ name, masks: masksOf(results, name) })) }],
    };
  };
}

const masksOf = (results: readonly RunResult[], name: string) =>
  eachMask(results[0].densities[name], (_, mask) => results.map(({ densities }) => densities[name][mask] as number));

/** Size of the stored labels, where there are some. */
function labelSizeOf({ truth }: SegmentationBatch, index: number): readonly [number, number] | undefined {
  return truth && [truth[index].label.height, truth[index].label.width];
}

/** Objects, a class a pixel, or a classifier's scores: only their order counts. */
function foundBy({ detections, segmentation, logits }: RunResult) {
  const found = detections ?? segmentation ?? logits;
  if (!found) throw new Error('the checkpoint has neither a head nor a classifier');
  return found;
}

/** Image `index` without the batch's padding. */
function imageOf({ images, shape: [, height, width], sizes }: ImageBatch, index: number) {
  const size = sizes[index];
  const data = new Float32Array(size.height * size.width * 3);
  for (let y = 0; y < size.height; y++) {
    const from = (index * height + y) * width * 3;
    data.set(images.subarray(from, from + size.width * 3), y * size.width * 3);
  }
  return { data, height: size.height, width: size.width };
}
