// A network as a checkpoint file that no training wrote: weights and description alone.
import { MODEL_KEY, type ModelDescription, type NamedTensor } from '@stint/runtime';
import { type SafeTensor, writeSafetensors } from '@stint/safetensors';

/** Writes it as training does, atomically; `stint` among the metadata marks a checkpoint of ours. */
export function writeCheckpoint(
  file: string,
  { description, tensors }: { description: ModelDescription; tensors: ReadonlyMap<string, NamedTensor> },
  metadata: Readonly<Record<string, string>> = {},
): void {
  const entries = [...tensors].map(([name, { shape, data }]): [string, SafeTensor] => [
    `model.${name}`,
    { dtype: 'F32', shape: [...shape], data },
  ]);
  writeSafetensors(file, entries, { stint: '{}', ...metadata, [MODEL_KEY]: JSON.stringify(description) });
}
