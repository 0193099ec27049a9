// Which prediction belongs to which label image, by cityscapesScripts' rule: <city>_<sequence>_<frame>_gtFine_labelIds.png goes with the one
// file anywhere under the predictions whose name begins with <city>_<sequence>_<frame>. Unlike there, a prediction without a label image is an
// error too: it is usually the sign of a wrong folder. The pictures that `stint predict` writes beside its labels are left out.
import fs from 'node:fs';
import path from 'node:path';
import { withoutPictures } from '@stint/datasets';
import { UsageError } from '../config/catalog.ts';

export interface CityscapesFiles {
  /** `<city>_<sequence>_<frame>`. */
  frame: string;
  label: string;
  prediction: string;
  /** *_gtFine_instanceIds.png beside the label image; given for all frames or for none. */
  instances?: string;
}

const LABEL = '_gtFine_labelIds.png';
const INSTANCES = '_gtFine_instanceIds.png';
/** What a file name begins with; a label image's name is that and LABEL. */
const FRAME = /^[^_]+_\d+_\d+/;

/** Pairs by frame, in the order of their names. Throws, naming them, on frames without or with several predictions, and on predictions left over. */
export function pairCityscapesFiles(labels: string, predictions: string): CityscapesFiles[] {
  const labelFiles = pngFiles('--labels', labels).filter((file) => file.endsWith(LABEL));
  if (labelFiles.length === 0) throw new Error(`${labels}: no *${LABEL} anywhere in it`);
  // Both may lie in one folder: what is ground truth there is no prediction.
  const isTruth = (file: string) => file.includes('_gtFine_') && !path.relative(labels, file).startsWith('..');
  const found = withoutPictures(pngFiles('--predictions', predictions)).filter((file) => !isTruth(file));
  const byFrame = new Map<string, string[]>();
  const nameless: string[] = [];
  for (const file of found) {
    const frame = path.basename(file).match(FRAME)?.[0];
    if (frame) byFrame.set(frame, [...(byFrame.get(frame) ?? []), file]);
    else nameless.push(file);
  }
  const truths = new Map<string, string>();
  for (const file of labelFiles) {
    const frame = path.basename(file).slice(0, -LABEL.length);
    if (path.basename(file).match(FRAME)?.[0] !== frame) throw new Error(`${file} is not named <city>_<sequence>_<frame>${LABEL}`);
    const other = truths.get(frame);
    if (other) throw new Error(`two label images of ${frame}: ${other} and ${file}`);
    truths.set(frame, file);
  }
  const problems = [
    ...listed(
      'no prediction for',
      [...truths].filter(([frame]) => !byFrame.has(frame)).map(([, file]) => file),
    ),
    ...[...byFrame]
      .filter(([frame, files]) => truths.has(frame) && files.length > 1)
      .map(([frame, files]) => `several predictions for ${frame}: ${files.join(', ')}`),
    ...listed('no label image for', [...[...byFrame].filter(([frame]) => !truths.has(frame)).flatMap(([, files]) => files), ...nameless]),
  ];
  if (problems.length > 0) throw new Error(`labels and predictions do not match:\n  ${problems.join('\n  ')}`);
  return withInstances([...truths].map(([frame, label]) => ({ frame, label, prediction: byFrame.get(frame)![0] })));
}

function withInstances(pairs: CityscapesFiles[]): CityscapesFiles[] {
  const all = pairs.map((pair) => ({ ...pair, instances: pair.label.slice(0, -LABEL.length) + INSTANCES }));
  const missing = all.filter(({ instances }) => !fs.existsSync(instances)).map(({ instances }) => instances);
  if (missing.length === all.length) return pairs;
  if (missing.length > 0) throw new Error(listed('some label images have instances, but there is no', missing)[0]);
  return all;
}

function listed(problem: string, files: string[]): string[] {
  if (files.length === 0) return [];
  const more = files.length > 5 ? ` and ${files.length - 5} more` : '';
  return [`${problem} ${files.slice(0, 5).join(', ')}${more}`];
}

function pngFiles(option: string, folder: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new UsageError(`cannot read the folder ${option} ${folder}: ${(error as NodeJS.ErrnoException).code}`);
  }
  return names
    .filter((name) => name.endsWith('.png'))
    .sort()
    .map((name) => path.join(folder, name));
}
