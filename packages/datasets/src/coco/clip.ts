// COCO boxes [x, y, width, height] as corners inside their image.

/** Less than this outside is the rounding of decimal numbers, not a box that leaves its image. */
const ROUNDING = 1e-3;

/** Corners [x1, y1, x2, y2] in float32, or no box where nothing lies inside; `outside`: part of the box was cut off. */
export function clipBox(
  [x, y, width, height]: readonly number[],
  image: { width: number; height: number },
): { box?: [number, number, number, number]; outside: boolean } {
  const box: [number, number, number, number] = [
    Math.fround(Math.max(0, x)),
    Math.fround(Math.max(0, y)),
    Math.fround(Math.min(image.width, x + width)),
    Math.fround(Math.min(image.height, y + height)),
  ];
  const outside = x < -ROUNDING || y < -ROUNDING || x + width > image.width + ROUNDING || y + height > image.height + ROUNDING;
  return box[2] > box[0] && box[3] > box[1] ? { box, outside } : { outside };
}
