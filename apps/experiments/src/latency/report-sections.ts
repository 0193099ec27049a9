// Sections of a latency report, as Markdown.
import { markdownRows } from '@stint/report';
import type { Machine } from '../run/environment.ts';
import { type ClaimValue, isWithinRounds, type JudgedLatencyClaim, leastOf } from './claims.ts';
import { describeCrossover } from './crossover.ts';
import { labelOf } from './engines.ts';
import { blockTable } from './layer-table.ts';
import { crossoversOf, LAYERS, timesByKind } from './layers.ts';
import type { MeasuredVariant, Measurement } from './measurement.ts';
import type { LatencyOutcome } from './run-latency.ts';
import type { LatencyExperiment } from './schema.ts';
import { rivalOf, sampledAt } from './speedup.ts';
import { describeVariant, milliseconds } from './table.ts';

export function verdictSection(verdicts: readonly JudgedLatencyClaim[]): string[] {
  if (verdicts.length === 0) return ['No claims.'];
  const rows = verdicts.map(({ text, verdict, target, values }) => {
    const each = values.map(
      ({ name, value, q1, q3 }) => `${name} ${value.toFixed(2)}${q1 === undefined ? '' : ` [${q1.toFixed(2)}, ${q3!.toFixed(2)}]`}`,
    );
    const least = leastOf(values);
    const worst = least && verdict === 'not reached' ? shortfall(least, target) : '';
    return [text, `**${verdict}**`, each.join('; '), worst];
  });
  const where = verdicts.flatMap(({ text, values }) =>
    values.flatMap(({ name, excess }) => (excess ? [`- ${text}; ${name}: ${excess}`] : [])),
  );
  const why = 'Where the time goes that is missing to a target (beyond what the multiply-adds of each part promise):';
  return [
    markdownRows(['claim', 'verdict', 'measured, with the quartiles of the ratios round by round', 'short by'], rows),
    ...(where.length > 0 ? [why, where.join('\n')] : []),
  ];
}

/** How far below the target, and whether that is less than the rounds differ among themselves. */
export function shortfall(missed: Pick<ClaimValue, 'value' | 'q3'>, target: number): string {
  return `${(100 * (1 - missed.value / target)).toFixed(1)} %${isWithinRounds(missed, target) ? ', less than the rounds differ' : ''}`;
}

/** Of the first size, each number of threads: the density nearest to the paper's, or the network's own masks. */
export function whereSection(network: string, measurements: readonly Measurement[]): string[] {
  const [first] = measurements;
  const shown = measurements.filter(({ size }) => String(size) === String(first.size));
  const tables = shown.flatMap((one) => {
    const [sampled, dense] = [typical(one), rivalOf(one, 'dense')];
    if (!sampled || !dense) return [];
    const rows = timesByKind(sampled, dense).map((row) => [
      row.kind,
      milliseconds(row.dense),
      milliseconds(row.sampled),
      milliseconds(row.promised),
      `${row.sampled < row.promised ? '−' : '+'}${milliseconds(Math.abs(row.sampled - row.promised))}`,
    ]);
    const title = `${network}, ${one.size.join('×')}, ${one.threads} thread${one.threads === 1 ? '' : 's'}: ${describeVariant(sampled)}`;
    return [`**${title}**`, markdownRows(['kind', 'dense', 'sampled', 'promised', 'beyond'], rows)];
  });
  const [sampled, dense] = [typical(first), rivalOf(first, 'dense')];
  if (!sampled || !dense) return tables;
  const summary = `${network}, ${first.size.join('×')}, ${first.threads} thread${first.threads === 1 ? '' : 's'}: every block, ${describeVariant(sampled)}`;
  return [...tables, `<details><summary>${summary}</summary>`, blockTable(sampled, dense), '</details>'];
}

const TYPICAL_DENSITY = 0.35;

function typical(one: Measurement): MeasuredVariant | undefined {
  const own = one.variants.filter(({ engine, masks, density }) => engine === 'sampled' && masks === 'trained' && density !== undefined);
  const nearest = own.sort((a, b) => Math.abs(a.density! - TYPICAL_DENSITY) - Math.abs(b.density! - TYPICAL_DENSITY))[0];
  return nearest ?? sampledAt(one, undefined);
}

export function crossoverSection(network: string, measurements: readonly Measurement[]): string[] {
  const layers = Object.keys(LAYERS) as (keyof typeof LAYERS)[];
  const rows = measurements
    .filter(({ variants }) => variants.filter(({ masks, density }) => masks === 'trained' && density! < 1).length > 1)
    .flatMap((one) =>
      crossoversOf(one).map(({ shape, blocks, at }) => [
        one.size.join('×'),
        String(one.threads),
        shape,
        String(blocks),
        ...layers.map((layer) => (at[layer] ? describeCrossover(at[layer]) : '')),
      ]),
    );
  if (rows.length === 0) return [];
  return [`### ${network}`, markdownRows(['size', 'threads', 'block (channels, map)', 'blocks', ...layers], rows)];
}

