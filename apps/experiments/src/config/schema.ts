// What an experiment may say: strict zod schemas of the YAML and the frozen RunConfig that one run receives.
// Every number has its allowed range here, so that a bad value is reported with it (messages: problems.ts).
import { z } from 'zod';
import { groupNames, unknownName } from '../pruning/settings.ts';
import { TASKS, taskKindOf } from '../task/kinds.ts';
import {
  cityscapesData,
  cocoData,
  emojiCropsData,
  emojiData,
  emojiSegmentationData,
  imageFoldersData,
  labelFoldersData,
} from './schema-data.ts';
import { hasTwoOrders, model } from './schema-model.ts';
import { fraction, int, optional, positive, real, side } from './schema-numbers.ts';

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
  resolutions: optional(z.array(side()).min(1)),
  /** Network slimming: weight of the sum of |gamma| over the batch norms whose channels pruning may take (its paper: 1e-4); default: no penalty. */
  slimming: optional(real(0, 1)),
  /** As `train.scales`; for every task. */
  scales: optional(z.array(real(0.05, 4)).min(1)),
  logEvery: int(1).default(20),
});

/** Channel pruning of the network that fine-tuning starts from. */
const prune = z.strictObject({
  /** Share of the channels that goes. */
  ratio: real(0, 0.999),
  /** l1: norm of the filters; slimming: scale of the batch norm (goes with `pretrain.slimming`); random: the control, by the run's seed. */
  criterion: z.enum(['l1', 'slimming', 'random']).default('l1'),
  /** layer: that share of every group of channels; global: of all in one ranking. */
  scope: z.enum(['layer', 'global']).default('layer'),
  /** What stays of a group is a multiple of it. */
  roundTo: int(1, 1024).default(1),
  /** Training batches whose statistics its batch norms get, which fine-tuning keeps; 0: those of the whole network. */
  recalibrate: int(0, 10000).default(10),
  /** Groups that stay whole: layer1 (the residual stream of a stage), layer1.0.conv2, fpn, fpn.inner; `*` for anything. */
  protect: z.array(z.string().min(1)).default([]),
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
  /**
   * Where interpolation stands while training: before conv3 (`training`, the paper's) or after it, as in evaluation (`inference`, slower). Default:
   * `training` for the kinds that commute with conv3; the others have the inference order only.
   */
  order: optional(z.enum(['training', 'inference'])),
  /** `deterministic`: no Gumbel noise, the soft mask is sigmoid(logits / temperature). */
  sampler: z.enum(['stochastic', 'deterministic']).default('stochastic'),
  /** Image sizes relative to the data's, one drawn for each batch (sides become multiples of 32); default: 1. */
  scales: optional(z.array(real(0.05, 4)).min(1)),
  /** Gumbel temperature, geometric from the first step to the last (paper: 1 to 0.03). */
  temperature: z.strictObject({ start: real(1e-3, 10).default(1), end: real(1e-3, 10).default(0.03) }).prefault({}),
  checkpointEvery: int(1).default(500),
  logEvery: int(1).default(20),
});

const loss = z.strictObject({
  /** gamma: weight of the sparse loss. */
  sparseWeight: real(0, 1000).default(0),
  /**
   * What the sparse loss is. plain: mean probability, block by block (the paper's). mac-weighted: each mask by the MACs it decides on. budget:
   * (E[MACs] / dense - target)^2, all of the backbone's MACs.
   */
  sparse: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('plain') }),
      z.strictObject({ kind: z.literal('mac-weighted') }),
      z.strictObject({ kind: z.literal('budget'), target: real(0.01, 2) }),
    ])
    .default({ kind: 'plain' }),
  /** Weights of a block's masks in the plain sparse loss; default [0.25, 0.75], of three masks [0.25, 0.5, 0.25]: about their MACs. */
  blockWeights: optional(z.array(fraction()).min(2).max(3)),
  /**
   * The pretrained dense network as a teacher of the same images: relative squared distance of the pyramid levels (features) or of the head's
   * raw outputs (logits).
   */
  distillation: optional(z.strictObject({ kind: z.enum(['features', 'logits']), weight: real(0, 1000) })),
  /** Weights of the head's loss terms by name; 1 where not given. */
  tasks: z.record(z.string(), real(0, 1000)).default({}),
});

