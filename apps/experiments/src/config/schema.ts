// What an experiment may say: strict zod schemas of the YAML and the frozen RunConfig that one run receives.
// Every number has its allowed range here, so that a bad value is reported with it (messages: problems.ts).
import { z } from 'zod';

const int = (min: number, max = 1e9) => z.int().min(min).max(max);
const real = (min: number, max: number) => z.number().min(min).max(max);
const fraction = () => real(0, 1);
const positive = () => z.number().positive();
/** May be left out; null takes back what a lower layer gave. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);
/** [smallest, largest] of a range to draw from. */
const range = (min: number, max: number) =>
  z.tuple([real(min, max), real(min, max)]).refine(([low, high]) => low <= high, { error: 'the first value must not exceed the second' });

// --- data -----------------------------------------------------------------------------------------------------------

const emojiData = z.strictObject({
  kind: z.literal('emoji'),
  /** small: 10-48 px objects in 160x160 (the recipe of the standard set); large: 16-88 px. */
  variant: z.enum(['small', 'large']).default('small'),
  train: int(1),
  val: int(1),
  imageSize: int(32, 2048).multipleOf(32).default(160),
  /** Objects an image, [min, max]; default: the variant's. */
  objects: optional(range(0, 64)),
  /** Object size in pixels, [min, max], drawn log-uniformly; default: the variant's. */
  objectSize: optional(range(4, 1024)),
  /** Seed of the scenes (not of the run: all seeds of an experiment see the same images). */
  seed: int(0).default(1),
  flip: z.boolean().default(true),
});

const cocoData = z.strictObject({
  kind: z.literal('coco'),
  /** Folder that the other paths are relative to; itself relative to the project. `--data-root` replaces it. */
  root: z.string().min(1),
  trainAnnotations: z.string().min(1),
  trainImages: z.string().min(1),
  valAnnotations: z.string().min(1),
  valImages: z.string().min(1),
  shortSide: int(32, 4096),
  maxSide: int(32, 8192),
  /** Only the first n images of the sorted ids. */
  trainLimit: optional(int(1)),
  valLimit: optional(int(1)),
  /** What to do with an image that cannot be decoded: stop, or leave it out and count it in the result. */
  onDamaged: z.enum(['error', 'skip']).default('error'),
  flip: z.boolean().default(true),
  /** Category names to keep; default: all. */
  categories: optional(z.array(z.string().min(1)).min(1)),
});

// --- model ----------------------------------------------------------------------------------------------------------

const stem = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('imagenet'), width: int(1, 4096) }),
  z.strictObject({ kind: z.literal('small'), widths: z.tuple([int(1, 4096), int(1, 4096)]) }),
]);

const backbone = z
  .strictObject({
    stem,
    layers: z.array(int(1, 256)).min(1).max(4),
    planes: z.array(int(1, 8192)).min(1).max(4),
    expansion: int(1, 16).default(4),
    /** ImageNet weights to start from (safetensors with torchvision's names), relative to the project; default: random. */
    weights: optional(z.string().min(1)),
  })
  .refine(({ layers, planes }) => layers.length === planes.length, { error: 'needs as many values as layers', path: ['planes'] });

const fpn = z.strictObject({
  channels: int(1, 4096),
  /** The finest k levels are kept; default: all, and one more by max pooling. */
  outputs: optional(int(1, 4)),
});

const head = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('one-stage'),
    channels: optional(int(1, 4096)),
    convs: int(0, 8).default(2),
    scoreThreshold: fraction().default(0.05),
    nmsThreshold: fraction().default(0.6),
    maxDetections: int(1, 1000).default(100),
  }),
  z.strictObject({
    kind: z.literal('faster-rcnn'),
    fcWidth: int(1, 8192).default(1024),
    roiSize: int(1, 32).default(7),
    anchorScale: positive().default(8),
    anchorRatios: z.array(positive()).min(1).default([0.5, 1, 2]),
    proposals: z.strictObject({ train: int(1, 10000), test: int(1, 10000) }).default({ train: 1000, test: 1000 }),
    roisPerImage: int(1, 4096).default(512),
    scoreThreshold: fraction().default(0.05),
    nmsThreshold: fraction().default(0.5),
    maxDetections: int(1, 1000).default(100),
  }),
]);

