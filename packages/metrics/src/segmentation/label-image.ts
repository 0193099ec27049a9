// A picture of labels: one whole number a pixel. How it was stored and decoded is not this package's business.

export interface LabelImage {
  /** Pixels. */
  width: number;
  height: number;
  /** [height, width], row after row. */
  data: ArrayLike<number>;
}

/** Throws unless the images have the same size, and each as many values as pixels. `where` names the pair. */
export function checkSameSize(where: string, images: Record<string, LabelImage>): void {
  const entries = Object.entries(images);
  for (const [name, { width, height, data }] of entries) {
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && data.length === width * height))
      throw new Error(`${where}: ${name} is ${width}x${height} but holds ${data.length} values; give one a pixel`);
  }
  const [[firstName, first], ...others] = entries;
  for (const [name, image] of others) {
    if (image.width !== first.width || image.height !== first.height)
      throw new Error(
        `${where}: ${name} is ${image.width}x${image.height} and ${firstName} ${first.width}x${first.height}; scores need equal sizes`,
      );
  }
}
