// What is in an exported file, and a changed copy of it.
import { encodeModel, type ModelProto, modelMessage } from '../src/proto.ts';

/** The inverse of encodeModel. Whole numbers come as numbers. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelMessage.toObject(modelMessage.decode(bytes), { longs: Number, arrays: true }) as ModelProto;
}

/** The same model with further values of the graph as outputs (rank and type are left open). */
export function withOutputs(bytes: Uint8Array, names: string[]): Uint8Array {
  const model = decodeModel(bytes);
  const extra = names.map((name) => ({ name })) as ModelProto['graph']['output'];
  return encodeModel({ ...model, graph: { ...model.graph, output: [...model.graph.output, ...extra] } });
}

/** Every value is made once and before it is read, every constant is read, and every node leads to an output. Lists what is not so. */
export function graphFaults({ graph }: ModelProto): string[] {
  const made = new Set(graph.input.map(({ name }) => name));
  const faults: string[] = [];
  const define = (name: string) => {
    if (made.has(name)) faults.push(`${name} is made twice`);
    made.add(name);
  };
  for (const { name } of graph.initializer) define(name);
  for (const { name, input, output } of graph.node) {
    for (const value of input) if (value && !made.has(value)) faults.push(`${name} reads ${value}, which is not there yet`);
    output.forEach(define);
  }
  const read = new Set(graph.output.map(({ name }) => name));
  for (const { name } of graph.output) if (!made.has(name)) faults.push(`output ${name} is not made`);
  for (const { input, output, name } of [...graph.node].reverse()) {
    if (!output.some((value) => read.has(value))) faults.push(`${name} leads nowhere`);
    for (const value of input) read.add(value);
  }
  for (const { name } of [...graph.initializer, ...graph.input]) if (!read.has(name)) faults.push(`${name} is never read`);
  return faults;
}