const sampling = z.strictObject({
  /** dense: no masks at all; two-masks: the paper's default block (Fig. 3 b). */
  integration: z.enum(['dense', 'two-masks']),
  /** Grid prior: every n-th position is always sampled; 0 turns it off. */
  interval: int(0, 1024).default(11),
  /** Initial bias of the mask heads: 3 gives a probability of 0.95. */
  bias: real(-20, 20).default(3),
  interpolation: z
    .strictObject({
      kind: z.enum(['rbf', 'average', 'convolution', 'zeros', 'reuse']).default('rbf'),
      window: int(1, 31)
        .refine((n) => n % 2 === 1, { error: 'must be odd' })
        .default(7),
      /** Initial sigma of the RBF, learned. */
      sigma: real(1e-3, 100).default(3),
    })
    .prefault({}),
});

const model = z.strictObject({ backbone, fpn, head, sampling });

// --- optimisation ---------------------------------------------------------------------------------------------------

const optimizer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    momentum: real(0, 0.9999).default(0.9),
    nesterov: z.boolean().default(false),
    weightDecay: fraction().default(0),
  }),
  z.strictObject({
    kind: z.literal('adamw'),
    beta1: real(0, 0.9999).default(0.9),
    beta2: real(0, 0.999999).default(0.999),
    epsilon: real(1e-16, 1).default(1e-8),
    weightDecay: fraction().default(0),
  }),
]);

const warmup = {
  warmupSteps: int(0).default(0),
  /** Learning rate at step 0 as a part of the full one; linear up to `warmupSteps`. */
  warmupFactor: fraction().default(1 / 3),
};

const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), ...warmup }),
  /** Falls along a half cosine to `final` x lr at the last step. */
  z.strictObject({ kind: z.literal('cosine'), ...warmup, final: fraction().default(0) }),
  /** lr x `factor` at each milestone, a fraction of all steps (the paper: epochs 8 and 11 of 12). */
  z.strictObject({ kind: z.literal('step'), ...warmup, milestones: z.array(fraction()).min(1), factor: fraction().default(0.1) }),
]);

const optimisation = {
  steps: int(1),
  batchSize: int(1, 4096),
  optimizer,
  lr: real(1e-9, 100),
  schedule,
  /** Largest global norm of the gradients; null: no clipping. */
  clip: positive().nullable().default(null),
};

const pretrain = z.strictObject({
  ...optimisation,
  seed: int(0).default(1),
  /** Image sizes drawn at random for each batch; default: the data's own size. */
  resolutions: optional(z.array(int(32, 4096).multipleOf(32)).min(1)),
  logEvery: int(1).default(20),
});

const train = z.strictObject({
  ...optimisation,
  /** Learning rates of parameter groups, as multiples of `lr`. */
  groups: z
    .strictObject({
      backbone: real(0, 1000).default(1),
      mask: real(0, 1000).default(1),
      sigma: real(0, 1000).default(1),
      filter: real(0, 1000).default(1),
      fpn: real(0, 1000).default(1),
      head: real(0, 1000).default(1),
    })
    .prefault({}),
  /** Gumbel temperature, geometric from the first step to the last (paper: 1 to 0.03). */
  temperature: z.strictObject({ start: real(1e-3, 10).default(1), end: real(1e-3, 10).default(0.03) }).prefault({}),
  checkpointEvery: int(1).default(500),
  logEvery: int(1).default(20),
});

const loss = z.strictObject({
  /** gamma: weight of the sparse loss. */
  sparseWeight: real(0, 1000).default(0),
  /** Weights of the two masks' mean probabilities in the sparse loss (about the MAC ratio conv1 : conv2 + conv3). */
  blockWeights: z.tuple([fraction(), fraction()]).default([0.25, 0.75]),
  /** Weights of the head's loss terms by name; 1 where not given. */
  tasks: z.record(z.string(), real(0, 1000)).default({}),
});

const evaluate = z.strictObject({
  sampler: z.enum(['stochastic', 'deterministic', 'random', 'uniform', 'blue-noise', 'dense']).default('stochastic'),
  /** Grid prior at evaluation; default: `model.sampling.interval`. */
  interval: optional(int(0, 1024)),
  batchSize: int(1, 4096).default(8),
  /** Evaluations with fresh sampling noise, averaged (a stochastic sampler's AP is itself random). */
  draws: int(1, 100).default(1),
});

