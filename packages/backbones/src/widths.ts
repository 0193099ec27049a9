// How many channels there are where: by the rule of a configuration, or one by one where `widths` says otherwise (a pruned network).
import type { ResNetConfig } from './types.ts';

/**
 * Channels by name, the names that `widths` may use: the stem's convolutions, conv1 and conv2 of each block, and the stages.
 * @throws when `widths` names what is not there, or gives no channel.
 */
export function channelWidths(config: ResNetConfig): Record<string, number> {
  const regular = regularWidths(config);
  const { widths = {} } = config;
  for (const [name, width] of Object.entries(widths)) {
    if (!(name in regular)) {
      throw new Error(`resnet: widths has '${name}', which is not there; it may have ${Object.keys(regular).join(', ')}`);
    }
    if (!Number.isInteger(width) || width < 1) throw new Error(`resnet: widths has ${width} channels for '${name}'; give at least 1`);
  }
  return { ...regular, ...widths };
}

/** The same without regard to `widths`. */
export function regularWidths({ stem, layers, planes, expansion = 4 }: ResNetConfig): Record<string, number> {
  const widths: Record<string, number> = {};
  if (stem.kind === 'imagenet') widths.conv1 = stem.width;
  else [widths.conv1, widths.conv2] = stem.widths;
  layers.forEach((count, s) => {
    for (let i = 0; i < count; i++) for (const conv of ['conv1', 'conv2']) widths[`layer${s + 1}.${i}.${conv}`] = planes[s];
    widths[`layer${s + 1}`] = planes[s] * expansion;
  });
  return widths;
}

/** The name of the stem's outputs. */
export const stemOutput = ({ stem }: ResNetConfig): string => (stem.kind === 'imagenet' ? 'conv1' : 'conv2');
