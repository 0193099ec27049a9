// The dependency graph of a network from its description. It walks the blocks that @stint/backbones makes of the configuration, in
// the order of the forward pass; there is no list of layers for any network.
import {
  type BlockSpec,
  type FpnLayout,
  fillings,
  fpnLayout,
  maskHeads,
  type ParameterSpec,
  resnetLayout,
  stemConvolutions,
} from '@stint/backbones/plain';
import { type DependencyGraph, dependencyGraph, type Feature } from './graph.ts';
import type { ChannelGroup, ModelDescription } from './types.ts';

/**
 * Every group of channels that can only go together, those that must stay (`fixed` says why) among them; the image is not one.
 * Throws on a description that makes no network.
 */
export function channelGroups(description: ModelDescription): ChannelGroup[] {
  const graph = dependencyGraph();
  const image = graph.input(3);
  const stages = backboneGraph(graph, description, image);
  const maps: Record<string, Feature> = Object.fromEntries(stages.map((stage, s) => [`layer${s + 1}`, stage]));
  const pyramid = pyramidOf(description);
  if (pyramid) maps.fpn = pyramidGraph(graph, prefixes(description).fpn, pyramid, stages);
  readersGraph(graph, description, maps);
  return graph.groups().slice(1);
}

/** What stands before the names of the parts. */
export function prefixes({ fpn, prefix }: ModelDescription): { backbone: string; fpn: string } {
  const usual = fpn ? { backbone: 'backbone.body.', fpn: 'backbone.fpn.' } : { backbone: '', fpn: '' };
  return { ...usual, ...prefix };
}

function pyramidOf({ backbone, fpn }: ModelDescription): FpnLayout | undefined {
  if (!fpn) return undefined;
  const { outChannels } = resnetLayout(backbone);
  const { inChannels = outChannels } = fpn;
  if (String(inChannels) !== String(outChannels))
    throw new Error(`pruning: a pyramid over [${inChannels}] channels on a backbone that gives [${outChannels}]`);
  return fpnLayout({ ...fpn, inChannels });
}

function backboneGraph(graph: DependencyGraph, description: ModelDescription, image: Feature): Feature[] {
  const { backbone: config } = description;
  const before = prefixes(description).backbone;
  const unit = (conv: string, norm: string, from: Feature, channels: number) => {
    const made = graph.convolution(before + conv, from, channels);
    graph.norm(before + norm, made);
    return made;
  };
  const { blocks } = resnetLayout(config);
  let x = image;
  for (const { conv, norm, shape } of stemConvolutions(config)) {
    x = unit(conv, norm, x, shape[3]);
    graph.name(x, conv);
  }
  const stages: Feature[] = [];
  blocks.forEach((block, i) => {
    const { name, planes, planes2, outChannels, downsample, stage } = block;
    const h1 = unit(`${name}.conv1`, `${name}.bn1`, x, planes);
    graph.name(h1, `${name}.conv1`);
    const h2 = unit(`${name}.conv2`, `${name}.bn2`, h1, planes2);
    graph.name(h2, `${name}.conv2`);
    const h3 = unit(`${name}.conv3`, `${name}.bn3`, h2, outChannels);
    maskGraph(graph, before, block, { x, h1, h2, h3 });
    const shortcut = downsample ? unit(`${name}.downsample.0`, `${name}.downsample.1`, x, outChannels) : x;
    x = graph.tie(shortcut, h3);
    if (blocks[i + 1]?.stage === stage) return;
    graph.name(x, `layer${stage}`);
    stages.push(x);
  });
  if (config.classes) graph.follow(`${before}fc.weight`, 0, x);
  return stages;
}

/** Mask heads read the block input; interpolations run on what the convolutions give (backbones: integration.ts). */
function maskGraph(
  graph: DependencyGraph,
  before: string,
  block: BlockSpec,
  maps: { x: Feature; h1: Feature; h2: Feature; h3: Feature },
): void {
  const { name, sampling } = block;
  for (const { index } of maskHeads(block)) graph.follow(`${before}${name}.conv${index}_mask.weight`, 2, maps.x);
  for (const { head, at, last } of fillings(block)) {
    const { kind } = sampling!.interpolation;
    const [given, filled] = last ? [maps.h2, maps.h3] : at === 'input' ? [maps.x, maps.h1] : [maps.h1, maps.h2];
    if (kind === 'convolution') graph.follow(`${before}${name}.conv${head}_filter`, 2, filled);
    if (kind === 'reuse' && !last) {
      const reason = "interpolation 'reuse' averages neighbouring channels of what the layer is given";
      for (const map of [given, filled]) graph.fix(map, reason);
    }
  }
}

/** The laterals are added from level to level; all outputs go through one head. */
function pyramidGraph(graph: DependencyGraph, before: string, { config, outputs }: FpnLayout, stages: Feature[]): Feature {
  const { channels, inner = channels } = config;
  const laterals = stages.map((stage, i) => graph.convolution(`${before}inner_blocks.${i}.0`, stage, inner, { bias: true }));
  const maps = laterals
    .slice(0, outputs)
    .map((lateral, i) => graph.convolution(`${before}layer_blocks.${i}.0`, lateral, channels, { bias: true }));
  const [lateral, map] = [laterals, maps].map((list) => list.reduce((first, other) => graph.tie(first, other)));
  graph.name(lateral, 'fpn.inner');
  graph.name(map, 'fpn');
  return map;
}

function readersGraph(graph: DependencyGraph, { backbone, fpn, readers }: ModelDescription, maps: Record<string, Feature>): void {
  if (!readers) {
    const open = fpn ? ['fpn'] : backbone.classes ? [] : Object.keys(maps);
    for (const name of open) graph.fix(maps[name], `who reads '${name}' is not known (give readers)`);
    return;
  }
  for (const [name, list] of Object.entries(readers)) {
    if (!(name in maps))
      throw new Error(`pruning: readers of '${name}', which is not handed out; there are ${Object.keys(maps).join(', ')}`);
    for (const { parameter, axis, repeat } of list) graph.follow(parameter, axis, maps[name], repeat);
  }
}

/** Every parameter of backbone and pyramid, under its name in the checkpoint. */
export function describedParameters(description: ModelDescription): ParameterSpec[] {
  const before = prefixes(description);
  const named = (prefix: string, specs: readonly ParameterSpec[]) => specs.map((spec) => ({ ...spec, name: prefix + spec.name }));
  const pyramid = pyramidOf(description)?.parameters ?? [];
  return [...named(before.backbone, resnetLayout(description.backbone).parameters), ...named(before.fpn, pyramid)];
}
