// How much each channel of a group matters, by three criteria.
//   l1        Li et al. 2017, section 3.1: the sum of |w| over the filter that makes the channel; over all filters where several add up.
//   slimming  Liu et al. 2017, section 3: |gamma| of its batch norm; the largest where there are several, so that a channel is below a
//             threshold when all its gammas are.
//   random    uniform numbers, a pure function of the seed and the group's name: the control.
import type { ChannelGroup, Entries, PruneOptions } from './types.ts';

/** Sum of |w| of each output of a filter [k,k,in,out], in double precision. */
export function l1Norms({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }): Float64Array {
  const outputs = shape[shape.length - 1];
  const norms = new Float64Array(outputs);
  for (let i = 0; i < data.length; i++) norms[i % outputs] += Math.abs(data[i]);
  return norms;
}

/** A score a channel, the higher the better; undefined when the criterion says nothing about the group. */
export function channelScores(group: ChannelGroup, entries: Entries, options: PruneOptions): Float64Array | undefined {
  if (options.criterion === 'random') return randomScores(group, options.seed);
  const use = options.criterion === 'l1' ? 'filter' : 'scale';
  const tensors = group.members.filter((member) => member.use === use).map(({ parameter }) => entries.get(parameter)!);
  if (tensors.length === 0) return undefined;
  const lists = tensors.map((tensor) => (use === 'filter' ? l1Norms(tensor) : tensor.data.map(Math.abs)));
  const join = use === 'filter' ? (a: number, b: number) => a + b : Math.max;
  return Float64Array.from({ length: group.channels }, (_, c) => lists.map((list) => list[c]).reduce((a, b) => join(a, b)));
}

/** A 32-bit hash (the mixer of MurmurHash3) of seed, name and index. */
function randomScores({ name, channels }: ChannelGroup, seed: number): Float64Array {
  const mix = (h: number) => {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  };
  if (!Number.isSafeInteger(seed)) throw new Error(`pruning: criterion 'random' with seed ${seed}; give a whole number`);
  const start = [...name].reduce((h, letter) => mix(Math.imul(h, 31) + letter.codePointAt(0)!), mix(seed));
  return Float64Array.from({ length: channels }, (_, c) => mix(start + Math.imul(c + 1, 0x9e3779b1)) >>> 0);
}
