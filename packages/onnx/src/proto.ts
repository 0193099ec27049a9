// The part of ONNX's protocol buffers that these models need: message names, field names and numbers of onnx.proto (ONNX 1.23, the same since
// IR version 3). Written as data for protobufjs, which does the encoding.
import protobuf from 'protobufjs/light.js';

const optional = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ type, id, rule: 'repeated' });
/** onnx.proto is written in proto2: a field that is set is stored, also when it is 0 or empty, and lists of numbers are not packed. */
const message = (fields: Record<string, { type: string; id: number }>) => ({ edition: 'proto2', fields });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      irVersion: optional('int64', 1),
      producerName: optional('string', 2),
      graph: optional('GraphProto', 7),
      opsetImport: repeated('OperatorSetIdProto', 8),
      metadataProps: repeated('StringStringEntryProto', 14),
    }),
    OperatorSetIdProto: message({ domain: optional('string', 1), version: optional('int64', 2) }),
    StringStringEntryProto: message({ key: optional('string', 1), value: optional('string', 2) }),
    GraphProto: message({
      node: repeated('NodeProto', 1),
      name: optional('string', 2),
      initializer: repeated('TensorProto', 5),
      input: repeated('ValueInfoProto', 11),
      output: repeated('ValueInfoProto', 12),
    }),
    NodeProto: message({
      input: repeated('string', 1),
      output: repeated('string', 2),
      name: optional('string', 3),
      opType: optional('string', 4),
      attribute: repeated('AttributeProto', 5),
    }),
    AttributeProto: message({
      name: optional('string', 1),
      i: optional('int64', 3),
      s: optional('bytes', 4),
      ints: repeated('int64', 8),
      type: optional('int32', 20),
    }),
    TensorProto: message({
      dims: repeated('int64', 1),
      dataType: optional('int32', 2),
      name: optional('string', 8),
      rawData: optional('bytes', 9),
    }),
    ValueInfoProto: message({ name: optional('string', 1), type: optional('TypeProto', 2) }),
    TypeProto: message({ tensorType: optional('TensorTypeProto', 1) }),
    TensorTypeProto: message({ elemType: optional('int32', 1), shape: optional('TensorShapeProto', 2) }),
    TensorShapeProto: message({ dim: repeated('DimensionProto', 1) }),
    DimensionProto: message({ dimValue: optional('int64', 1), dimParam: optional('string', 2) }),
  },
});

/** The message of a whole file. */
export const modelMessage = root.lookupType('ModelProto');

/** TensorProto.DataType. */
export const DATA_TYPE = { float: 1, int64: 7 } as const;
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 } as const;

export interface AttributeProto {
  name: string;
  type: number;
  i?: number;
  s?: Uint8Array;
  ints?: number[];
}

export interface NodeProto {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface TensorProto {
  name: string;
  dataType: number;
  dims: number[];
  /** Little-endian. */
  rawData: Uint8Array;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } } };
}

export interface ModelProto {
  irVersion: number;
  producerName: string;
  opsetImport: { domain: string; version: number }[];
  metadataProps: { key: string; value: string }[];
  graph: { name: string; node: NodeProto[]; initializer: TensorProto[]; input: ValueInfoProto[]; output: ValueInfoProto[] };
}

/** No parser takes a message of 2 GiB or more. */
const LIMIT = 2 ** 31 - 1;

/** The bytes of an `.onnx` file. @throws RangeError when the weights make the file larger than protocol buffers allow. */
export function encodeModel(model: ModelProto): Uint8Array {
  const weights = model.graph.initializer.reduce((sum, { rawData }) => sum + rawData.length, 0);
  if (weights > LIMIT)
    throw new RangeError(`exportOnnx: ${weights} bytes of weights; an ONNX file holds at most ${LIMIT}, export a smaller network`);
  return modelMessage.encode(model).finish();
}
