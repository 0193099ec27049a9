// Uniform sampling: a rectangular grid with rows and columns at even distances, the same for every input. The paper's baseline of section 4.

/**
 * Rows x columns spread evenly over a map, as near to `density` as near-square cells allow.
 * @returns height * width values, 1 at grid points.
 */
export function regularGrid(height: number, width: number, density: number): Float32Array {
  const cells = new Float32Array(height * width);
  const wanted = density * height * width;
  if (Math.round(wanted) === 0) return cells;
  const rows = clamp(Math.round(height * Math.sqrt(density)), 1, height);
  const columns = clamp(Math.round(wanted / rows), 1, width);
  for (let r = 0; r < rows; r++) {
    const y = Math.floor(((r + 0.5) * height) / rows);
    for (let c = 0; c < columns; c++) cells[y * width + Math.floor(((c + 0.5) * width) / columns)] = 1;
  }
  return cells;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
