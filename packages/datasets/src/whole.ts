// What sets of whole pictures share: samples without objects, and a part of a set.

/** The objects of a sample that is a picture as a whole. */
export const noObjects = () => ({ boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) });

/** `count` indices of `length` entries, spread evenly: neighbours are often frames of one film, or of one class. */
export const evenly = (count: number, length: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * length) / count));
