// `stint predict`: a trained checkpoint on image files. One JSON line an image on stdout, progress on stderr, pictures in --out.
import path from 'node:path';
import { UsageError } from '../config/catalog.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { type ListedImage, listImages } from '../predict/images.ts';
import { resizeOf } from '../predict/load.ts';
import { type EngineChoice, openPredictor, type Predictor, SAMPLERS } from '../predict/predictor.ts';
import { imageIds } from '../predict/results.ts';
import { type BadImage, type PredictLine, predictImages } from '../predict/run-predict.ts';
import { writeFileAtomic } from '../run/files.ts';
import { existing, oneOf } from './arguments.ts';
import type { Io } from './io.ts';

export interface PredictCommandOptions {
  checkpoint: string;
  out?: string;
  engine?: string;
  threads?: number;
  budget?: number;
  shift?: number;
  sampler?: string;
  density?: number | 'matched';
  interval?: number;
  seed?: number;
  score?: number;
  masks?: string;
  shortSide?: number;
  maxSide?: number;
  storedOrientation?: boolean;
  coco?: string;
  groundTruth?: string;
  quiet?: boolean;
}

/** Exit code 1 when an image could not be read; the others are done all the same. */
export async function predictCommand(args: readonly string[], options: PredictCommandOptions, { io }: { io: Io }): Promise<number> {
  const { out, groundTruth, coco } = options;
  const engine = oneOf<EngineChoice>('--engine', options.engine ?? 'auto', ['auto', 'compiled', 'tfjs']);
  const masks = oneOf('--masks', options.masks ?? 'last', ['last', 'all', 'none'] as const);
  if (options.sampler !== undefined) oneOf('--sampler', options.sampler, SAMPLERS);
  const resize = resizeOf(options);
  if (groundTruth !== undefined && coco === undefined)
    throw new UsageError('--ground-truth gives the image ids of --coco FILE: give that too');
  if (out === undefined && options.masks !== undefined) throw new UsageError('--masks draws into the folder of --out: give that too');
  const images = listImages(args, out);
  const ids = imageIds(
    images.map(({ file }) => file),
    groundTruth,
  );
  const log = options.quiet ? () => {} : io.err;
  const { threads = 1, budget, shift, sampler, density, interval, seed = 0 } = options;
  const predictor = await openPredictor(
    existing('--checkpoint', options.checkpoint),
    { engine, threads, budget, shift, sampler, density, interval, seed },
    io.err,
  );
  const control = listenForStop();
  try {
    checkTask(predictor, options);
    log(
      `${options.checkpoint}: ${predictor.about}${predictor.shift === 0 ? '' : `, mask logits shifted by ${predictor.shift.toFixed(3)}`}`,
    );
    const done: (PredictLine | BadImage)[] = [];
    const results = await predictImages(
      images,
      {
        predictor,
        out,
        score: options.score ?? 0.3,
        masks,
        resize,
        storedOrientation: options.storedOrientation ?? groundTruth !== undefined,
        ids,
        stop: control.stop,
      },
      (line) => {
        done.push(line);
        io.out(JSON.stringify({ ...line, ...('error' in line ? {} : { engine: predictor.engine, seed }) }));
        if ('error' in line) io.err(`stint: ${line.image}: ${line.error}`);
        else log(`[${done.length}/${images.length}] ${sentence(line)}`);
      },
    );
    if (coco !== undefined) {
      writeFileAtomic(path.resolve(coco), JSON.stringify(results));
      log(`${results.length} detections as COCO results in ${coco}`);
    }
    summarise(done, images, predictor, log);
    if (control.stop.aborted) return exitCodeOf(control.stop);
    return done.some((line) => 'error' in line) ? 1 : 0;
  } finally {
    control.release();
    predictor.close();
  }
}

/** Options that only detectors have. */
function checkTask({ task }: Predictor, { coco, groundTruth, score }: PredictCommandOptions): void {
  if (task === 'detection') return;
  const given = { '--coco': coco, '--ground-truth': groundTruth, '--score': score };
  const [first] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  if (first === undefined) return;
  const instead = task === 'segmentation' ? '--out DIR writes its labels as PNG' : 'the lines on stdout have its classes';
  throw new UsageError(`${first} is for detectors, and this is a ${task} network: leave it out; ${instead}`);
}

function sentence(line: PredictLine): string {
  const { image, ms, macs, denseMacs, pictures } = line;
  const found = foundIn(line);
  const drawn = pictures.length > 0 ? ` -> ${pictures.join(', ')}` : '';
  return `${image}: ${found}; ${ms.toFixed(1)} ms, ${millions(macs)} of ${millions(denseMacs)} MACs (${share(macs, denseMacs)})${drawn}`;
}

function foundIn({ objects = [], segments, classes }: PredictLine): string {
  if (classes) return `${classes[0].category} ${(100 * classes[0].probability).toFixed(0)} %`;
  if (segments) {
    const shown = segments.slice(0, 4).map(({ category, share }) => `${category} ${(100 * share).toFixed(1)} %`);
    return [...shown, ...(segments.length > 4 ? [`${segments.length - 4} more`] : [])].join(', ');
  }
  const counts = new Map<string, number>();
  for (const { category } of objects) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing found';
}

function summarise(
  done: readonly (PredictLine | BadImage)[],
  images: readonly ListedImage[],
  { engine }: Predictor,
  log: (line: string) => void,
) {
  const good = done.filter((line): line is PredictLine => !('error' in line));
  const bad = done.length - good.length;
  const left = bad > 0 ? `, ${bad} could not be read` : '';
  log(`${good.length} of ${images.length} images (${engine})${left}${done.length < images.length ? ', stopped' : ''}`);
  if (good.length === 0) return;
  // The first image of a size pays for the planning.
  const timed = good.filter(({ planned }) => planned);
  const ms = (timed.length > 0 ? timed : good).map((line) => line.ms).sort((a, b) => a - b);
  const mean = (pick: (line: PredictLine) => number) => good.reduce((sum, line) => sum + pick(line), 0) / good.length;
  const [macs, dense] = [mean((line) => line.macs), mean((line) => line.denseMacs)];
  log(`median ${ms[ms.length >> 1].toFixed(1)} ms an image, mean ${millions(macs)} MACs, ${share(macs, dense)} of the dense network's`);
}

const millions = (macs: number): string => `${(macs / 1e6).toFixed(1)} M`;
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
