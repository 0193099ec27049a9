// `stint export`: a checkpoint as ONNX, and whether onnxruntime computes with it what our runtime does.
import fs from 'node:fs';
import path from 'node:path';
import type { ExportMode, MaskSource } from '@stint/onnx';
import { loadCheckpoint } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';
import { planExport, writeGraph } from '../interop/export-onnx.ts';
import { writeFileAtomic } from '../run/files.ts';
import { existing, oneOf } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface ExportCommandOptions {
  checkpoint: string;
  onnx: string;
  graph?: string;
  maskSource?: string;
  outputs?: string;
  size?: [number, number];
  opset?: number;
  check?: boolean;
  checkSize?: [number, number];
  json?: boolean;
}

/** Exit code 1 when the check fails; the file is there all the same. */
export async function exportCommand(options: ExportCommandOptions, { io }: { io: Io }): Promise<number> {
  const { checkpoint: file, onnx, size, opset = 17, json } = options;
  const mode = oneOf<ExportMode>('--graph', options.graph ?? 'dense', ['dense', 'masked', 'sampled']);
  const masks = oneOf<MaskSource>('--mask-source', options.maskSource ?? 'inputs', ['inputs', 'deterministic']);
  if (opset < 17 || opset > 26) throw new UsageError(`--opset ${opset}: give a version from 17 to 26`);
  if (options.checkSize && !options.check) throw new UsageError('--check-size is the size of --check: give that too');
  if (options.checkSize && size && String(size) !== String(options.checkSize))
    throw new UsageError(`--check-size ${options.checkSize.join('x')}: the graph takes ${size.join('x')} only`);
  const checkpoint = loadCheckpoint(existing('--checkpoint', file));
  const outputs = options.outputs?.split(',').filter(Boolean);
  const plan = planExport(checkpoint, { mode, masks, outputs, inputSize: size ?? 'dynamic', opset });
  const bytes = writeGraph(checkpoint, plan);
  fs.mkdirSync(path.dirname(path.resolve(onnx)), { recursive: true });
  writeFileAtomic(path.resolve(onnx), bytes);
  const summary = {
    file: onnx,
    bytes: bytes.length,
    graph: mode,
    ...(mode !== 'dense' && { masks }),
    opset,
    size: size ?? 'dynamic',
    outputs: plan.outputs,
  };
  if (!json)
    io.out(
      `${onnx}: ${mode} graph, opset ${opset}, ${size ? size.join('x') : 'any image size'}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`,
    );
  const checked = options.check ? await check() : undefined;
  if (json) printJson(io, { ...summary, check: checked });
  for (const { output, shape, difference, ok } of json ? [] : (checked ?? []))
    io.out(`  ${ok ? 'equal' : 'DIFFERS'}  ${output.padEnd(8)} [${shape}]  greatest difference ${difference.toExponential(1)}`);
  return checked?.some(({ ok }) => !ok) ? 1 : 0;

  async function check() {
    const { checkOnnx } = await import('../interop/check-onnx.ts');
    // Masks that are computed inside go to both engines: on the edge of 1/2 they may differ in a cell.
    const graph = mode !== 'dense' && masks === 'deterministic' ? writeGraph(checkpoint, plan, ['masks']) : bytes;
    return checkOnnx(checkpoint, plan, graph, options.checkSize ?? size ?? [96, 160]);
  }
}
