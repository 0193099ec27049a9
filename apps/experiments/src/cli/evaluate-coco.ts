// `stint evaluate coco`: COCO AP of two JSON files.
import fs from 'node:fs';
import { cocoAp, formatCocoSummary, parseCocoDataset, parseCocoDetections } from '@stint/metrics';
import { UsageError } from '../config/catalog.ts';
import { type Io, printJson } from './io.ts';

const NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'];

export function evaluateCocoCommand(
  { groundTruth, detections, json }: { groundTruth: string; detections: string; json?: boolean },
  { io }: { io: Io },
): number {
  const truth = parseCocoDataset(readJsonFile(groundTruth), { file: groundTruth });
  const found = parseCocoDetections(readJsonFile(detections), { file: detections });
  const { stats, perCategory } = cocoAp(truth, found);
  if (json) printJson(io, { stats, metrics: Object.fromEntries(NAMES.map((name, i) => [name, stats[i]])), perCategory });
  else io.out(formatCocoSummary(stats));
  return 0;
}

function readJsonFile(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}
