// The mean of the values above -1, summed pairwise in blocks with eight running sums: the order of the additions is
// NumPy's, so that the last bit (and with it a printed third decimal) comes out the same.

/** Mean of the entries > -1; -1 when there are none. */
export function meanOfValid(values: Float64Array): number {
  const valid = values.filter((value) => value > -1);
  return valid.length === 0 ? -1 : pairwiseSum(valid) / valid.length;
}

function pairwiseSum(values: Float64Array): number {
  const n = values.length;
  if (n < 8) return values.reduce((sum, value) => sum + value, 0);
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half));
  }
  const r = values.slice(0, 8);
  const whole = n - (n % 8);
  for (let i = 8; i < whole; i += 8) for (let k = 0; k < 8; k++) r[k] += values[i + k];
  let sum = r[0] + r[1] + (r[2] + r[3]) + (r[4] + r[5] + (r[6] + r[7]));
  for (let i = whole; i < n; i++) sum += values[i];
  return sum;
}
