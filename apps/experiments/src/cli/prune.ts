// `stint prune`: the least important channels out of a checkpoint.
import fs from 'node:fs';
import path from 'node:path';
import Table from 'cli-table3';
import { UsageError } from '../config/catalog.ts';
import { isSameFile, type PruneSummary, pruneFile, readModel } from '../pruning/prune-file.ts';
import { prunable } from '../pruning/prune-model.ts';
import { groupNames, type PruneSettings, unknownName } from '../pruning/settings.ts';
import { existing } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface PruneOptions extends Omit<PruneSettings, 'protect'> {
  checkpoint: string;
  /** Default: beside the checkpoint. */
  out?: string;
  protect?: string[];
  size: [number, number];
  force?: boolean;
  json?: boolean;
}

/** Throws UsageError before anything is written. */
export function pruneCommand(
  { checkpoint: file, out: given, size, force, json, protect = [], ...rest }: PruneOptions,
  { io }: { io: Io },
): number {
  const { ratio, criterion, scope, roundTo, seed } = rest;
  const out = given ?? prunedName(file, ratio);
  const settings: PruneSettings = { ratio, criterion, scope, roundTo, seed, protect: protect.flatMap((names) => names.split(',')) };
  checkFiles(file, out, force);
  const checkpoint = readModel(file);
  const known = groupNames(prunable(checkpoint.description));
  const problems = settings.protect.flatMap((name) => unknownName(name, known) ?? []);
  if (problems.length > 0) throw new UsageError(`--protect: ${problems.join('; ')}`);
  fs.mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
  const summary = pruneFile(checkpoint, out, settings, size);
  if (json) printJson(io, { checkpoint: file, out, ...settings, size: { height: size[0], width: size[1] }, ...summary });
  else io.out(describe(summary, out, size));
  return 0;
}

/** `last.safetensors` at .5 -> `last-pruned-0.5.safetensors`, in the same folder. */
function prunedName(file: string, ratio: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-pruned-${ratio}${ext}`);
}

function checkFiles(file: string, out: string, force = false): void {
  existing('--checkpoint', file);
  if (isSameFile(file, out) || path.resolve(file) === path.resolve(out))
    throw new UsageError(`--out ${out} is the checkpoint itself, which is never overwritten: name another file`);
  if (fs.existsSync(out) && !force) throw new UsageError(`--out ${out} exists: name another file, or add --force`);
}

function describe({ groups, before, after }: PruneSummary, out: string, [height, width]: readonly [number, number]): string {
  const table = new Table({
    head: ['channels of', 'before', 'kept', ''],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, channels, kept, fixed } of groups) table.push([name, channels, kept.length, fixed ?? '']);
  const change = (label: string, from: number, to: number, unit: number, digits: number) =>
    `${label}: ${(from / unit).toFixed(digits)} -> ${(to / unit).toFixed(digits)} (${((100 * to) / from).toFixed(1)} %)`;
  return [
    table.toString(),
    change('parameters, thousands', before.parameters, after.parameters, 1e3, 1),
    change(`MACs of the backbone at ${height}x${width}, all positions computed, millions`, before.macs, after.macs, 1e6, 1),
    `written to ${out}; pruning alone costs accuracy: fine-tune with \`stint run ... pretrain=null start=${out}\``,
  ].join('\n');
}
