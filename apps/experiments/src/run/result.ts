// What one finished run says of itself (result.json). Written by the run, read by the report; plain data.
import type { BlockDensities } from '@stint/backbones';
import type { ReportRun } from '@stint/report';
import type { TrainingSummary } from './training-summary.ts';

/** Metrics: those of the task, in percent (task/kinds.ts and the scoring of each task; -1 where there is nothing to score). */
export interface RunResult extends ReportRun {
  experiment: string;
  profile: string;
  densities: Record<string, BlockDensities>;
  configHash: string;
  /** The code that made it (config/code.ts). */
  codeHash: string;
  /** Trained values. */
  parameters: number;
  steps: number;
  images: { train: number; evaluate: number; skipped: number };
  /** Share of the positions whose window holds no sample, mean over masks and images; absent without masks. */
  emptyWindows?: number;
  training?: TrainingSummary;
  /** The run whose training this one evaluates; absent: its own. */
  trainedBy?: string;
  /** SHA-256 of the last checkpoint. */
  checkpoint: string;
}
