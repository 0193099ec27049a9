// Weights of a PyTorch state_dict on plain arrays, without a tensor library: OIHW -> HWIO, matrices transposed, names checked one by one.

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

/** Row-major float32 values in our layout. */
export interface PlainTensor {
  shape: number[];
  data: Float32Array;
}

/**
 * Parameters from a state_dict, by name. `num_batches_tracked` is ignored.
 * @throws one error that lists every missing, unexpected and misshapen entry.
 */
export function convertTorchWeights(
  entries: TorchEntries,
  parameters: readonly ParameterLayout[],
  options: ImportOptions = {},
): Map<string, PlainTensor> {
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
  return new Map(wanted.map((spec) => [spec.name, toStint(found.get(spec.name)!, spec)]));
}

/** Which of our axes is PyTorch's first, second, ...; undefined when the layouts agree. */
export function torchAxes({ shape, role }: ParameterLayout): number[] | undefined {
  if (shape.length === 2) return [1, 0];
  if (shape.length !== 4) return undefined;
  // A depthwise filter is [k,k,C,1] here and [C,1,k,k] there.
  return role === 'filter' ? [2, 3, 0, 1] : [3, 2, 0, 1];
}

function torchShape(spec: ParameterLayout): number[] {
  return torchAxes(spec)?.map((axis) => spec.shape[axis]) ?? [...spec.shape];
}

function toStint({ shape, data }: TorchTensor, spec: ParameterLayout): PlainTensor {
  const axes = torchAxes(spec);
  if (!axes) return { shape: [...spec.shape], data: Float32Array.from(data) };
  return { shape: [...spec.shape], data: permuted(data, shape, axes) };
}

/** out[i] = data[j] where axis a of j is axis axes[a] of i, row-major; `shape` is that of the data. */
function permuted(data: ArrayLike<number>, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, a) => shape.slice(a + 1).reduce((product, size) => product * size, 1));
  const sizes: number[] = [];
  const steps: number[] = [];
  axes.forEach((axis, a) => {
    sizes[axis] = shape[a];
    steps[axis] = strides[a];
  });
  const out = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return out;
}
