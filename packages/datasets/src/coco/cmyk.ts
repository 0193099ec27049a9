// CMYK to RGB as PIL does it (Convert.c, cmyk2rgb), which torchvision's and most other training pipelines read images with: no colour profile, each
// ink a filter. A profile of some press would give other, duller colours than those networks were trained on.

/** Inks as 0 (none) to 255, `channels` a pixel (4, more with alpha, which is dropped), to 8-bit RGB. */
export function cmykToRgb(inks: Uint8Array, channels = 4): Uint8Array {
  const rgb = new Uint8Array((inks.length / channels) * 3);
  for (let from = 0, to = 0; from < inks.length; from += channels, to += 3) {
    const light = 255 - inks[from + 3];
    for (let k = 0; k < 3; k++) rgb[to + k] = light - shareOf(inks[from + k], light);
  }
  return rgb;
}

/** a b / 255, rounded. */
function shareOf(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
