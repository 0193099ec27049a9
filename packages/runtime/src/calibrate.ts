// The budget dial: the shift of all mask logits that makes a network cost a given share of the dense one's MACs, found by bisection on a few
// typical images with fixed noise. MACs by the rule of the paper, with the masks that are drawn.
import fs from 'node:fs';
import { readSafetensors, writeSafetensors } from '@stint/safetensors';
import { BUDGET_KEY, type BudgetPoint, type BudgetTable } from './budget-table.ts';
import type { CompiledModel } from './compile.ts';
import type { RuntimeImage } from './image.ts';

/** Beyond it a sigmoid is 0 or 1. */
const MAX_SHIFT = 20;
const STEPS = 14;
const CLOSE = 0.001;

/** Mean share of the dense MACs over the images, at a shift. */
async function costAt(model: CompiledModel, images: readonly RuntimeImage[], shift: number): Promise<number> {
  const shares = await Promise.all(
    images.map(async (image, i) => {
      const { macs } = await model.run(image, { shift, key: [i] });
      return macs.total.direct / macs.denseTotal;
    }),
  );
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * Finds the shift for each budget.
 * @param images a few typical ones (8 to 32), of the size that will be used.
 * @returns the budgets REACHED, beside what was asked for closely; by rising budget.
 * @throws RangeError for a budget below the least (grid prior, mask heads, stem) or above the most that masks can cost.
 */
export async function calibrate(model: CompiledModel, images: readonly RuntimeImage[], budgets: readonly number[]): Promise<BudgetTable> {
  if (images.length === 0) throw new RangeError('calibrate: no images; give a few typical ones');
  const [least, most] = [await costAt(model, images, -MAX_SHIFT), await costAt(model, images, MAX_SHIFT)];
  const points: BudgetPoint[] = [];
  for (const budget of [...budgets].sort((a, b) => a - b)) {
    if (!(budget >= least && budget <= most)) {
      throw new RangeError(
        `calibrate: budget ${budget} cannot be met: this network costs ${least.toFixed(3)} to ${most.toFixed(3)} of the dense one's MACs`,
      );
    }
    points.push(await bisect(model, images, budget));
  }
  return { points, images: images.length };
}

async function bisect(model: CompiledModel, images: readonly RuntimeImage[], budget: number): Promise<BudgetPoint> {
  let [low, high] = [-MAX_SHIFT, MAX_SHIFT];
  let best: BudgetPoint = { budget: Number.POSITIVE_INFINITY, shift: 0 };
  for (let step = 0; step < STEPS; step++) {
    const shift = (low + high) / 2;
    const reached = await costAt(model, images, shift);
    if (Math.abs(reached - budget) < Math.abs(best.budget - budget)) best = { budget: reached, shift };
    if (Math.abs(reached - budget) < CLOSE) break;
    if (reached < budget) low = shift;
    else high = shift;
  }
  return best;
}

/** Writes a table into a checkpoint's metadata; the rest of the file stays as it is. */
export function saveBudgets(file: string, table: BudgetTable): void {
  const { tensors, metadata } = readSafetensors(fs.realpathSync(file));
  writeSafetensors(file, tensors, { ...metadata, [BUDGET_KEY]: JSON.stringify(table) });
}
