// Our engine as a measured process: the compiled runtime, dense, with masks that are given, or with its own. Feature maps stay in the engine's
// memory, as they do for a head that reads them there.
import { resnetLayout } from '@stint/backbones/plain';
import {
  type BlockMasks,
  type CompiledModel,
  compile,
  loadCheckpoint,
  type ProfileRow,
  type RunOptions,
  type RunResult,
} from '@stint/runtime';
import type { Isa } from '@stint/sparse-conv/native';
import { readImages } from './images.ts';
import { makeMasks } from './masks.ts';
import { takeTurn, type Worker } from './worker.ts';

export function stintWorker(): Worker {
  let model: CompiledModel;
  let images: Float32Array[] = [];
  let size: readonly [number, number];
  const masks = new Map<string, BlockMasks>();

  const run = (image: number, id: string | undefined, options: RunOptions): Promise<RunResult> => {
    const [height, width] = size;
    return model.run(
      { data: images[image], height, width },
      { key: [1, image], masks: id === undefined ? undefined : masks.get(id)!, ...options },
    );
  };

  return {
    async load(request) {
      const { head: _, ...description } = loadCheckpoint(request.model).description;
      size = request.size;
      images = readImages(request.images, size);
      model = await compile(request.model, {
        threads: request.threads,
        isa: request.isa as Isa | undefined,
        model: description,
        sampler: { kind: request.sampler! },
        keepMaps: true,
      });
      return { version: require('../../package.json').version, isa: model.isa };
    },
    masks({ id, options }) {
      masks.set(id, makeMasks(resnetLayout(model.description.backbone), size, options));
      return {};
    },
    async run({ masks: id, turn }) {
      const results: RunResult[] = [];
      const taken = await takeTurn(images.length, turn, async (image) => {
        results.push(await run(image, id, { profile: true }));
      });
      return { ...taken, densities: meanDensities(results), rows: meanRows(results.map(({ profile }) => profile!.rows)) };
    },
    async digest({ masks: id, points }) {
      const { pyramid, features } = await run(0, id, { wantMaps: true });
      const outputs = (pyramid ?? features!).map(({ data, channels, height, width }) => {
        const cells = height * width;
        return points.map((point) => {
          const at = Math.floor(point * channels * cells); // in the order C, H, W; ours is H, W, C
          return data[(at % cells) * channels + Math.floor(at / cells)];
        });
      });
      return { outputs };
    },
  };
}

function meanDensities(results: readonly RunResult[]): Record<string, { mask1: number; mask2: number }> {
  const names = Object.keys(results[0].densities);
  const mean = (name: string, mask: 'mask1' | 'mask2') =>
    results.reduce((sum, { densities }) => sum + densities[name][mask], 0) / results.length;
  return Object.fromEntries(names.map((name) => [name, { mask1: mean(name, 'mask1'), mask2: mean(name, 'mask2') }]));
}

function meanRows(profiles: readonly ProfileRow[][]): ProfileRow[] {
  return profiles[0].map((row, i) => {
    const mean = (key: 'ms' | 'density' | 'macs') => profiles.reduce((sum, rows) => sum + rows[i][key], 0) / profiles.length;
    const [ms, density, macs] = [mean('ms'), mean('density'), mean('macs')];
    return { name: row.name, ms, density, macs, gflops: ms > 0 ? (2 * macs) / (ms * 1e6) : 0 };
  });
}
