// Multi-level RoIAlign (Lin et al. 2017, sec. 4.2): each box is pooled from the level that suits its size.
import * as tf from '@tensorflow/tfjs-core';
import { mapLevels } from '../ops/level-mapper.ts';
import { roiAlign } from '../ops/roi-align.ts';
import type { Rois } from '../ops/roi-taps.ts';
import type { ImageSize } from '../types.ts';
import type { ResolvedConfig } from './config.ts';

export interface PooledRois {
  /** [n, size, size, C], level after level. */
  pooled: tf.Tensor4D;
  /** The RoI that each row is of. */
  order: Int32Array;
}

/** Pools every RoI from one of the finest `config.levels` levels of the pyramid. Needs at least one RoI. */
export function poolRois(pyramid: readonly tf.Tensor4D[], rois: Rois, imageSize: ImageSize, config: ResolvedConfig['roi']): PooledRois {
  const maps = pyramid.slice(0, config.levels);
  // A level's stride as the nearest power of two, for sizes may have been rounded up on the way down.
  const exponents = maps.map((map) => Math.round(Math.log2(imageSize[0] / map.shape[1])));
  const mapper = { minLevel: exponents[0], maxLevel: exponents[exponents.length - 1], canonicalSize: config.canonicalSize };
  const levels = mapLevels(rois.boxes, mapper);
  const rows: number[] = [];
  const parts = maps.flatMap((map, level) => {
    const members = [...levels.keys()].filter((roi) => levels[roi] === level);
    if (members.length === 0) return [];
    rows.push(...members);
    const images = Int32Array.from(members, (roi) => rois.images[roi]);
    const boxes = Float32Array.from(members.flatMap((roi) => [...rois.boxes.subarray(4 * roi, 4 * roi + 4)]));
    const { size, samplingRatio, aligned } = config;
    return [roiAlign(map, { boxes, images }, { size: [size, size], scale: 2 ** -exponents[level], samplingRatio, aligned })];
  });
  return { pooled: parts.length === 1 ? parts[0] : tf.concat(parts, 0), order: Int32Array.from(rows) };
}
