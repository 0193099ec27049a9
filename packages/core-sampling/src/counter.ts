// Counter-based uniform noise: number i of stream `key` is a hash of (key, i). No state to save or restore: a run that resumes at step s
// draws what the unbroken run drew, and every machine draws the same, because only 32-bit integer arithmetic is used.
//
// The key is absorbed into two words k0, k1; value i is f2(f1(i + k0) ^ k1) with two bijective 32-bit mixers of full avalanche (xorshift and
// odd multiplications, constants of C. Wellons' hash prospector: the triple32 and lowbias32 functions). Two streams coincide only if 64 bits do.
/** f1: 32-bit mixer with three multiplications. */
function mix(h: number): number {
  h ^= h >>> 17;
  h = Math.imul(h, 0xed5ad4bb);
  h ^= h >>> 11;
  h = Math.imul(h, 0xac4c1b51);
  h ^= h >>> 15;
  h = Math.imul(h, 0x31848bab);
  return h ^ (h >>> 14);
}

/** Absorbs a key of integers into two 32-bit words. */
export function hashKey(key: readonly number[]): [number, number] {
  let k0 = mix(key.length + 0x9e3779b9);
  let k1 = mix(key.length + 0x7f4a7c15);
  for (const part of key) {
    if (!Number.isSafeInteger(part))
      throw new Error(`uniformNoise: key [${key}] holds ${part}; give whole numbers, such as [seed, step, layer]`);
    // Both halves of the 53-bit integer: keys that differ by 2^32 are different.
    for (const word of [part | 0, Math.floor(part / 2 ** 32) | 0]) {
      k0 = mix(Math.imul(k0, 5) + word + 0x6a09e667);
      k1 = mix(Math.imul(k1 ^ word, 9) + 0x3c6ef372);
    }
  }
  return [k0, k1];
}

/**
 * The first `count` numbers of stream `key`.
 * @returns numbers of [0,1), multiples of 2^-24 and so exact in float32; never 1.
 */
export function uniformValues(count: number, key: readonly number[]): Float32Array {
  const [k0, k1] = hashKey(key);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = mix(i + k0) ^ k1;
    h ^= h >>> 16;
    h = Math.imul(h, 0x21f0aaad);
    h ^= h >>> 15;
    h = Math.imul(h, 0x735a2d97);
    h ^= h >>> 15;
    values[i] = (h >>> 8) * 2 ** -24;
  }
  return values;
}

/** `count` normal numbers of mean 0 and deviation 1 from stream `key`, by Box and Muller's transform. */
export function normalValues(count: number, key: readonly number[]): Float32Array {
  const values = uniformValues(2 * Math.ceil(count / 2), key);
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[i]));
    const angle = 2 * Math.PI * values[i + 1];
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}