const windowSide = int(32, 4096);
const windowStride = int(1, 4096);

const evaluate = z.strictObject({
  sampler: z.enum(['stochastic', 'deterministic', 'random', 'uniform', 'blue-noise', 'activation', 'dense']).default('stochastic'),
  /** Of the samplers random, uniform and activation: a share of the positions, or for each mask and image what the network would sample. */
  density: z.union([fraction(), z.literal('matched')]).default('matched'),
  /** Added to the logits of all masks: more or less computation from the same network. */
  shift: real(-20, 20).default(0),
  /** Image size relative to the data's (sides become multiples of 32); boxes and labels are scaled back. */
  scale: real(0.05, 4).default(1),
  /** Grid prior at evaluation; default: `model.sampling.interval`. */
  interval: optional(int(0, 1024)),
  /** Segmentation window by window, of any size, logits averaged where they overlap; default: whole images. */
  sliding: optional(
    z
      .strictObject({ size: z.tuple([windowSide, windowSide]), stride: z.tuple([windowStride, windowStride]) })
      .refine(({ size, stride }) => stride.every((step, axis) => step <= size[axis]), { error: 'must not exceed size', path: ['stride'] }),
  ),
  batchSize: int(1, 4096).default(8),
  /** Evaluations with fresh sampling noise, averaged (a stochastic sampler's metric is itself random). */
  draws: int(1, 100).default(1),
});

const engine = z.strictObject({
  /** TensorFlow threads of one run. Part of the result: gradients change in the last bits with it. */
  threads: int(1, 256).default(1),
});

// --- one run --------------------------------------------------------------------------------------------------------

const runShape = {
  data: z.discriminatedUnion('kind', [
    emojiData,
    cocoData,
    emojiSegmentationData,
    labelFoldersData,
    cityscapesData,
    emojiCropsData,
    imageFoldersData,
  ]),
  model,
  /** Dense training shared by all arms; null: every arm starts from the initial weights. */
  pretrain: pretrain.nullable().default(null),
  /** A checkpoint to start from in place of a pretrained network, relative to the project: its weights, and its channels where they are fewer. */
  start: optional(z.string().min(1)),
  /** Takes channels out of the network before fine-tuning; default: none. */
  prune: optional(prune),
  train,
  loss: loss.prefault({}),
  evaluate: evaluate.prefault({}),
  engine: engine.prefault({}),
};

/** The sections of a run's configuration: what arms, profiles and overrides may change. */
export const runSections = Object.keys(runShape) as (keyof typeof runShape)[];

/** One run: one arm at one value of the sweep with one seed. */
export const runConfigSchema = z.strictObject({ seed: int(0), ...runShape }).superRefine((config, context) => {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const { sampling } = config.model;
  if (config.train.order === 'training' && !hasTwoOrders(sampling)) {
    refuse(['train', 'order'], `cannot be chosen for interpolation ${sampling.interpolation.kind} in blocks of ${sampling.integration}`);
  }
  const { head } = config.model;
  const task = taskKindOf(head.kind);
  if (!TASKS[task].data.includes(config.data.kind))
    refuse(['data', 'kind'], `must be one of ${TASKS[task].data.join(', ')}, for the head ${head.kind} is for ${task}`);
  if (config.evaluate.sliding && task !== 'segmentation')
    refuse(['evaluate', 'sliding'], `is for segmentation, the head ${head.kind} is for ${task}`);
  if (config.pretrain?.resolutions && task === 'segmentation')
    refuse(['pretrain', 'resolutions'], 'does not resize labels: use pretrain.scales (and set this to null)');
  const { blockWeights, distillation } = config.loss;
  const masks = sampling.integration === 'three-masks' ? 3 : 2;
  if (blockWeights && blockWeights.length !== masks) refuse(['loss', 'blockWeights'], `needs ${masks} values for ${sampling.integration}`);
  if (config.start !== undefined && config.pretrain !== null && !distillation) {
    refuse(['start'], 'takes the place of the pretrained network: set pretrain to null');
  }
  const { protect = [] } = config.prune ?? {};
  const known = protect.length > 0 ? channelNames(config.model) : undefined;
  protect.forEach((name, i) => {
    const problem = known && unknownName(name, known);
    if (problem) refuse(['prune', 'protect', i], `names nothing: ${problem}`);
  });
  if (distillation?.kind === 'features' && config.prune?.ratio && !protect.includes('fpn')) {
    refuse(['loss', 'distillation'], 'by features compares pyramids channel by channel: add fpn to prune.protect, or take kind: logits');
  }
  if (distillation && config.pretrain === null) refuse(['loss', 'distillation'], 'needs a pretrained network (pretrain) as its teacher');
});

