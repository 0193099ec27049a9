// What an experiment of kind `latency` may say: networks, image sizes, densities and threads to measure, how masks look, and what is claimed.
import { z } from 'zod';
import { stem } from '../config/schema-model.ts';
import { fraction, int, optional, positive, real } from '../config/schema-numbers.ts';

const SIZE = /^([1-9]\d{1,4})x([1-9]\d{1,4})$/;

/** `480x800`: height x width in pixels. */
const size = z.string().refine((text) => SIZE.test(text), { error: 'must be HEIGHTxWIDTH in pixels, such as 480x800' });
const sizes = z.array(size).min(1);
const density = real(0.02, 1);
const densities = z.array(density).min(1);

/** [height, width] of a size that the schema let pass. */
export function parseImageSize(text: string): [number, number] {
  const [, height, width] = SIZE.exec(text)!;
  return [Number(height), Number(width)];
}

const made = z.strictObject({
  /** Random weights; a name, or a small network for tests. */
  backbone: z.union([
    z.enum(['resnet50', 'resnet101']),
    z.strictObject({
      stem,
      layers: z.array(int(1, 256)).min(1).max(4),
      planes: z.array(int(1, 8192)).min(1).max(4),
      expansion: int(1, 16).default(4),
    }),
  ]),
  /** Channels of a feature pyramid over all stages. */
  fpn: optional(int(1, 4096)),
  /** In place of the experiment's. */
  sizes: optional(sizes),
});

const trained = z.strictObject({
  /** A trained network with masks of its own, relative to the project; left out with a notice when the file is not there. */
  checkpoint: z.string().min(1),
  sizes: optional(sizes),
  /** Made scenes it is run on. */
  images: int(1, 256).default(8),
});

/**
 * Measured on 12 runs of ablation-interp:standard (arms rbf and average, seeds 1 and 2, all weights), 40 images each, with
 * `tools/bench/mask-statistics.ts --images 40 runs/ablation-interp/standard/{rbf,average}/sparseWeight={0.05,0.2,1}-seed{1,2}`.
 */
const TRAINED_STAGES = [
  { spread: 2.1, length: 5, shared: 0.93 },
  { spread: 3.2, length: 3.2, shared: 0.96 },
  { spread: 2.7, length: 2.2, shared: 0.95 },
];

const masks = z.strictObject({
  /** Grid prior in cells (paper: 11). */
  interval: int(0, 1024).default(11),
  /**
   * The logits of a stage's masks, measured on trained networks: deviation within an image, distance in cells where their autocorrelation
   * falls to 1/e, correlation of the two heads of a block. The last entry serves all later stages.
   */
  stages: z
    .array(z.strictObject({ spread: positive(), length: real(0, 1000), shared: fraction() }))
    .min(1)
    .default(TRAINED_STAGES),
  /** Densities that are measured with white-noise masks besides. */
  white: z.array(density).default([]),
});

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'a name has letters, digits, ".", "_" and "-"' });
const networks = z.record(name, z.union([made, trained]));

const rival = z.enum(['dense', 'fastest-dense', 'fastest-other']);

const claim = z.union([
  /** A whole network: so many times as fast, or more, at every size and number of threads that is measured. */
  z.strictObject({ faster: z.enum(['sampled', 'dense']), than: rival, network: name, density: optional(density), atLeast: positive() }),
  /** One convolution of all blocks together: so much of the speed-up that its multiply-adds promise. */
  z.strictObject({ part: z.enum(['conv1', 'conv2', 'conv3']), network: name, density, ofTheory: positive() }),
]);

/** After `_base_`, profile and command line are merged. */
export const latencySchema = z.strictObject({
  kind: z.literal('latency'),
  title: z.string().min(1),
  paper: z.strictObject({ table: int(1).optional(), figure: int(1).optional(), claim: z.string().min(1).optional() }).optional(),
  /** What to expect of a profile, e.g. its time. */
  expect: z.record(z.string(), z.string()).default({}),
  networks,
  sizes,
  densities,
  threads: z.array(int(1, 256)).min(1),
  masks: masks.prefault({}),
  /** Dense engines to compare with. */
  engines: z.array(z.enum(['onnxruntime', 'openvino'])).default(['onnxruntime', 'openvino']),
  /** Every variant is timed once a round. */
  rounds: int(1, 1000),
  /** A turn repeats its image until this many milliseconds are over. */
  turn: real(0, 60_000).default(0),
  /** Instruction set of our kernels; default: the fastest. */
  isa: optional(z.enum(['avx512', 'avx2', 'baseline', 'neon'])),
  seed: int(0).default(1),
  claims: z.array(claim).default([]),
  profiles: z.record(name, z.record(z.string(), z.unknown()).nullable()).default({}),
});

export type LatencyConfig = Omit<z.output<typeof latencySchema>, 'kind' | 'title' | 'paper' | 'expect' | 'profiles' | 'claims'>;
export type NetworkConfig = LatencyConfig['networks'][string];
export type MaskConfig = LatencyConfig['masks'];
export type LatencyClaim = z.output<typeof claim>;
export type OtherEngine = LatencyConfig['engines'][number];

/** A latency experiment at one profile. */
export interface LatencyExperiment {
  kind: 'latency';
  name: string;
  profile: string;
  profiles: string[];
  title: string;
  paper?: { table?: number; figure?: number; claim?: string };
  expect?: string;
  claims: LatencyClaim[];
  config: Readonly<LatencyConfig>;
}

/** One network at one size on so many threads. */
export interface Case {
  /** `resnet101-480x800-t2`. */
  name: string;
  network: string;
  config: NetworkConfig;
  size: [number, number];
  threads: number;
}

/** The cases of a configuration, in the order they are measured. */
export function casesOf({ networks, sizes, threads }: LatencyConfig): Case[] {
  return Object.entries(networks).flatMap(([network, config]) =>
    (config.sizes ?? sizes).flatMap((text) =>
      threads.map((count) => ({
        name: `${network}-${text}-t${count}`,
        network,
        config,
        size: parseImageSize(text),
        threads: count,
      })),
    ),
  );
}
