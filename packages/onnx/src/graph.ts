// Builds an ONNX graph: nodes in the order they are made, constants, inputs, outputs. A value is its name.
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.ts';

/** Name of a value in the graph. */
export type Value = string;
/** A number, or the name of a size that is known only when the model runs. */
export type Dimension = number | string;
type Attribute = number | string | readonly number[];

export interface Graph {
  /** Adds a node with one output, which is called `name`, made unique. */
  node(op: string, name: string, inputs: Value[], attributes?: Record<string, Attribute>): Value;
  /** A float constant under `name`; the same name returns the first one, so that shared constants are stored once. */
  floats(name: string, shape: readonly number[], make: () => Float32Array): Value;
  /** An int64 constant of one dimension (or of `shape`), shared by value. */
  ints(values: readonly number[], shape?: readonly number[]): Value;
  input(name: string, shape: Dimension[]): Value;
  /** Declares `value` an output; its name is that of the output. */
  output(value: Value, shape: Dimension[]): void;
  /** Finished file. */
  encode(options: { name: string; opset: number; metadata: Record<string, string> }): Uint8Array;
}

/** IR version 8 came with opset 17; a newer operator set does not need a newer one. */
const IR_VERSION = 8;

export function createGraph(): Graph {
  const nodes: NodeProto[] = [];
  const constants = new Map<string, TensorProto>();
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const taken = new Map<string, number>();

  const unique = (name: string) => {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : `${name}#${count}`;
  };
  const constant = (name: string, dataType: number, dims: readonly number[], make: () => Float32Array | BigInt64Array): Value => {
    if (!constants.has(name)) {
      const { buffer, byteOffset, byteLength } = make();
      constants.set(name, { name, dataType, dims: [...dims], rawData: new Uint8Array(buffer, byteOffset, byteLength) });
    }
    return name;
  };

  return {
    node(op, name, from, attributes = {}) {
      const output = unique(name);
      const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
      nodes.push({ name: `${output}/${op}`, opType: op, input: from, output: [output], attribute });
      return output;
    },
    floats: (name, shape, make) => constant(name, DATA_TYPE.float, shape, make),
    ints: (values, shape = [values.length]) =>
      constant(`ints[${shape}]:${values}`, DATA_TYPE.int64, shape, () => BigInt64Array.from(values, BigInt)),
    input(name, shape) {
      inputs.push(valueInfo(unique(name), shape));
      return name;
    },
    output(value, shape) {
      outputs.push(valueInfo(value, shape));
    },
    encode: ({ name, opset, metadata }) =>
      encodeModel({
        irVersion: IR_VERSION,
        producerName: 'stint',
        opsetImport: [{ domain: '', version: opset }],
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
        graph: { name, node: nodes, initializer: [...constants.values()], input: inputs, output: outputs },
      }),
  };
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] };
}

function valueInfo(name: string, shape: Dimension[]): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPE.float, shape: { dim } } } };
}
