// Which pyramid level pools a box: k = floor(k0 + log2(sqrt(w h) / s0)), Lin et al. 2017 (FPN), eq. 1; torchvision's LevelMapper.
import { boxAreas } from './boxes.ts';

export interface LevelMapperOptions {
  /** Finest and coarsest level, as powers of two of the stride: 2..5 for strides 4..32. */
  minLevel: number;
  maxLevel: number;
  /** Size in pixels (default 224) of a box that belongs to `canonicalLevel` (default 4). */
  canonicalSize?: number;
  canonicalLevel?: number;
}

/** Level of each of n boxes, [n], counted from 0 = the finest. */
export function mapLevels(boxes: Float32Array, options: LevelMapperOptions): Int32Array {
  const { minLevel, maxLevel, canonicalSize = 224, canonicalLevel = 4 } = options;
  return Int32Array.from(boxAreas(boxes), (area) => {
    const level = Math.floor(canonicalLevel + Math.log2(Math.sqrt(area) / canonicalSize) + 1e-6);
    return Math.min(Math.max(level, minLevel), maxLevel) - minLevel;
  });
}
