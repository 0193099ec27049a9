// What an export of a checkpoint is made of: the model as @stint/onnx takes it, and the options of the graph.
import { resnetLayout } from '@stint/backbones/plain';
import { type ExportMode, exportOnnx, type ImageSize, type MaskSource, type ModelDescription, type OutputGroup } from '@stint/onnx';
import type { Checkpoint } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';

export interface ExportPlan {
  model: ModelDescription;
  mode: ExportMode;
  masks: MaskSource;
  outputs: OutputGroup[];
  inputSize: ImageSize;
  opset: number;
}

const GROUPS: OutputGroup[] = ['features', 'pyramid', 'logits', 'masks'];

/** @throws UsageError for what the checkpoint's network has not. */
export function planExport(
  { description, source }: Checkpoint,
  options: { mode: ExportMode; masks: MaskSource; outputs?: readonly string[]; inputSize: ImageSize; opset: number },
): ExportPlan {
  const { backbone, fpn } = description;
  const model: ModelDescription = {
    backbone,
    ...(fpn && { fpn: { inChannels: resnetLayout(backbone).outChannels, ...fpn } }),
  };
  const strange = options.outputs?.find((name) => !GROUPS.includes(name as OutputGroup));
  if (strange !== undefined) throw new UsageError(`--outputs ${strange} is not known (known: ${GROUPS.join(', ')})`);
  if (options.outputs?.includes('pyramid') && !fpn) throw new UsageError(`--outputs pyramid: ${source} has no pyramid; give features`);
  if (options.outputs?.includes('logits') && !backbone.classes)
    throw new UsageError(`--outputs logits: ${source} has no classes; give features`);
  if (options.outputs?.includes('masks') && (options.mode === 'dense' || options.masks !== 'deterministic'))
    throw new UsageError(
      '--outputs masks needs --graph masked or sampled and --mask-source deterministic: masks that are inputs are known',
    );
  if (options.mode !== 'dense' && backbone.sampling?.integration !== 'two-masks') {
    const found = backbone.sampling ? `blocks of ${backbone.sampling.integration}` : 'no masks';
    throw new UsageError(`--graph ${options.mode} is for blocks of two-masks, ${source} has ${found}; give --graph dense`);
  }
  const [first] = options.outputs ?? [];
  const outputs = (first === undefined ? [fpn ? 'pyramid' : backbone.classes ? 'logits' : 'features'] : options.outputs) as OutputGroup[];
  return { ...options, model, outputs };
}

/** The file. `more`: outputs beside those of the plan. */
export function writeGraph({ tensors }: Checkpoint, { model, ...options }: ExportPlan, more: readonly OutputGroup[] = []): Uint8Array {
  return exportOnnx(model, tensors, { ...options, outputs: [...new Set([...options.outputs, ...more])] });
}
