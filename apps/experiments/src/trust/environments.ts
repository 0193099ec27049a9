// What two environments disagree in, of all that a result depends on.

import { type Difference, differences } from './differences.ts';
import type { WrittenEnvironment } from './read-result.ts';

/** The part that numbers may depend on: no times, no folder, no machine's memory. */
function essence({ stint, commit, code, dirty, engine, kernels, node, platform, cpu }: WrittenEnvironment) {
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
export function environmentChanges(a: WrittenEnvironment, b: WrittenEnvironment): Difference[] {
  return differences(essence(a), essence(b)).filter((each) => each.a !== undefined && each.b !== undefined);
}
