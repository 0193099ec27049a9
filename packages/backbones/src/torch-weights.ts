// Weights of a PyTorch state_dict to parameters (tensors) and back.
import * as tf from '@tensorflow/tfjs-core';
import { convertTorchWeights, type ImportOptions, type ParameterLayout, type TorchEntries, torchAxes } from './torch-layout.ts';
import type { Params } from './types.ts';

/**
 * Parameters from a state_dict. `num_batches_tracked` is ignored. The caller owns the tensors.
 * @throws one error that lists every missing, unexpected and misshapen entry.
 */
export function importTorchWeights(entries: TorchEntries, parameters: readonly ParameterLayout[], options: ImportOptions = {}): Params {
  const values = convertTorchWeights(entries, parameters, options);
  return Object.fromEntries([...values].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
}

/** The inverse: a state_dict (without num_batches_tracked), in the order of `parameters`. */
export function exportTorchWeights(
  params: Params,
  parameters: readonly ParameterLayout[],
): Map<string, { shape: number[]; data: Float32Array }> {
  return new Map(
    parameters.map((spec) => {
      const tensor = params[spec.name];
      if (!tensor || String(tensor.shape) !== String(spec.shape)) {
        throw new Error(`exportTorchWeights: '${spec.name}' is [${tensor?.shape ?? 'missing'}], expected [${spec.shape}]`);
      }
      const order = torchAxes(spec);
      const data = tf.tidy(() => (order ? tf.transpose(tensor, order) : tf.clone(tensor)));
      const entry = { shape: [...data.shape], data: data.dataSync() as Float32Array };
      data.dispose();
      return [spec.name, entry];
    }),
  );
}
