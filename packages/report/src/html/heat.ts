// Colours of the cost map: dark to bright with even steps in lightness (after Smith & van der Walt's viridis, released as CC0),
// readable without colour vision.
const STOPS = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

/** RGB (0-255) of a value from 0 to 1. */
export function heatColor(value: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
  const below = Math.min(STOPS.length - 2, Math.floor(at));
  const mix = (k: 0 | 1 | 2) => Math.round(STOPS[below][k] + (at - below) * (STOPS[below + 1][k] - STOPS[below][k]));
  return [mix(0), mix(1), mix(2)];
}

/** The colours as a CSS gradient. */
export const HEAT_GRADIENT = `linear-gradient(90deg,${STOPS.map((stop) => `rgb(${stop.join(' ')})`).join(',')})`;
