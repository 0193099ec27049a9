// `stint evaluate coco`: COCO AP of two JSON files.
import fs from 'node:fs';
import { readJsonFile } from '@stint/datasets/json';
import { cocoAp, formatCocoSummary, parseCocoDataset, parseCocoDetections } from '@stint/metrics';
import { UsageError } from '../config/catalog.ts';
import { type Io, printJson } from './io.ts';

const NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'];

export async function evaluateCocoCommand(
  { groundTruth, detections, json }: { groundTruth: string; detections: string; json?: boolean },
  { io }: { io: Io },
): Promise<number> {
  const truth = parseCocoDataset(await readJson(groundTruth), { file: groundTruth });
  const found = parseCocoDetections(await readJson(detections), { file: detections });
  const { stats, perCategory } = cocoAp(truth, found);
  if (json) printJson(io, { stats, metrics: Object.fromEntries(NAMES.map((name, i) => [name, stats[i]])), perCategory });
  else io.out(formatCocoSummary(stats));
  return 0;
}

async function readJson(file: string): Promise<unknown> {
  if (!fs.existsSync(file)) throw new UsageError(`cannot read ${file}: it is missing`);
  return readJsonFile(file);
}
