// What shift of the mask logits costs how much: measured once on a calibration set and kept in the checkpoint's metadata. Beyond the paper: one
// trained network at any cost, by one number that nothing is learned for.
import { z } from 'zod';
import { ModelFileError, metadataJson } from './description.ts';

export interface BudgetPoint {
  /** Multiply-adds as a share of the dense network's. */
  budget: number;
  /** Added to the logits of all masks. */
  shift: number;
}

export interface BudgetTable {
  /** By rising budget. */
  points: BudgetPoint[];
  /** Images that it was measured on. */
  images: number;
}

/** Metadata key of the table. */
export const BUDGET_KEY = 'stint.budget';

const schema = z.object({
  points: z.array(z.object({ budget: z.number().min(0).max(10), shift: z.number().min(-100).max(100) })).max(10000),
  images: z.int().min(1),
});

/** The table in a file's metadata, undefined when there is none. */
export function budgetsOf(metadata: Record<string, string>, source: string): BudgetTable | undefined {
  const value = metadataJson(metadata, BUDGET_KEY, source);
  if (value === undefined) return undefined;
  const { data, error: cause } = schema.safeParse(value);
  if (!data)
    throw new ModelFileError(`${source}: metadata '${BUDGET_KEY}' is no table of budgets; calibrate() the checkpoint again`, { cause });
  return { points: data.points.sort((a, b) => a.budget - b.budget), images: data.images };
}

/** Budgets closer than this are one. */
const TOLERANCE = 0.0025;

/** Shift for a budget: of the table's own point, or on the line between its neighbours; undefined outside of the table. */
export function shiftFor(budget: number, table: BudgetTable | undefined): number | undefined {
  if (!(budget > 0 && budget <= 2))
    throw new RangeError(`compile: budget is ${budget}; give a share of the dense network's MACs, such as 0.4`);
  const points = table?.points ?? [];
  const exact = points.find((point) => Math.abs(point.budget - budget) <= TOLERANCE);
  if (exact) return exact.shift;
  const above = points.findIndex((point) => point.budget > budget);
  if (above < 1) return undefined;
  const [low, high] = [points[above - 1], points[above]];
  return low.shift + ((high.shift - low.shift) * (budget - low.budget)) / (high.budget - low.budget);
}
