// The scores as a text table, in the order and with the columns that cityscapesScripts prints.
import type { CityscapesScores, NamedScores } from './evaluation.ts';
import { CITYSCAPES_LABELS } from './labels.ts';

/** Class and category tables (IoU and instance-level nIoU) and a line for the train-id variant. */
export function formatCityscapesScores({ classIoU, categoryIoU, instanceIoU, trainId }: CityscapesScores): string {
  const scored = CITYSCAPES_LABELS.filter(({ ignored }) => !ignored).map(({ name }) => name);
  const names = Object.keys(categoryIoU.scores).filter((name) => name !== 'void');
  const [mIoU, aAcc, mAcc] = [trainId.mIoU, trainId.aAcc, trainId.mAcc].map(fixed);
  return [
    ...table('classes', scored, classIoU, instanceIoU.class),
    '',
    ...table('categories', names, categoryIoU, instanceIoU.category),
    '',
    `19 train ids: mIoU ${mIoU}, aAcc ${aAcc}, mAcc ${mAcc}`,
  ].join('\n');
}

function table(title: string, names: readonly string[], plain: NamedScores, instance: NamedScores): string[] {
  const line = '-'.repeat(32);
  const row = (name: string, iou: number, niou: number) => `${name.padEnd(14)}: ${fixed(iou).padStart(6)} ${fixed(niou).padStart(9)}`;
  return [
    `${title.padEnd(14)}     IoU      nIoU`,
    line,
    ...names.map((name) => row(name, plain.scores[name], instance.scores[name])),
    line,
    row('Score Average', plain.mean, instance.mean),
    line,
  ];
}

function fixed(value: number): string {
  return Number.isNaN(value) ? 'nan' : value.toFixed(3);
}
