// TensorFlow operations by name, through the backend of tfjs-node: the ones that tfjs does not offer itself.
import * as tf from '@tensorflow/tfjs-core';

/** An attribute of an operation, as the native binding reads it. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** The part of tfjs-node's backend that is used here. */
export interface NodeBackend {
  isGPUPackage: boolean;
  isUsingGpuDevice: boolean;
  binding: Record<
    'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT' | 'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT32',
    number
  > & {
    TF_Version: string;
  };
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

/** tfjs-node's backend. Throws when another one is in use. */
export function nodeBackend(): NodeBackend {
  const name = tf.getBackend();
  if (name !== 'tensorflow') throw new Error(`engine: the backend is '${name}'; operations by name need 'tensorflow': call startEngine()`);
  return tf.backend() as unknown as NodeBackend;
}

/** Runs the operation `name` with one output. */
export function runOperation(name: string, inputs: tf.TensorInfo[], attributes: AttributeValues): tf.Tensor {
  const backend = nodeBackend();
  return backend.executeSingleOutput(name, attributeList(backend, attributes), inputs);
}

/** Runs the operation `name` with several outputs. */
export function runOperationWithOutputs(name: string, inputs: tf.TensorInfo[], attributes: AttributeValues, outputs: number): tf.Tensor[] {
  const backend = nodeBackend();
  return backend.executeMultipleOutputs(name, attributeList(backend, attributes), inputs, outputs);
}

/** Attributes by name, grouped by the type that TensorFlow gives them ('types' are tensor types such as `T`). */
export interface AttributeValues {
  types?: Record<string, 'float32' | 'int32'>;
  ints?: Record<string, number>;
  floats?: Record<string, number>;
  strings?: Record<string, string>;
  booleans?: Record<string, boolean>;
}

function attributeList({ binding }: NodeBackend, values: AttributeValues): Attribute[] {
  const of = (type: number, group: Record<string, unknown> = {}) => Object.entries(group).map(([name, value]) => ({ name, type, value }));
  const types = Object.entries(values.types ?? {}).map(([name, dtype]) => [name, dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT]);
  return [
    ...of(binding.TF_ATTR_TYPE, Object.fromEntries(types)),
    ...of(binding.TF_ATTR_INT, values.ints),
    ...of(binding.TF_ATTR_FLOAT, values.floats),
    ...of(binding.TF_ATTR_STRING, values.strings),
    ...of(binding.TF_ATTR_BOOL, values.booleans),
  ];
}
