// `stint evaluate cityscapes`: the scores of cityscapesScripts for two folders of label images. One image at a time is in memory.
import { type LabelImage, readLabelPng } from '@stint/datasets';
import { type CityscapesScores, cityscapesEvaluation, formatCityscapesScores } from '@stint/metrics';
import { pairCityscapesFiles } from './evaluate-cityscapes-files.ts';
import { type Io, printJson } from './io.ts';

export async function evaluateCityscapesCommand(
  { labels, predictions, json }: { labels: string; predictions: string; json?: boolean },
  { io }: { io: Io },
): Promise<number> {
  const evaluation = cityscapesEvaluation();
  const pairs = pairCityscapesFiles(labels, predictions);
  let withoutLabel = 0;
  for (const { frame, ...files } of pairs) {
    const [label, prediction, instances] = await Promise.all(
      [files.label, files.prediction, files.instances].map((file) => file && readLabelPng(file)),
    );
    checkSize({ [files.label]: label as LabelImage, [files.prediction]: prediction as LabelImage });
    withoutLabel += evaluation.add(
      { label: label as LabelImage, prediction: prediction as LabelImage, ...(instances && { instances }) },
      frame,
    );
  }
  if (pairs[0].instances === undefined) io.err('no *_gtFine_instanceIds.png: instance-level scores are left out');
  if (withoutLabel > 0)
    io.err(`${withoutLabel} predicted pixels are 255, which is no label: counted as unlabeled, so as misses of their true label`);
  const scores = evaluation.scores();
  if (json) printJson(io, { ...scores, ...official(scores) });
  else io.out(formatCityscapesScores(scores));
  return 0;
}

function checkSize(images: Record<string, LabelImage>): void {
  const [[labelFile, label], [predictionFile, prediction]] = Object.entries(images);
  if (label.width === prediction.width && label.height === prediction.height) return;
  throw new Error(
    `${predictionFile} is ${prediction.width}x${prediction.height}, but ${labelFile} ${label.width}x${label.height}: ` +
      'predictions must have the size of the label images',
  );
}

/** The fields of cityscapesScripts' result file, so that what reads that file reads this. NaN becomes null in JSON. */
function official({ classIoU, categoryIoU, instanceIoU }: CityscapesScores) {
  return {
    averageScoreClasses: classIoU.mean,
    averageScoreInstClasses: instanceIoU.class.mean,
    averageScoreCategories: categoryIoU.mean,
    averageScoreInstCategories: instanceIoU.category.mean,
    classScores: classIoU.scores,
    classInstScores: instanceIoU.class.scores,
    categoryScores: categoryIoU.scores,
    categoryInstScores: instanceIoU.category.scores,
  };
}
