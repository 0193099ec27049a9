// The tasks by name: which heads and which data belong to which, and the metrics that each is judged by. Plain data: the schemas and the report
// read it without loading TensorFlow.
import type { ReportMetrics } from '@stint/report';

export type TaskKind = 'detection' | 'segmentation' | 'classification';

export interface TaskFacts {
  /** `model.head.kind`. */
  heads: readonly string[];
  /** `data.kind`. */
  data: readonly string[];
  metrics: ReportMetrics;
}

export const TASKS: Record<TaskKind, TaskFacts> = {
  detection: {
    heads: ['one-stage', 'faster-rcnn'],
    data: ['emoji', 'coco'],
    metrics: { shown: ['AP', 'AP50', 'AP75', 'APs', 'APm'], brief: ['AP', 'AP50', 'APs'], legend: 'AP in COCO percent' },
  },
  segmentation: {
    heads: ['fpn-decoder', 'fcn'],
    data: ['emoji-segmentation', 'label-folders', 'cityscapes'],
    metrics: {
      shown: ['mIoU', 'mAcc', 'aAcc'],
      brief: ['mIoU', 'mAcc', 'aAcc'],
      legend:
        'mIoU (mean intersection over union of the classes), mAcc and aAcc (accuracy of pixels, mean over the classes and of all) in percent',
    },
  },
  classification: {
    heads: ['linear'],
    data: ['emoji-crops', 'image-folders'],
    metrics: { shown: ['top1', 'top5'], brief: ['top1', 'top5'], legend: 'top1 and top5 are accuracies in percent' },
  },
};

/** The task that a head is for. */
export function taskKindOf(head: string): TaskKind {
  return kinds.find((kind) => TASKS[kind].heads.includes(head))!;
}

/** The task that data are for. */
export function taskKindOfData(data: string): TaskKind {
  return kinds.find((kind) => TASKS[kind].data.includes(data))!;
}

const kinds = Object.keys(TASKS) as TaskKind[];
