// Weights of a PyTorch state_dict to parameters and back: OIHW <-> HWIO, matrices transposed, names checked one by one.
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from './types.ts';

export interface TorchTensor {
  shape: readonly number[];
  data: ArrayLike<number>;
}

export type TorchEntries = ReadonlyMap<string, TorchTensor> | Record<string, TorchTensor>;

/** The part of a parameter's description that layout depends on. */
export interface ParameterLayout {
  name: string;
  shape: readonly number[];
  role: string;
}

export interface ImportOptions {
  /** Only entries whose name starts with it are read, and it is cut off, such as 'backbone.' or 'module.'. */
  prefix?: string;
  /** Parameters that may be missing, such as /_mask|_sigma|_filter/ when the weights are of a dense network. They are left out of the result. */
  allowMissing?: RegExp;
  /** Entries that may be there without a parameter, such as /^fc\./. */
  allowUnexpected?: RegExp;
}

/**
 * Parameters from a state_dict. `num_batches_tracked` is ignored. The caller owns the tensors.
 * @throws one error that lists every missing, unexpected and misshapen entry.
 */
export function importTorchWeights(entries: TorchEntries, parameters: readonly ParameterLayout[], options: ImportOptions = {}): Params {
  const { prefix = '', allowMissing, allowUnexpected } = options;
  const pairs = entries instanceof Map ? [...entries] : Object.entries(entries as Record<string, TorchTensor>);
  const found = new Map<string, TorchTensor>();
  for (const [name, tensor] of pairs) {
    if (name.startsWith(prefix) && !name.endsWith('num_batches_tracked')) found.set(name.slice(prefix.length), tensor);
  }
  const known = new Map(parameters.map((spec) => [spec.name, spec]));
  const missing = [...known.keys()].filter((name) => !found.has(name) && !allowMissing?.test(name));
  const unexpected = [...found.keys()].filter((name) => !known.has(name) && !allowUnexpected?.test(name));
  const wanted = [...known.values()].filter(({ name }) => found.has(name));
  const misshapen = wanted
    .filter((spec) => String(found.get(spec.name)!.shape) !== String(torchShape(spec)))
    .map((spec) => `${spec.name}: [${found.get(spec.name)!.shape}], expected [${torchShape(spec)}]`);
  const complaints = [
    ['missing', missing],
    ['unexpected', unexpected],
    ['of another shape', misshapen],
  ].filter(([, list]) => list.length > 0) as [string, string[]][];
  if (complaints.length > 0) {
    const text = complaints.map(([what, list]) => `\n  ${what} (${list.length}): ${list.join(', ')}`).join('');
    throw new Error(`importTorchWeights: the weights do not fit the network${prefix && ` (prefix '${prefix}')`}:${text}`);
  }
  return Object.fromEntries(wanted.map((spec) => [spec.name, toStint(found.get(spec.name)!, spec)]));
}

/** The inverse: a state_dict (without num_batches_tracked), in the order of `parameters`. */
export function exportTorchWeights(
  params: Params,
  parameters: readonly ParameterLayout[],
): Map<string, { shape: number[]; data: Float32Array }> {
  return new Map(
    parameters.map((spec) => {
      const tensor = params[spec.name];
      if (!tensor || String(tensor.shape) !== String(spec.shape)) {
        throw new Error(`exportTorchWeights: '${spec.name}' is [${tensor?.shape ?? 'missing'}], expected [${spec.shape}]`);
      }
      const order = torchAxes(spec);
      const data = tf.tidy(() => (order ? tf.transpose(tensor, order) : tf.clone(tensor)));
      const entry = { shape: [...data.shape], data: data.dataSync() as Float32Array };
      data.dispose();
      return [spec.name, entry];
    }),
  );
}

/** Which of our axes is PyTorch's first, second, ...; undefined when the layouts agree. */
function torchAxes({ shape, role }: ParameterLayout): number[] | undefined {
  if (shape.length === 2) return [1, 0];
  if (shape.length !== 4) return undefined;
  // A depthwise filter is [k,k,C,1] here and [C,1,k,k] there.
  return role === 'filter' ? [2, 3, 0, 1] : [3, 2, 0, 1];
}

function torchShape(spec: ParameterLayout): number[] {
  return torchAxes(spec)?.map((axis) => spec.shape[axis]) ?? [...spec.shape];
}

function toStint({ shape, data }: TorchTensor, spec: ParameterLayout): tf.Tensor {
  const values = tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), [...shape]);
  const axes = torchAxes(spec);
  if (!axes) return values;
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  const result = tf.transpose(values, inverse);
  values.dispose();
  return result;
}
