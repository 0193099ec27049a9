// What is drawn into a tile: sampled positions as dots over the darkened image, or the cost map with the probe's place.
import type { CostMap, MaskCells } from '../src/html/cost.ts';
import { heatColor } from '../src/html/heat.ts';

/** A place on the image, 0 to 1 from the left and from the top. */
export interface Spot {
  x: number;
  y: number;
}

interface Size {
  width: number;
  height: number;
}

/** The canvas at the screen's resolution, with the image's proportions. */
function prepare(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  canvas.style.aspectRatio = `${width} / ${height}`;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  canvas.height = Math.max(1, Math.round((canvas.width * height) / width));
  return canvas.getContext('2d');
}

/** The image as it is where there is no mask. */
export function drawSamples(canvas: HTMLCanvasElement, size: Size, picture: HTMLImageElement, mask: MaskCells | undefined): void {
  const context = prepare(canvas, size);
  if (!context) return;
  const { width, height } = canvas;
  if (picture.complete && picture.naturalWidth > 0) context.drawImage(picture, 0, 0, width, height);
  if (!mask) return;
  context.fillStyle = 'rgb(0 0 0 / .5)';
  context.fillRect(0, 0, width, height);
  const [cellWidth, cellHeight] = [width / mask.width, height / mask.height];
  const radius = Math.max(0.75, Math.min(cellWidth, cellHeight) * 0.24);
  context.fillStyle = '#fff';
  context.beginPath();
  for (let i = 0; i < mask.cells.length; i++) {
    if (!mask.cells[i]) continue;
    const [x, y] = [((i % mask.width) + 0.5) * cellWidth, (Math.floor(i / mask.width) + 0.5) * cellHeight];
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fill();
}

export function drawCost(canvas: HTMLCanvasElement, size: Size, map: CostMap, high: number, probe?: Spot): void {
  const context = prepare(canvas, size);
  if (!context) return;
  const cells = document.createElement('canvas');
  [cells.width, cells.height] = [map.width, map.height];
  const pixels = new ImageData(map.width, map.height);
  map.values.forEach((value, i) => {
    pixels.data.set([...heatColor(value / high), 255], 4 * i);
  });
  cells.getContext('2d')?.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, 0, 0, canvas.width, canvas.height);
  if (probe) drawProbe(context, probe.x * canvas.width, probe.y * canvas.height);
}

/** A ring in white within black, seen on every colour. */
function drawProbe(context: CanvasRenderingContext2D, x: number, y: number): void {
  for (const [width, color] of [
    [4, '#000'],
    [1.8, '#fff'],
  ] as const) {
    context.lineWidth = width * devicePixelRatio;
    context.strokeStyle = color;
    context.beginPath();
    context.arc(x, y, 6 * devicePixelRatio, 0, 2 * Math.PI);
    context.stroke();
  }
}
