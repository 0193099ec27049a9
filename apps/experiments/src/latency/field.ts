// Smooth random fields: white noise through a Gaussian filter. Their autocorrelation at distance r is exp(-(r / length)^2).
import { normalValues } from '@stint/core-sampling/plain';

/**
 * A field of mean 0 and deviation 1, row-major, the same everywhere in distribution; a pure function of its arguments.
 * @param length distance in cells where the autocorrelation is 1/e; 0: white noise.
 */
export function smoothField(height: number, width: number, length: number, key: readonly number[]): Float32Array {
  const kernel = gaussian(length / 2); // of the filter; two of them make the autocorrelation, whose deviation is sqrt(2) times as large
  const margin = (kernel.length - 1) / 2;
  // Noise beyond the edges too: cells there have as many neighbours as others.
  const [rows, columns] = [height + 2 * margin, width + 2 * margin];
  const noise = normalValues(rows * columns, key);
  const across = new Float32Array(rows * width);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * noise[y * columns + x + k];
      across[y * width + x] = sum;
    }
  }
  const field = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * across[(y + k) * width + x];
      field[y * width + x] = sum;
    }
  }
  return field;
}

/** Odd length; its squares add up to 1, so that filtered noise keeps its deviation. */
function gaussian(deviation: number): Float64Array {
  const reach = Math.ceil(4 * deviation);
  const values = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    deviation > 0 ? Math.exp(-0.5 * ((i - reach) / deviation) ** 2) : 1,
  );
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / norm);
}
