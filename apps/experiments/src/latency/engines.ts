// The engines that are compared, and how each is started.
import path from 'node:path';
import { type EngineCommand, type EngineProcess, startEngineProcess } from './engine-process.ts';
import { openvinoPython } from './python.ts';
import type { OtherEngine } from './schema.ts';

/** Ours twice: the dense network, and the sampled one with its masks. */
export type EngineName = 'dense' | 'sampled' | OtherEngine;

export interface EngineStart {
  threads: number;
  kill?: AbortSignal;
  log(line: string): void;
}

/** Starts processes of the engines. Replaced in tests. */
export type StartEngine = (name: EngineName, options: EngineStart) => EngineProcess;

const WORKSPACE = path.join(__dirname, '../../../..');

export const startEngine: StartEngine = (name, { threads, kill, log }) => {
  const label = `${labelOf(name)}, ${threads} thread${threads === 1 ? '' : 's'}`;
  const common: Pick<EngineCommand, 'name' | 'kill' | 'cwd'> = { name: label, kill, cwd: WORKSPACE };
  if (name === 'openvino') {
    return startEngineProcess({ ...common, command: [openvinoPython(log), '-u', path.join(__dirname, 'openvino_worker.py')] });
  }
  return startEngineProcess({
    ...common,
    command: nodeCommand(path.join(__dirname, 'worker.ts'), name === 'onnxruntime' ? 'onnxruntime' : 'stint'),
    env: { TS_NODE_PROJECT: path.join(WORKSPACE, 'tsconfig.json') },
  });
};

/** Node with this workspace's sources. */
export function nodeCommand(file: string, ...args: string[]): string[] {
  return [process.execPath, '--conditions=@stint/source', '-r', require.resolve('ts-node/register'), file, ...args];
}

export function labelOf(name: EngineName): string {
  return { dense: 'Stint dense', sampled: 'Stint sampled', onnxruntime: 'onnxruntime', openvino: 'OpenVINO' }[name];
}
