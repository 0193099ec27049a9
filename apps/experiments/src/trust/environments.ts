// What two environments disagree in, of all that a result depends on.
import type { Environment } from '../run/environment.ts';
import { type Difference, differences } from './differences.ts';

/** The part that numbers may depend on: no times, no folder, no machine's memory. */
function essence({ stint, commit, code, dirty, engine, kernels, node, platform, cpu }: Partial<Environment>) {
  const { tensorflowVersion, tfjsVersion, threads, gpu, device, oneDnn } = engine ?? {};
  return {
    stint,
    code,
    commit,
    dirty,
    tensorflow: tensorflowVersion,
    tfjs: tfjsVersion,
    threads,
    gpu,
    device,
    oneDnn,
    kernels: kernels?.isa,
    node,
    platform,
    cpu,
  };
}

/** What differs; what one of them does not say is no difference. */
export function environmentChanges(a: Partial<Environment>, b: Partial<Environment>): Difference[] {
  return differences(essence(a), essence(b)).filter((each) => each.a !== undefined && each.b !== undefined);
}
