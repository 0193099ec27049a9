// A checkpoint as named float32 arrays and the description of their network. Two kinds of files are read: Stint's own (HWIO, `model.` before
// each name, description in the metadata) and PyTorch state_dicts with torchvision's names (OIHW; a dense ResNet is recognised by its shapes).
import { convertTorchWeights, fpnLayout, type ParameterSpec, resnetLayout } from '@stint/backbones/plain';
import { fasterRcnnParameters, oneStageParameters, resolveFasterRcnn, resolveOneStage } from '@stint/detection-head/plain';
import { parseSafetensors, readSafetensors, type SafeTensor, type Safetensors, toFloat32 } from '@stint/safetensors';
import { headParameters as segmentationParameters } from '@stint/segmentation-head/plain';
import { checkDescription, descriptionOf, isSegmentation, MODEL_KEY, type ModelDescription, ModelFileError } from './description.ts';
import { segmentationLayout } from './plan/segmentation.ts';
import { describeTorchResnet } from './torchvision.ts';

/** Row-major float32 values; filters HWIO, matrices [in, out]. */
export interface NamedTensor {
  shape: readonly number[];
  data: Float32Array;
}

export interface Checkpoint {
  description: ModelDescription;
  /** By name without prefix: `backbone.body.conv1.weight`, or `conv1.weight` when there is nothing but a backbone. */
  tensors: ReadonlyMap<string, NamedTensor>;
  metadata: Record<string, string>;
  /** For messages: the file. */
  source: string;
}

const MODEL_PREFIX = 'model.';

/** Prefixes of the parts of a detector. A backbone alone has none. */
export const BODY = 'backbone.body.';
export const PYRAMID = 'backbone.fpn.';

/**
 * Reads a checkpoint.
 * @param from path or bytes of a safetensors file, or a checkpoint already read.
 * @param model description, for files that do not carry one.
 * @throws SafetensorsError for a damaged file; a ModelFileError that lists every parameter that is missing, misshapen or not finite.
 */
export function loadCheckpoint(from: string | Uint8Array | Checkpoint, model?: ModelDescription): Checkpoint {
  if (typeof from === 'object' && 'tensors' in from) return checked(from);
  const source = typeof from === 'string' ? from : '<bytes>';
  const file = typeof from === 'string' ? readSafetensors(from) : parseSafetensors(from);
  const ours = ['stint', MODEL_KEY].some((key) => Object.hasOwn(file.metadata, key));
  try {
    return checked(ours ? ofStint(file, source, model) : ofTorch(file, source, model));
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    // What layouts and heads find wrong with their settings: they know no file.
    throw new ModelFileError(`${source}: no network can be made of it: ${(cause as Error).message}`, { cause });
  }
}

function ofStint({ tensors, metadata }: Safetensors, source: string, model?: ModelDescription): Checkpoint {
  const description = model ? checkDescription(model, source) : descriptionOf(metadata, source);
  if (!description)
    throw new ModelFileError(`${source}: the checkpoint does not say which model it is of; give its description as \`model\``);
  const own = [...tensors].filter(([name]) => name.startsWith(MODEL_PREFIX));
  return { description, metadata, source, tensors: new Map(own.map(([name, tensor]) => [name.slice(MODEL_PREFIX.length), plain(tensor)])) };
}

function ofTorch({ tensors, metadata }: Safetensors, source: string, model?: ModelDescription): Checkpoint {
  const entries = new Map([...tensors].map(([name, tensor]) => [name, plain(tensor)]));
  const description = model ? checkDescription(model, source) : { backbone: describeTorchResnet(entries) };
  const converted = convertTorchWeights(entries, parametersOf(description), { allowUnexpected: /^fc\./ });
  return { description, metadata, source, tensors: converted };
}

const plain = (tensor: SafeTensor): NamedTensor => ({ shape: tensor.shape, data: toFloat32(tensor) });

/** Parameters of every part, with the names they have in a checkpoint. */
export function parametersOf({ backbone, fpn, head }: ModelDescription): ParameterSpec[] {
  const body = resnetLayout(backbone);
  if (!fpn) return [...body.parameters];
  const parts = [
    { prefix: BODY, parameters: body.parameters },
    { prefix: PYRAMID, parameters: fpnLayout({ inChannels: body.outChannels, ...fpn }).parameters },
    { prefix: '', parameters: headParameters(head) },
  ];
  return parts.flatMap(({ prefix, parameters }) => parameters.map((spec) => ({ ...spec, name: prefix + spec.name })));
}

function headParameters(head: ModelDescription['head']): ParameterSpec[] {
  if (!head) return [];
  if (isSegmentation(head)) return segmentationParameters(segmentationLayout(head)) as ParameterSpec[];
  return head.kind === 'one-stage' ? oneStageParameters(resolveOneStage(head)) : fasterRcnnParameters(resolveFasterRcnn(head));
}

/** Every parameter there, with its shape, finite. */
function checked(checkpoint: Checkpoint): Checkpoint {
  const problems = parametersOf(checkpoint.description).flatMap(({ name, shape }) => {
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) return [`${name} [${shape}] is missing`];
    if (String(tensor.shape) !== String(shape)) return [`${name} is [${tensor.shape}], expected [${shape}]`];
    if (!tensor.data.every(Number.isFinite)) return [`${name} holds numbers that are not finite`];
    return [];
  });
  if (problems.length === 0) return checkpoint;
  const more = problems.length > 10 ? [`\n  and ${problems.length - 10} more`] : [];
  const shown = problems.slice(0, 10).map((problem) => `\n  ${problem}`);
  throw new ModelFileError(`${checkpoint.source}: the weights do not fit the model:${[...shown, ...more].join('')}`);
}
