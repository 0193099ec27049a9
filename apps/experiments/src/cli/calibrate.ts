// `stint calibrate`: finds the shift of the mask logits for each budget and keeps the table in the checkpoint, for --budget of predict.
import fs from 'node:fs';
import path from 'node:path';
import { isSampled } from '@stint/backbones/plain';
import { type BudgetTable, calibrate, compile, saveBudgets } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';
import { listImages } from '../predict/images.ts';
import { loadImages, resizeOf } from '../predict/load.ts';
import { existing } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface CalibrateOptions {
  checkpoint: string;
  images: string[];
  budgets: number[];
  out?: string;
  limit?: number;
  shortSide?: number;
  maxSide?: number;
  threads?: number;
  json?: boolean;
}

/** Exit code 1 when an image could not be read: the table then stands on the others. */
export async function calibrateCommand(options: CalibrateOptions, { io }: { io: Io }): Promise<number> {
  const { checkpoint, budgets, out, limit = 32, threads = 1 } = options;
  const log = options.json ? io.err : io.out;
  const resize = resizeOf(options);
  const model = await compile(existing('--checkpoint', checkpoint), { threads });
  try {
    if (!isSampled(model.description.backbone.sampling)) throw new UsageError(`${checkpoint} has no masks: there is nothing to calibrate`);
    if (out !== undefined && path.resolve(out) === path.resolve(checkpoint))
      throw new UsageError(`--out ${out} is the checkpoint itself: leave --out away to change it in place`);
    let bad = 0;
    const images = await loadImages(
      spread(listImages(options.images), limit),
      { resize, statistics: model.description.input },
      (file, reason) => {
        bad++;
        io.err(`stint: ${file}: ${reason}`);
      },
    );
    if (images.length === 0) throw new Error('none of the images could be read');
    const table = await calibrate(model, images, budgets);
    const target = out ?? checkpoint;
    if (out !== undefined) {
      fs.mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
      fs.copyFileSync(checkpoint, out);
    }
    saveBudgets(target, table);
    if (options.json) printJson(io, { checkpoint: target, ...table });
    else
      log(
        describe(
          table,
          [...budgets].sort((a, b) => a - b),
          target,
        ),
      );
    return bad > 0 ? 1 : 0;
  } finally {
    model.close();
  }
}

function describe({ points, images }: BudgetTable, asked: readonly number[], target: string): string {
  const rows = points.map(
    ({ budget, shift }, i) => `${asked[i].toFixed(3).padStart(8)}${budget.toFixed(4).padStart(10)}${shift.toFixed(4).padStart(10)}`,
  );
  return ['  budget   reached     shift', ...rows, `on ${images} images; written into ${target}: --budget takes any value between`].join(
    '\n',
  );
}

/** At most `count` of them, evenly from first to last. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
