// The network of a run with its parameters: variables that train, buffers that do not.
import path from 'node:path';
import { importTorchWeights } from '@stint/backbones';
import { MODEL_KEY, type ModelDescription } from '@stint/runtime';
import { readSafetensors, toFloat32 } from '@stint/safetensors';
import { toVariables, type Variables } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadConfig, RunConfig } from '../config/schema.ts';
import type { Category } from '../task/task.ts';
import { createNetwork, describeNetwork, type Network } from './network.ts';

export interface Model {
  network: Network;
  variables: Variables;
  /** Running statistics of the batch norms. */
  buffers: Variables;
  /** Both, as the network's parameter map. */
  params: Variables;
  /** For the metadata of its checkpoints. */
  description: ModelDescription;
  /** Number of trained values. */
  size: number;
  dispose(): void;
}

/**
 * Builds the network of a configuration with fresh parameters, a pure function of `seed`; `model.backbone.weights`, relative to
 * `root`, replaces those of the backbone. Throws with all names that do not fit.
 */
export function createModel(model: RunConfig['model'], categories: readonly Category[], seed: number, root = ''): Model {
  const built = modelOf(describeNetwork(model, categories), model.head, seed);
  if (model.backbone.weights) loadBackbone(path.resolve(root, model.backbone.weights), built.network, built.params);
  return built;
}

/** Builds what a description says, with fresh parameters, a pure function of `seed`. `head`: what a description does not hold of it. */
export function modelOf(description: ModelDescription, head: HeadConfig, seed: number): Model {
  const network = createNetwork(description, head);
  const initial = network.initialise(seed);
  const pick = (trainable: boolean) =>
    Object.fromEntries(network.parameters.filter((spec) => spec.trainable === trainable).map(({ name }) => [name, initial[name]]));
  const variables = toVariables(pick(true));
  const buffers = toVariables(pick(false), { trainable: false });
  const params = { ...variables, ...buffers };
  return {
    network,
    variables,
    buffers,
    params,
    description,
    size: Object.values(variables).reduce((sum, { size }) => sum + size, 0),
    dispose: () => {
      for (const variable of Object.values(params)) variable.dispose();
    },
  };
}

/** Metadata of a checkpoint of this model. */
export const metadataOf = ({ description }: Model): Record<string, string> => ({ [MODEL_KEY]: JSON.stringify(description) });

/** Names of parameters that only sampling brings: a dense checkpoint does not have them. */
const SAMPLING_PARAMETER = /_(mask\.(weight|bias)|sigma|filter)$/;

export const isSamplingParameter = (name: string): boolean => SAMPLING_PARAMETER.test(name);

/** Weights with torchvision's or timm's names (a classifier is left aside) into the backbone; sampling keeps its initial values. */
function loadBackbone(file: string, { backbone, bodyPrefix }: Network, params: Variables): void {
  const entries = new Map(
    [...readSafetensors(file).tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
  const loaded = importTorchWeights(entries, backbone.parameters, {
    allowMissing: SAMPLING_PARAMETER,
    allowUnexpected: /^fc\./,
  });
  for (const [name, value] of Object.entries(loaded)) params[bodyPrefix + name].assign(value);
  tf.dispose(loaded);
}
