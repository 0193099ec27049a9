// What the sliders step through. Arms may differ in their masks, blocks and swept values: the steps are those of all arms together, and
// each arm shows its own of that name. Shared by the page and its script.
import { mergedOrder } from '../merged-order.ts';
import type { MaskData, MaskView } from './page-data.ts';

export const maskName = ({ block, mask }: { block: string; mask: number }): string => `${block}, mask ${mask}`;

/** Names of the masks that any arm has. */
export const maskSteps = ({ views }: MaskData): string[] => mergedOrder(views.map((view) => view.images[0].masks.map(maskName)));

/** Names of the stages that any arm has, from the stem on. */
export const stageSteps = ({ views }: MaskData): string[] =>
  mergedOrder(views.map((view) => view.images[0].stages.map(({ name }) => name)));

/** Swept values; an arm outside the sweep adds none. */
export function sweptSteps(points: readonly { swept: string }[]): string[] {
  const all = [...new Set(points.map(({ swept }) => swept))];
  return all.length > 1 ? all.filter((swept) => swept !== '') : all;
}

/** Whether it belongs to the swept value: an arm outside the sweep belongs to all. */
export const isAtSwept = (own: string, swept: string): boolean => own === swept || own === '';

/** The arm's view at a swept value. */
export const viewAt = ({ views }: MaskData, arm: string | undefined, swept: string): MaskView | undefined =>
  views.find((view) => view.arm === arm && isAtSwept(view.swept, swept));

/** How many of the view's stages lie up to `stage`, of whatever arm that one is. */
export function stagesUpTo(data: MaskData, view: MaskView, stage: string): number {
  const steps = stageSteps(data);
  const upTo = new Set(steps.slice(0, steps.indexOf(stage) + 1));
  return view.images[0].stages.filter(({ name }) => upTo.has(name)).length;
}
