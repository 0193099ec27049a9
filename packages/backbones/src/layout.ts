// From a configuration to the list of blocks and of parameters, in the order of torchvision's state_dict.
import { fillInParameters } from './fill-in-layout.ts';
import { fillings, isSampled, maskHeads } from './integration.ts';
import { stemConvolutions } from './stem-layout.ts';
import type { BackboneLayout, BlockSpec, Integration, ParameterSpec, ResNetConfig, SamplingConfig } from './types.ts';
import { channelWidths, regularWidths, stemOutput } from './widths.ts';

/** Blocks, parameters and feature maps of a configuration. Throws on one that makes no network. */
export function resnetLayout(config: ResNetConfig): BackboneLayout {
  const blocks = blockSpecs(config);
  const last = config.layers.map((_, s) => blocks.filter(({ stage }) => stage === s + 1).at(-1)!);
  return {
    config,
    blocks,
    parameters: parameterSpecs(config, blocks),
    outChannels: last.map(({ outChannels }) => outChannels),
    strides: config.layers.map((_, s) => 4 * 2 ** s),
  };
}

const INTEGRATIONS: readonly Integration[] = ['dense', 'one-mask', 'two-masks', 'three-masks'];

type Options = { sampling?: SamplingConfig; classes?: number };

/** Configuration of torchvision's ResNet-50: 25.6 M parameters with the classifier. */
export const resnet50Config = (options: Options = {}): ResNetConfig => imagenetConfig([3, 4, 6, 3], options);

/** Configuration of torchvision's ResNet-101: 44.5 M parameters with the classifier. */
export const resnet101Config = (options: Options = {}): ResNetConfig => imagenetConfig([3, 4, 23, 3], options);

function imagenetConfig(layers: number[], options: Options): ResNetConfig {
  return { stem: { kind: 'imagenet', width: 64 }, layers, planes: [64, 128, 256, 512], ...options };
}

/** Every bottleneck of the network, in order. */
export function blockSpecs(config: ResNetConfig): BlockSpec[] {
  const { layers, sampling } = config;
  check(config);
  const [widths, regular] = [channelWidths(config), regularWidths(config)];
  const blocks: BlockSpec[] = [];
  let input = stemOutput(config);
  layers.forEach((count, s) => {
    const output = `layer${s + 1}`;
    for (let i = 0; i < count; i++) {
      const name = `${output}.${i}`;
      const stride = i === 0 && s > 0 ? 2 : 1;
      const downsample = i === 0 && (stride !== 1 || regular[input] !== regular[output]);
      const [inChannels, outChannels] = [widths[input], widths[output]];
      if (!downsample && inChannels !== outChannels) {
        throw new Error(
          `resnet: ${name} adds its ${inChannels} input channels to ${outChannels}; give '${input}' and '${output}' the same width`,
        );
      }
      const [planes, planes2] = [widths[`${name}.conv1`], widths[`${name}.conv2`]];
      blocks.push({ name, stage: s + 1, index: blocks.length, inChannels, planes, planes2, outChannels, stride, downsample, sampling });
      input = output;
    }
  });
  if (isSampled(sampling) && sampling.interpolation.kind === 'reuse') for (const block of blocks) checkReuse(block);
  return blocks;
}

/** `reuse` averages over whole groups of channels. */
function checkReuse(block: BlockSpec): void {
  for (const { last, head, channels } of fillings(block)) {
    const given = head === 1 ? block.inChannels : block.planes;
    if (!last && given % channels !== 0) {
      const what = head === 1 ? `input channels of ${block.name}` : `channels that ${block.name}.conv2 is given`;
      throw new Error(`resnet: interpolation 'reuse' averages the ${given} ${what} down to ${channels}; give a divisor`);
    }
  }
}

/** Every parameter of the network. */
export function parameterSpecs(config: ResNetConfig, blocks: readonly BlockSpec[]): ParameterSpec[] {
  const specs = stemConvolutions(config).flatMap(({ conv, norm, shape }) => [weight(conv, shape), ...normSpecs(norm, shape[3])]);
  for (const block of blocks) specs.push(...blockParameters(block));
  if (config.classes) {
    const features = blocks[blocks.length - 1].outChannels;
    specs.push(weight('fc', [features, config.classes]), { name: 'fc.bias', shape: [config.classes], role: 'bias', trainable: true });
  }
  return specs;
}

/** Parameters of one bottleneck. */
export function blockParameters(block: BlockSpec): ParameterSpec[] {
  const { name, inChannels, planes, planes2, outChannels, downsample, sampling } = block;
  const unit = (conv: string, norm: string, shape: number[]) => [
    weight(`${name}.${conv}`, shape),
    ...normSpecs(`${name}.${norm}`, shape[3]),
  ];
  const specs = [
    ...unit('conv1', 'bn1', [1, 1, inChannels, planes]),
    ...unit('conv2', 'bn2', [3, 3, planes, planes2]),
    ...unit('conv3', 'bn3', [1, 1, planes2, outChannels]),
  ];
  if (downsample) specs.push(...unit('downsample.0', 'downsample.1', [1, 1, inChannels, outChannels]));
  if (!isSampled(sampling)) return specs;
  for (const { index } of maskHeads(block)) {
    const head = `${name}.conv${index}_mask`;
    specs.push({ name: `${head}.weight`, shape: [3, 3, inChannels, 1], role: 'mask-weight', trainable: true });
    specs.push({ name: `${head}.bias`, shape: [1], role: 'mask-bias', trainable: true });
  }
  return [...specs, ...fillInParameters(block, sampling)];
}

const weight = (name: string, shape: number[]): ParameterSpec => ({ name: `${name}.weight`, shape, role: 'weight', trainable: true });

function normSpecs(norm: string, channels: number): ParameterSpec[] {
  return [
    { name: `${norm}.weight`, shape: [channels], role: 'norm-scale', trainable: true },
    { name: `${norm}.bias`, shape: [channels], role: 'norm-shift', trainable: true },
    { name: `${norm}.running_mean`, shape: [channels], role: 'norm-mean', trainable: false },
    { name: `${norm}.running_var`, shape: [channels], role: 'norm-variance', trainable: false },
  ];
}

function check({ layers, planes, sampling }: ResNetConfig): void {
  if (layers.length === 0 || layers.length !== planes.length || layers.some((count) => !(count > 0))) {
    throw new Error(`resnet: layers [${layers}] and planes [${planes}]; give one positive number a stage in each`);
  }
  if (!isSampled(sampling)) return;
  const { integration } = sampling;
  if (!INTEGRATIONS.includes(integration)) throw new Error(`resnet: unknown integration '${integration}'; give ${INTEGRATIONS.join(', ')}`);
  const { window } = sampling.interpolation;
  if (!Number.isInteger(window) || window % 2 === 0 || window < 1)
    throw new Error(`resnet: interpolation window ${window}; give an odd number, such as 7`);
}
