// Starts TensorFlow in this process: environment, binding, gradients. Once a process; what runs then is described in EngineInfo.
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from './gradients/index.ts';
import { loadTensorFlow, setEnvironment } from './load.ts';
import { type EngineFiles, locateEngine } from './locate.ts';
import { nodeBackend } from './node-backend.ts';

export interface EngineOptions {
  /** Threads of one operation. Default: TF_NUM_INTRAOP_THREADS, else the number of cores. Results depend on it: fix it for a comparison. */
  threads?: number;
  /** true: fail without a GPU; false: leave GPUs alone; default: use one if the binding and the machine have it. */
  gpu?: boolean;
  /** Show TensorFlow's errors only, no warnings (unless TF_CPP_MIN_LOG_LEVEL says otherwise). */
  quiet?: boolean;
}

/** What runs. Everything a result may depend on: store it with the result. */
export interface EngineInfo {
  backend: 'tensorflow';
  tensorflowVersion: string;
  tfjsVersion: string;
  /** Node's version, e.g. v22.1.0 */
  node: string;
  threads: number;
  gpu: boolean;
  /** Whether TensorFlow may use oneDNN's kernels (TF_ENABLE_ONEDNN_OPTS); they change the last digits. */
  oneDnn: boolean;
  /** Which libtensorflow the binding was made for; 'unknown' when bind did not make it. */
  device: 'cpu' | 'gpu' | 'unknown';
  /** Kernels whose gradient this package registered. */
  gradients: string[];
}

let running: EngineInfo | undefined;

/**
 * Loads TensorFlow, makes it the backend and registers the gradients that tfjs lacks. Call it before anything computes on tensors.
 * A second call returns what runs already, and throws when it asks for other threads or another device.
 * @throws with the command to run when TensorFlow is not bound, and when `gpu: true` finds no GPU
 */
export async function startEngine(options: EngineOptions = {}): Promise<EngineInfo> {
  const threads = options.threads ?? (Number(process.env.TF_NUM_INTRAOP_THREADS) || os.availableParallelism());
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`startEngine: threads is ${threads}; it must be a whole number of at least 1`);
  running ??= await start(threads, options, locateEngine());
  if (options.threads !== undefined && options.threads !== running.threads) {
    throw new Error(
      `startEngine: TensorFlow already runs with ${running.threads} threads, ${options.threads} were asked for; ` +
        'it reads that number once: start it before anything else loads tfjs-node, or in a process of its own',
    );
  }
  requireDevice(options.gpu, running);
  return running;
}

async function start(threads: number, { gpu, quiet = false }: EngineOptions, files: EngineFiles): Promise<EngineInfo> {
  const loaded = tf.findBackend('tensorflow') !== null; // by somebody else, with the environment as it was then
  const loadedThreads = Number(process.env.TF_NUM_INTRAOP_THREADS) || os.availableParallelism();
  if (!loaded) {
    setEnvironment({ threads, gpu, quiet });
    await loadTensorFlow(files);
  }
  await tf.setBackend('tensorflow');
  await tf.ready();
  const backend = nodeBackend();
  return {
    backend: 'tensorflow',
    tensorflowVersion: backend.binding.TF_Version,
    tfjsVersion: tf.version_core,
    node: process.version,
    threads: loaded ? loadedThreads : threads,
    gpu: backend.isUsingGpuDevice,
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS !== '0',
    device: files.record?.device ?? 'unknown',
    gradients: registerGradients(),
  };
}

/** Throws when the device that runs is not the one asked for. */
export function requireDevice(wanted: boolean | undefined, { gpu, device }: Pick<EngineInfo, 'gpu' | 'device'>): void {
  if (wanted === false && gpu) throw new Error('startEngine: TensorFlow already runs on a GPU; gpu: false must come with the first call');
  if (wanted !== true || gpu) return;
  const way =
    device === 'gpu'
      ? 'libtensorflow for GPUs found none: check nvidia-smi, CUDA 12 and cuDNN 9 (README, GPU), and CUDA_VISIBLE_DEVICES'
      : 'this binding is for the CPU; run: npx nx run engine:bind --gpu';
  throw new Error(`startEngine: a GPU was asked for; ${way}`);
}
