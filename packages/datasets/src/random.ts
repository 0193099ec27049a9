// Random streams named by a key: the stream is a pure function of the key, equal on every machine.
// A key such as [seed, step, index] makes a draw that does not depend on what was drawn before, so a run resumes anywhere.
// The key fills the 128 bits of state of xoroshiro128+ (Blackman and Vigna 2018) through the finaliser of MurmurHash3.
import { xoroshiro128plus } from 'pure-rand/generator/XoroShiro';

const { floor, imul } = Math; // looking `Math` up for every pixel is slow inside a vm context, where jest runs

export interface RandomStream {
  /** 32 random bits, as an unsigned integer. */
  bits(): number;
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in low..high, both included. */
  integer(low: number, high: number): number;
}

/** The stream of a key of safe integers. Keys that differ in a value, the order or the length give unrelated streams. */
export function randomStream(key: readonly number[]): RandomStream {
  const generator = xoroshiro128plus.fromState([hash(key, 1), hash(key, 2), hash(key, 3), hash(key, 4)]);
  const bits = () => generator.unsafeNext() >>> 0;
  const uniform = () => bits() / 2 ** 32;
  return {
    bits,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    // The bias of the multiplication is below (high - low + 1) / 2^32.
    integer: (low, high) => low + floor((high - low + 1) * uniform()),
  };
}

function hash(key: readonly number[], salt: number): number {
  let state = mix(salt + key.length * 0x9e3779b9);
  for (const value of key) {
    if (!Number.isSafeInteger(value)) throw new Error(`randomStream: key [${key.join(', ')}] must hold integers only`);
    state = mix(imul(state, 31) + mix(value | 0));
    state = mix(imul(state, 31) + floor(value / 2 ** 32));
  }
  return state;
}

function mix(value: number): number {
  value = imul(value ^ (value >>> 16), 0x85ebca6b);
  value = imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
