// The tasks, and which one a configuration or a checkpoint means.

import type { ModelDescription } from '@stint/runtime';
import type { DataConfig, ModelConfig } from '../config/schema.ts';
import { classification } from './classification/index.ts';
import { detection } from './detection/index.ts';
import { type TaskKind, taskKindOf, taskKindOfData } from './kinds.ts';
import { segmentation } from './segmentation/index.ts';
import type { RunData, Task } from './task.ts';

const tasks: Record<TaskKind, Task> = { detection, segmentation, classification };

/** The task of a model: that of its head. */
export const taskOf = ({ head }: Pick<ModelConfig, 'head'>): Task => tasks[taskKindOf(head.kind)];

/** The task of a checkpoint. A backbone with classes and without a head is a classifier. */
export const taskOfDescription = ({ head }: ModelDescription): Task => tasks[head ? taskKindOf(head.kind) : 'classification'];

/** Opens the datasets of a configuration. */
export const openData = (config: DataConfig, root: string): Promise<RunData> => tasks[taskKindOfData(config.kind)].openData(config, root);
