// `stint doctor`: what the engine finds on this machine and what is wrong with it. Never throws; plain data.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { problemOf, processorProblem } from './load.ts';
import { BIND_COMMAND, cacheFolder, type EngineFiles, locateEngine } from './locate.ts';
import { type EngineInfo, startEngine } from './start.ts';

export interface Diagnosis {
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memoryGiB: number;
  /** Version of TensorFlow that runs; null when it does not start. */
  tensorflow: string | null;
  tfjs: string | null;
  threads: number | null;
  oneDnn: boolean | null;
  gpu: boolean | null;
  /** 'bound', 'missing', or 'not made by bind' */
  binding: string;
  library: string | null;
  cacheFolder: string;
  /** Free space where the cache is, in GB. */
  cacheFreeGB: number | null;
  /** First line that the C++ compiler says of itself; null without one. */
  compiler: string | null;
  /** pip and the Python it belongs to; null without one. */
  pip: string | null;
  /** Sentences, each with the way out; empty when all is well. */
  problems: string[];
}

const SUPPORTED = ['linux-x64', 'linux-arm64'];
const NEEDED_GB = 1.2;

/** Looks at everything the engine needs. Starts TensorFlow when it can. */
export async function diagnose(
  files: EngineFiles = locateEngine(),
  start: () => Promise<EngineInfo> = () => startEngine({ quiet: true }),
): Promise<Diagnosis> {
  const obstacle = problemOf(files) ?? processorProblem();
  const engine = obstacle === undefined ? await start().catch((error: Error) => error) : new Error(obstacle);
  const info = engine instanceof Error ? undefined : engine;
  const [compiler, pip] = await Promise.all([firstLine(compilers()), firstLine(pythons('-m', 'pip', '--version'))]);
  const facts = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    tensorflow: info?.tensorflowVersion ?? null,
    tfjs: info?.tfjsVersion ?? null,
    threads: info?.threads ?? null,
    oneDnn: info?.oneDnn ?? null,
    gpu: info?.gpu ?? null,
    binding: files.binding === undefined ? 'missing' : files.record ? 'bound' : 'not made by bind',
    library: files.record?.library ?? null,
    cacheFolder: cacheFolder(),
    cacheFreeGB: freeGB(cacheFolder()),
    compiler,
    pip: pip?.replace(/ from .* (?=\(python)/, ' ') ?? null,
  };
  const failure = engine instanceof Error ? engine.message.replace(/^startEngine: /, '') : undefined;
  return { ...facts, problems: problemsOf(facts, files, failure) };
}

/** The problems that follow from what was found; `failure` is why TensorFlow did not start. */
export function problemsOf(
  facts: Omit<Diagnosis, 'problems'>,
  { binding, record, libraryPresent }: EngineFiles,
  failure: string | undefined,
): string[] {
  const problems: string[] = [];
  const [major, minor] = facts.node.slice(1).split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) problems.push(`Node ${facts.node} is too old: install Node 20.19 or newer`);
  if (!SUPPORTED.includes(facts.platform)) {
    problems.push(`${facts.platform} is not supported (${SUPPORTED.join(', ')} are): use a Linux machine, a container or WSL 2`);
  }
  if (failure) problems.push(failure);
  const mustBind = binding === undefined || (record !== undefined && !libraryPresent);
  if (mustBind) {
    if (!facts.compiler)
      problems.push('no C++ compiler, which binding needs: install g++ (Debian, Ubuntu: apt install g++) or name one in CXX');
    if (!facts.pip) problems.push(`no Python with pip, which binding needs: install it, or run: ${BIND_COMMAND} --wheel FILE`);
    if (facts.cacheFreeGB !== null && facts.cacheFreeGB < NEEDED_GB) {
      problems.push(`${facts.cacheFolder} has ${facts.cacheFreeGB} GB free, binding needs ${NEEDED_GB}: make room or set STINT_CACHE`);
    }
  }
  if (record?.device === 'gpu' && facts.gpu === false) {
    problems.push('bound for a GPU, but none is found: check nvidia-smi, CUDA 12 and cuDNN 9 (README of @stint/engine, GPU)');
  }
  return problems;
}

/** The diagnosis as lines for a terminal. */
export function formatDiagnosis({ problems, ...facts }: Diagnosis): string {
  const show = (value: unknown) => (value === null ? 'none' : value === true ? 'yes' : value === false ? 'no' : String(value));
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(13)} ${show(value)}`);
  const verdict = problems.length === 0 ? ['All is well.'] : problems.map((problem) => `PROBLEM: ${problem}`);
  return [...lines, ...verdict].join('\n');
}

function compilers(): string[][] {
  const named = process.env.CXX?.trim();
  return (named ? [named.split(/\s+/)] : [['g++'], ['c++'], ['clang++']]).map((command) => [...command, '--version']);
}

function pythons(...args: string[]): string[][] {
  return (process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python']).map((command) => [command, ...args]);
}

/** The first line that the first working command prints; null when none works. */
async function firstLine(commands: string[][]): Promise<string | null> {
  for (const [command, ...args] of commands) {
    try {
      const { stdout } = await promisify(execFile)(command, args, { timeout: 10_000 });
      return stdout.split('\n')[0].trim();
    } catch {
      // not there, or it does not run
    }
  }
  return null;
}

/** Free space of the nearest existing folder. */
function freeGB(folder: string): number | null {
  try {
    while (!fs.existsSync(folder)) folder = path.dirname(folder);
    const { bavail, bsize } = fs.statfsSync(folder);
    return Math.round((bavail * bsize) / 1e8) / 10;
  } catch {
    return null;
  }
}
