// Every block's parts side by side: time, density, multiply-adds and rate of the sampled network, and the dense network's time.
import { markdownRows } from '@stint/report';
import { blockOf, KINDS, type Kind, kindOf } from './kinds.ts';
import type { MeasuredVariant } from './measurement.ts';
import { milliseconds } from './table.ts';

/** One row a block and kind of part, medians of the steps added up. */
export function blockTable(sampled: MeasuredVariant, dense: MeasuredVariant): string {
  const full = sums(dense);
  const rows = [...sums(sampled)].map(([key, { block, kind, ms, macs, density }]) => [
    block,
    kind,
    milliseconds(full.get(key)?.ms ?? 0),
    milliseconds(ms),
    isSampled(kind) ? density.toFixed(3) : '',
    (macs / 1e6).toFixed(1),
    macs > 0 ? ((2 * macs) / (ms * 1e6)).toFixed(1) : '',
  ]);
  return markdownRows(['block', 'part', 'dense ms', 'ms', 'density', 'MMAC', 'GF/s'], rows);
}

const isSampled = (kind: Kind) => kind === 'conv1' || kind === 'conv2' || kind === 'conv3';

interface Sum {
  block: string;
  kind: Kind;
  ms: number;
  macs: number;
  density: number;
}

/** In the order of computation, kinds of a block in the order of KINDS. */
function sums({ rows }: MeasuredVariant): Map<string, Sum> {
  const all = new Map<string, Sum>();
  const blocks = [...new Set(rows!.map(({ name }) => blockOf(name) ?? kindOf(name)))];
  for (const block of blocks) {
    const own = rows!.filter(({ name }) => (blockOf(name) ?? kindOf(name)) === block);
    for (const kind of KINDS) {
      const parts = own.filter(({ name }) => kindOf(name) === kind);
      if (parts.length === 0) continue;
      const sum = (value: (row: (typeof parts)[number]) => number) => parts.reduce((total, row) => total + value(row), 0);
      all.set(`${block} ${kind}`, {
        block,
        kind,
        ms: sum(({ ms }) => ms),
        macs: sum(({ macs }) => macs),
        density: sum(({ density }) => density) / parts.length,
      });
    }
  }
  return all;
}
