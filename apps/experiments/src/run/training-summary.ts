// How a training went, from its metrics.jsonl: what the report says of stability.
import { readMetricsLog } from '@stint/training';
import { average } from './cost.ts';

/** Over the last half of the steps. */
export interface TrainingSummary {
  loss: { mean: number; variance: number };
  /** Share of the positions whose window holds no sample, mean over masks and steps; absent without masks. */
  emptyWindows?: number;
}

/** Undefined when nothing was logged. */
export function summariseTraining(file: string, steps: number): TrainingSummary | undefined {
  const records = readMetricsLog(file).filter(({ event, step }) => event === 'step' && (step as number) >= steps / 2);
  if (records.length === 0) return undefined;
  const losses = records.map(({ loss }) => loss as number);
  const mean = average(losses);
  const empty = records.flatMap(({ terms }) => (terms as Record<string, number>).empty_windows ?? []);
  return {
    loss: { mean, variance: average(losses.map((loss) => (loss - mean) ** 2)) },
    ...(empty.length > 0 && { emptyWindows: average(empty) }),
  };
}
