// `stint doctor`: what the engine and the compiled kernels found, and what is wrong.
import { type Diagnosis, diagnose, formatDiagnosis } from '@stint/engine';
import { nativeInfo } from '@stint/sparse-conv/native';
import { type Io, printJson } from './io.ts';

export interface KernelDiagnosis {
  /** Instruction set that would be used, and those that this build and processor have; absent when nothing can be used. */
  isa?: string;
  available?: readonly string[];
  /** Of an engine that is not told otherwise. */
  threads?: number;
  /** Why not, and the way out. */
  problem?: string;
}

/** Exit code 1 when anything is wrong. Kernels that are not built are no problem of training, so they are only told of. */
export async function doctorCommand(
  { json }: { json?: boolean },
  { io }: { io: Io },
  look: () => Promise<Diagnosis> = () => diagnose(),
  lookAtKernels: () => KernelDiagnosis = diagnoseKernels,
): Promise<number> {
  const diagnosis = await look();
  const kernels = lookAtKernels();
  const ok = diagnosis.problems.length === 0;
  if (json) printJson(io, { ok, ...diagnosis, kernels });
  else io.out(`${formatKernels(kernels)}\n${formatDiagnosis(diagnosis)}`);
  return ok ? 0 : 1;
}

/** The instruction set of the compiled kernels; STINT_ISA chooses another one. */
export function diagnoseKernels(): KernelDiagnosis {
  try {
    const { isa, available, threads } = nativeInfo();
    return { isa, available, threads };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function formatKernels({ isa, available, threads, problem }: KernelDiagnosis): string {
  if (problem !== undefined) return `kernels       none: ${problem}`;
  return `kernels       ${isa} (available: ${available!.join(', ')}), threads: ${threads} by default`;
}