const engine = z.strictObject({
  /** TensorFlow threads of one run. Part of the result: gradients change in the last bits with it. */
  threads: int(1, 256).default(1),
});

// --- one run --------------------------------------------------------------------------------------------------------

const runShape = {
  data: z.discriminatedUnion('kind', [emojiData, cocoData]),
  model,
  /** Dense training shared by all arms; null: every arm starts from the initial weights. */
  pretrain: pretrain.nullable().default(null),
  train,
  loss: loss.prefault({}),
  evaluate: evaluate.prefault({}),
  engine: engine.prefault({}),
};

/** The sections of a run's configuration: what arms, profiles and overrides may change. */
export const runSections = Object.keys(runShape) as (keyof typeof runShape)[];

/** One run: one arm at one value of the sweep with one seed. */
export const runConfigSchema = z.strictObject({ seed: int(0), ...runShape });

// --- the experiment -------------------------------------------------------------------------------------------------

const armName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'a name has letters, digits, ".", "_" and "-"' });
const mapping = z.record(z.string(), z.unknown());
const scalar = z.union([z.number(), z.string()]);
const claimAt = z.enum(['equal-macs', 'equal-sweep']).default('equal-macs');

const claim = z.union([
  z.strictObject({ better: armName, than: armName, in: z.string().min(1), at: claimAt }),
  z.strictObject({ equal: z.tuple([armName, armName]), in: z.string().min(1), at: claimAt, within: z.number().nonnegative() }),
]);

/** The head of an experiment, after `_base_` and the profile are merged; its run sections are validated arm by arm. */
export const experimentSchema = z.strictObject({
  title: z.string().min(1),
  paper: z.strictObject({ table: int(1).optional(), figure: int(1).optional(), claim: z.string().min(1).optional() }).optional(),
  /** What to expect of a profile, e.g. its time; shown by `stint list` and `stint show`. */
  expect: z.record(z.string(), z.string()).default({}),
  /** Name -> what it changes in the run sections; empty: nothing. */
  arms: z.record(armName, mapping.nullable()),
  /** Dotted key -> values: every arm is run at each (the points of its AP-MACs curve). */
  sweep: z.record(z.string(), z.array(scalar).min(1)).default({}),
  claims: z.array(claim).default([]),
  seeds: z.array(int(0)).min(1).default([1]),
  profiles: z.record(armName, mapping.nullable()).default({}),
  ...Object.fromEntries(runSections.map((key) => [key, z.unknown().optional()])),
});

export type RunConfig = z.output<typeof runConfigSchema>;
export type DataConfig = RunConfig['data'];
export type EmojiDataConfig = z.output<typeof emojiData>;
export type CocoDataConfig = z.output<typeof cocoData>;
export type ModelConfig = RunConfig['model'];
export type HeadConfig = ModelConfig['head'];
export type SamplingConfig = ModelConfig['sampling'];
export type PretrainConfig = NonNullable<RunConfig['pretrain']>;
export type TrainConfig = RunConfig['train'];
export type OptimizerConfig = TrainConfig['optimizer'];
export type ScheduleConfig = TrainConfig['schedule'];
export type LossConfig = RunConfig['loss'];
export type EvaluateConfig = RunConfig['evaluate'];
export type Claim = z.output<typeof claim>;
export type SweepPoint = Record<string, number | string>;

/** One run of an experiment, resolved. */
export interface Run {
  experiment: string;
  profile: string;
  arm: string;
  sweep: SweepPoint;
  seed: number;
  /** `<arm>/<sweep>-seed<k>`: the run's folder below `runs/<experiment>/<profile>`, and its name in progress lines. */
  name: string;
  config: Readonly<RunConfig>;
}

/** An experiment at one profile: everything the executor and the report need. */
export interface Experiment {
  name: string;
  profile: string;
  title: string;
  paper?: { table?: number; figure?: number; claim?: string };
  expect?: string;
  claims: Claim[];
  arms: string[];
  seeds: number[];
  sweep: Record<string, (number | string)[]>;
  profiles: string[];
  runs: Run[];
}
