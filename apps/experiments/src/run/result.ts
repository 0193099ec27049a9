// What one finished run says of itself (result.json). Written by the run, read by the report; plain data.

/** Mean and standard deviation over the images of the evaluation set. */
export interface Spread {
  mean: number;
  std: number;
}

/** Multiply-accumulates of the backbone for one image (not FLOPs: 1 MAC = 2 FLOPs). */
export interface MacSummary {
  dense: Spread;
  conditional: Spread;
  mask: Spread;
  /** `direct` counts 49 taps a sample for the 7x7 window, `separable` 14. */
  interpolation: { direct: Spread; separable: Spread };
  total: { direct: Spread; separable: Spread };
  /** The same network with every position computed and no masks. */
  reference: number;
}

export interface RunResult {
  experiment: string;
  profile: string;
  arm: string;
  /** The swept values of this run, for example `{ 'loss.sparseWeight': 0.2 }`. */
  sweep: Record<string, number | string>;
  seed: number;
  configHash: string;
  /** The code that made it (config/code.ts). */
  codeHash: string;
  /** COCO AP in percent: AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100. */
  metrics: Record<string, number>;
  macs: MacSummary;
  /** Fraction of sampled positions by block and mask, mean over the evaluation set. */
  densities: Record<string, { mask1: number; mask2: number }>;
  /** How far the training order of interpolation and conv3 is from the inference order: AP in percent under it. */
  trainingOrderAP?: number;
  parameters: number;
  steps: number;
  seconds: { train: number; evaluate: number };
  images: { train: number; evaluate: number; skipped: number };
  checkpoint: string;
}