export function memoryTable(measurements: readonly Measurement[]): string {
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const rows = measurements.flatMap(({ network, size, threads, engines }) =>
    engines.map(({ engine, memory }) => [
      network,
      size.join('×'),
      String(threads),
      labelOf(engine),
      mebibytes(memory.idle),
      mebibytes(memory.loading),
      mebibytes(memory.running),
    ]),
  );
  return markdownRows(['network', 'size', 'threads', 'engine', 'before', 'loading', 'running'], rows);
}

export function agreement(measurements: readonly Measurement[]): string {
  const worst = new Map<string, number>();
  for (const { engines } of measurements) {
    for (const { engine, difference } of engines) {
      const label = engine === 'sampled' ? 'Stint sampled, masks that sample everything' : labelOf(engine);
      if (difference !== undefined) worst.set(label, Math.max(worst.get(label) ?? 0, difference));
    }
  }
  const rows = [...worst].map(([label, difference]) => [label, difference.toExponential(1)]);
  return [
    'Largest difference from the outputs of our dense network over all cases, at 2048 points of each output, over the root mean square of the output. More than 1e-3 would have excluded an engine.',
    markdownRows(['engine', 'difference'], rows),
  ].join('\n\n');
}

export function maskSection({ config: { masks, seed } }: LatencyExperiment): string {
  const rows = masks.stages.map(({ spread, length, shared }, i) => [
    `${i + 1}${i + 1 === masks.stages.length ? ' and later' : ''}`,
    String(spread),
    String(length),
    String(shared),
  ]);
  return [
    `Networks with random weights get seeded masks (seed ${seed}) with the spatial statistics of trained ones: a cell is sampled with probability sigmoid(spread × g + shift), where g is a smooth Gaussian field of deviation 1 whose autocorrelation falls to 1/e at \`length\` cells, and \`shift\` gives the density; the fields of a block's two masks have correlation \`shared\`. Grid prior ${masks.interval}. White noise: the same probability everywhere. The parameters were measured on trained detectors of ablation-interp:standard by \`tools/bench/mask-statistics.ts --images 40 RUN...\` (arms rbf and average, seeds 1 and 2, all weights).`,
    markdownRows(['stage', 'spread of the logits', 'length, cells', 'correlation of the heads'], rows),
  ].join('\n\n');
}

export function failureSection({ measured, failures }: Pick<LatencyOutcome, 'measured' | 'failures'>): string[] {
  const engines = measured.flatMap(({ measurement: { name, failures: own } }) =>
    own.map(
      ({ engine, reason, unavailable }) => `- ${name}: ${labelOf(engine)} ${unavailable ? 'was left out' : 'failed'}: ${indented(reason)}`,
    ),
  );
  const cases = failures.map(({ name, reason, missing }) => `- ${name} ${missing ? 'was left out' : 'failed'}: ${indented(reason)}`);
  return engines.length + cases.length > 0 ? ['## What is missing', [...cases, ...engines].join('\n')] : [];
}

const indented = (text: string) => text.split('\n').join('\n  ');

/** Machine, versions and load; more than one value where the cases were measured in different surroundings. */
export function machineRows({ measured }: Pick<LatencyOutcome, 'measured' | 'failures'>): Record<string, string> {
  if (measured.length === 0) return {};
  const distinct = (value: (machine: Machine) => string) => [...new Set(measured.map(({ machine }) => value(machine)))].join('; ');
  const engines = measured.flatMap(({ measurement }) => measurement.engines);
  const versions = [...new Set(engines.map(({ engine, version, isa }) => `${labelOf(engine)} ${version}${isa ? ` (${isa})` : ''}`))];
  const loads = measured.flatMap(({ measurement }) => [measurement.load[0]]);
  return {
    machine: distinct(({ cpu, cores, memoryGiB, platform }) => `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}`),
    engines: `${versions.join(', ')}; Node ${distinct(({ node }) => node)}`,
    commit: distinct(({ commit, dirty }) => (commit ? `${commit}${dirty ? ' with uncommitted changes' : ''}` : 'not a checkout')),
    'load before each case': `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} (1 minute mean; more than the benchmark's own threads means other work)`,
    measured: `${measured[0].measurement.started} to ${measured.at(-1)!.measurement.started}`,
  };
}