/** What `prune.protect` may name; undefined where the model makes no network, which a run says better. */
function channelNames({ backbone: { weights: _, ...backbone }, fpn, sampling }: z.output<typeof model>): string[] | undefined {
  try {
    return groupNames({ backbone: { ...backbone, sampling }, fpn });
  } catch {
    return undefined;
  }
}

// --- the experiment -------------------------------------------------------------------------------------------------

const armName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'a name has letters, digits, ".", "_" and "-"' });
const mapping = z.record(z.string(), z.unknown());
const scalar = z.union([z.number(), z.string()]);
const distinct = <Value>(values: readonly Value[]) => new Set(values).size === values.length;
const sweep = z.record(z.string(), z.array(scalar).min(1).refine(distinct, { error: 'must be different values' }));
const claimAt = z.enum(['equal-macs', 'equal-sweep']).default('equal-macs');

const claim = z.union([
  z.strictObject({ better: armName, than: armName, in: z.string().min(1), at: claimAt }),
  /** Of numbers that are better when low; `in` may name any number of a result.json by its path, such as training.loss.variance. */
  z.strictObject({ lower: armName, than: armName, in: z.string().min(1), at: claimAt }),
  z.strictObject({ equal: z.tuple([armName, armName]), in: z.string().min(1), at: claimAt, within: z.number().nonnegative() }),
]);

/** The head of an experiment, after `_base_` and the profile are merged; its run sections are validated arm by arm. */
export const experimentSchema = z.strictObject({
  title: z.string().min(1),
  paper: z.strictObject({ table: int(1).optional(), figure: int(1).optional(), claim: z.string().min(1).optional() }).optional(),
  /** What to expect of a profile, e.g. its time; shown by `stint list` and `stint show`. */
  expect: z.record(z.string(), z.string()).default({}),
  /** Name -> what it changes in the run sections (empty: nothing), and its own sweep in place of the experiment's. */
  arms: z.record(armName, z.looseObject({ sweep: sweep.optional() }).nullable()),
  /** Dotted key -> values: every arm is run at each (the points of its AP-MACs curve). */
  sweep: sweep.default({}),
  claims: z.array(claim).default([]),
  seeds: z.array(int(0)).min(1).refine(distinct, { error: 'must be different numbers' }).default([1]),
  profiles: z.record(armName, mapping.nullable()).default({}),
  ...Object.fromEntries(runSections.map((key) => [key, z.unknown().optional()])),
});

export type RunConfig = z.output<typeof runConfigSchema>;
export type DataConfig = RunConfig['data'];
export type EmojiDataConfig = z.output<typeof emojiData>;
export type CocoDataConfig = z.output<typeof cocoData>;
export type EmojiSegmentationDataConfig = z.output<typeof emojiSegmentationData>;
export type LabelFoldersDataConfig = z.output<typeof labelFoldersData>;
export type CityscapesDataConfig = z.output<typeof cityscapesData>;
export type EmojiCropsDataConfig = z.output<typeof emojiCropsData>;
export type ImageFoldersDataConfig = z.output<typeof imageFoldersData>;
export type ModelConfig = RunConfig['model'];
export type HeadConfig = ModelConfig['head'];
export type SamplingConfig = ModelConfig['sampling'];
export type PretrainConfig = NonNullable<RunConfig['pretrain']>;
export type PruneConfig = NonNullable<RunConfig['prune']>;
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
