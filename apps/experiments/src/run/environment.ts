// env.json: what a result depends on besides its configuration.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import type { EngineInfo } from '@stint/engine';
import { nativeInfo } from '@stint/sparse-conv/native';
import { codeHash } from '../config/code.ts';

/** What a measurement depends on besides the engine. */
export interface Machine {
  stint: string;
  commit: string | null;
  /** Whether the work tree differs from the commit. */
  dirty: boolean | null;
  node: string;
  platform: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  started: string;
}

export interface Environment extends Machine {
  engine: EngineInfo;
  /** Of everything that makes a result (config/code.ts). */
  code: string;
  /** Compiled kernels that this machine would use: a run computes in TensorFlow, but what is compiled of it does not. Null: not built. */
  kernels: { isa: string; available: readonly string[] } | null;
}

/** Describes this process's surroundings. */
export function describeEnvironment(engine: EngineInfo, root: string): Environment {
  const { stint, commit, dirty, ...rest } = describeMachine(root);
  return { stint, commit, dirty, code: codeHash(), engine, kernels: describeKernels(), ...rest };
}

function describeKernels(): Environment['kernels'] {
  try {
    const { isa, available } = nativeInfo();
    return { isa, available };
  } catch {
    return null; // training needs none
  }
}

/** Model and widest vector instructions (Linux says which): with others, TensorFlow rounds otherwise, and training amplifies that. */
function describeProcessor(): string {
  const model = os.cpus()[0]?.model.trim() ?? 'unknown';
  const flags =
    process.platform === 'linux' ? (/^flags\s*:(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? []) : [];
  const widest = [
    ['avx512f', 'AVX-512'],
    ['avx2', 'AVX2'],
    ['avx', 'AVX'],
  ].find(([flag]) => flags.includes(flag));
  return widest ? `${model}, ${widest[1]}` : model;
}

/** The part of it that no engine is needed for. */
export function describeMachine(root: string): Machine {
  const git = (...args: string[]): string | null => {
    try {
      return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return null; // not a checkout, or no git: the result is still valid, only less traceable
    }
  };
  const status = git('status', '--porcelain', '--untracked-files=no');
  return {
    stint: require('../../package.json').version,
    commit: git('rev-parse', 'HEAD'),
    dirty: status === null ? null : status !== '',
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: describeProcessor(),
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    started: new Date().toISOString(),
  };
}
