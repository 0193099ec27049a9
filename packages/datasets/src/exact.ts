// Powers, sines and cosines made of + - * / and square roots only. IEEE 754 rounds these exactly, so what is drawn with them is
// equal on every machine; Math.pow, Math.sin and Math.cos may differ in the last bit between engines and their versions.

const { sqrt } = Math;

/** ratio^u for ratio > 0 and u in [0, 1) with 32 binary digits: the product of the roots that the digits of u select. */
export function powerOf(ratio: number, u: number): number {
  let result = 1;
  let root = ratio;
  for (let digit = 0; digit < 32; digit++) {
    root = sqrt(root);
    u *= 2;
    if (u >= 1) {
      result *= root;
      u -= 1;
    }
  }
  return result;
}

/** Sine and cosine of an angle in radians, |angle| <= pi / 2: Taylor series, error below 1e-12. */
export function sinCos(angle: number): { sin: number; cos: number } {
  let term = 1;
  let sin = 0;
  let cos = 1;
  for (let k = 1; k <= 19; k++) {
    term *= angle / k;
    const signed = k % 4 < 2 ? term : -term;
    if (k % 2 === 1) sin += signed;
    else cos += signed;
  }
  return { sin, cos };
}
