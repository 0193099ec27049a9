// The weights of fixture 07, which are a hash of their index: the file need not hold them.

/** Values of tensor `t`, in offset +- gain. */
export function hashed(count: number, t: number, offset = 0, gain = 1): Float32Array {
  const salt = Math.imul(t + 1, 0x85ebca6b);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = Math.imul(i + 1, 0x9e3779b1) ^ salt;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = offset + gain * (((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1);
  }
  return values;
}

/** Parameter number `t` of the state_dict. */
export function hashedWeight(name: string, shape: readonly number[], t: number): Float32Array {
  const [offset, gain] = range(name, shape);
  return hashed(
    shape.reduce((a, b) => a * b, 1),
    t,
    offset,
    gain,
  );
}

function range(name: string, shape: readonly number[]): [offset: number, gain: number] {
  const isNorm = /bn|downsample\.1/.test(name);
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name.endsWith('running_mean') || (isNorm && name.endsWith('bias'))) return [0, 0.1];
  if (isNorm) return name.includes('bn3') ? [0.3, 0.1] : [1, 0.25];
  if (name === 'fc.weight') return [0, 0.05];
  if (name === 'fc.bias') return [0, 0.1];
  return [0, Math.sqrt(6 / (shape[1] * shape[2] * shape[3]))];
}
