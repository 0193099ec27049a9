// Parameters by name, checked; batch norm folded into filters; our layouts turned into ONNX's.

/** A float32 parameter in our layout: filters HWIO (depthwise [k,k,C,1]), matrices [in, out]. */
export interface Parameter {
  shape: readonly number[];
  data: Float32Array;
}

/** Parameters by name, such as `backbone.body.layer1.0.conv1.weight`. */
export type ParameterMap = ReadonlyMap<string, Parameter>;

/** Looks a parameter of one part of the network up. @throws with its name when it is missing or has another shape. */
export type Lookup = (name: string, shape: readonly number[]) => Float32Array;

/** Parts of a detector's parameter map; a training checkpoint has `model.` before them, a bare backbone nothing. */
const PREFIXES = ['', 'model.'].map((file) => ({ body: `${file}backbone.body.`, pyramid: `${file}backbone.fpn.` }));
const BARE = { body: '', pyramid: 'fpn.' };

/** Finds out which prefixes the names have. */
export function lookups(params: ParameterMap): { body: Lookup; pyramid: Lookup } {
  const prefixes = [...PREFIXES, BARE].find(({ body }) => params.has(`${body}conv1.weight`));
  if (!prefixes) {
    const some = [...params.keys()].slice(0, 3).join(', ');
    throw new Error(`exportOnnx: no parameter 'backbone.body.conv1.weight' or 'conv1.weight' among ${params.size} (${some}, ...)`);
  }
  return { body: lookup(params, prefixes.body), pyramid: lookup(params, prefixes.pyramid) };
}

function lookup(params: ParameterMap, prefix: string): Lookup {
  return (name, shape) => {
    const found = params.get(prefix + name);
    if (!found) throw new Error(`exportOnnx: parameter '${prefix}${name}' [${shape}] is missing`);
    const size = shape.reduce((a, b) => a * b, 1);
    if (String(found.shape) !== String(shape) || found.data.length !== size) {
      throw new Error(
        `exportOnnx: parameter '${prefix}${name}' is [${found.shape}] with ${found.data.length} values, expected [${shape}]; filters are HWIO`,
      );
    }
    return found.data;
  };
}

/** [k,k,I,O] -> [O,I,k,k]. A depthwise [k,k,C,1] is then [1,C,k,k], the same values as [C,1,k,k]. */
export function toOihw(data: Float32Array, [height, width, inputs, outputs]: readonly number[]): Float32Array {
  const taps = height * width;
  const out = new Float32Array(data.length);
  for (let t = 0; t < taps; t++) {
    for (let i = 0; i < inputs; i++) {
      const from = (t * inputs + i) * outputs;
      for (let o = 0; o < outputs; o++) out[(o * inputs + i) * taps + t] = data[from + o];
    }
  }
  return out;
}

/** The e of every batch norm; also the default of ONNX's BatchNormalization. */
const EPSILON = 1e-5;

/** w' = w scale / sqrt(variance + e), bias = shift - mean scale / sqrt(variance + e). The filter stays HWIO. */
export function foldBatchNorm(
  get: Lookup,
  conv: string,
  norm: string,
  shape: readonly number[],
): { filter: Float32Array; bias: Float32Array } {
  const filter = get(`${conv}.weight`, shape);
  const channels = shape[3];
  const [scale, shift, mean, variance] = normParameters(get, norm, channels);
  const factor = Float64Array.from(scale, (value, c) => value / Math.sqrt(variance[c] + EPSILON));
  const folded = new Float32Array(filter.length);
  for (let i = 0; i < filter.length; i += channels) for (let c = 0; c < channels; c++) folded[i + c] = filter[i + c] * factor[c];
  return { filter: folded, bias: Float32Array.from(shift, (value, c) => value - mean[c] * factor[c]) };
}

/** Scale, shift, running mean and variance, in the order of BatchNormalization's inputs. */
export function normParameters(get: Lookup, norm: string, channels: number): Float32Array[] {
  return NORM_PARTS.map((part) => get(`${norm}.${part}`, [channels]));
}

export const NORM_PARTS = ['weight', 'bias', 'running_mean', 'running_var'] as const;
