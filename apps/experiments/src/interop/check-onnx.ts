// An exported graph in onnxruntime beside our runtime: the same image, the same masks, every output compared.
import { normalValues } from '@stint/core-sampling/plain';
import { maskInputs } from '@stint/onnx';
import { type BlockMasks, type Checkpoint, compile, paddedSize, type RunResult } from '@stint/runtime';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ExportPlan } from './export-onnx.ts';

/** Greatest difference that passes, as a share of the output's greatest value (at least 1). */
export const TOLERANCE = 1e-4;

export interface OutputCheck {
  output: string;
  shape: readonly number[];
  /** Greatest |ours - theirs| over max(1, greatest |theirs|). */
  difference: number;
  ok: boolean;
}

/** Runs both on an image of noise, `size` [H, W] as it is and not padded: the runtime pads to multiples of 32, so the size must be one. */
export async function checkOnnx(
  checkpoint: Checkpoint,
  { model, mode, masks }: ExportPlan,
  bytes: Uint8Array,
  size: readonly [number, number],
): Promise<OutputCheck[]> {
  const [height, width] = size;
  if (String(paddedSize({ height, width })) !== String(size))
    throw new Error(`the check needs an image whose sides are multiples of 32, ${height}x${width} was given: --check-size 96x160`);
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'all', intraOpNumThreads: 1 });
  const image = normalValues(height * width * 3, [17, height, width]);
  const feeds: Record<string, Tensor> = { image: new Tensor('float32', planar(image, height * width), [1, 3, height, width]) };
  const given: BlockMasks = {};
  if (mode !== 'dense' && masks === 'inputs') {
    for (const [index, { name, shape }] of maskInputs(model, size).entries()) {
      const values = Uint8Array.from(normalValues(shape[2] * shape[3], [18, index]), (value) => (value > 0 ? 1 : 0));
      feeds[name] = new Tensor('float32', Float32Array.from(values), shape);
      put(given, name, values);
    }
  }
  const theirs = await session.run(feeds);
  if (mode !== 'dense' && masks === 'deterministic') {
    for (const name of session.outputNames.filter((each) => /\.mask\d$/.test(each)))
      put(given, name, Uint8Array.from(theirs[name].data as Float32Array));
  }
  // The graph ends before the head, whatever that is.
  const { head: _, ...body } = checkpoint.description;
  const ours = await compile(
    { ...checkpoint, description: body },
    { threads: 1, keepMaps: true, sampler: { kind: mode === 'dense' ? 'dense' : 'given' } },
  );
  try {
    const result = await ours.run({ data: image, height, width }, { masks: mode === 'dense' ? undefined : given, wantMaps: true });
    return session.outputNames.filter((name) => !/\.mask\d$/.test(name)).map((name) => compare(name, theirs[name], result));
  } finally {
    ours.close();
    await session.release();
  }
}

function compare(output: string, { data, dims }: { data: unknown; dims: readonly number[] }, result: RunResult): OutputCheck {
  const theirs = data as Float32Array;
  const ours = ourOutput(output, result);
  if (!ours || ours.length !== theirs.length)
    throw new Error(`onnxruntime gives ${output} [${dims}], our runtime ${ours?.length ?? 'no'} values`);
  let [most, difference] = [1, 0];
  for (let i = 0; i < theirs.length; i++) {
    most = Math.max(most, Math.abs(theirs[i]));
    difference = Math.max(difference, Math.abs(theirs[i] - ours[i]));
  }
  const relative = difference / most;
  return { output, shape: dims, difference: relative, ok: relative <= TOLERANCE };
}

/** c2, c3, ... are features, p2, p3, ... the pyramid. */
function ourOutput(name: string, { features, pyramid, logits }: RunResult): Float32Array | undefined {
  if (name === 'logits') return logits;
  const map = (name.startsWith('c') ? features : pyramid)?.[Number(name.slice(1)) - 2];
  return map && planar(map.data, map.height * map.width, map.channels);
}

function put(masks: BlockMasks, name: string, values: Uint8Array): void {
  const [, block, mask] = /^(.*)\.(mask[12])$/.exec(name)!;
  masks[block] = { ...masks[block], [mask]: values };
}

/** [H,W,C] -> [C,H,W]. */
function planar(image: Float32Array, cells: number, channels = 3): Float32Array {
  return Float32Array.from(image, (_, i) => image[(i % cells) * channels + Math.floor(i / cells)]);
}
