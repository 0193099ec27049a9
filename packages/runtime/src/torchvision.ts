// Which ResNet a PyTorch state_dict with torchvision's names is of, from the shapes alone. Bottlenecks only.
import type { ResNetConfig } from '@stint/backbones/plain';
import type { NamedTensor } from './checkpoint.ts';

/** @param entries OIHW. @throws when the names are not those of a ResNet of bottlenecks. */
export function describeTorchResnet(entries: ReadonlyMap<string, NamedTensor>): ResNetConfig {
  const outputs = (name: string): number => {
    const tensor = entries.get(name);
    if (!tensor) {
      throw new Error(
        `${name} is missing, so this is no ResNet of bottlenecks with torchvision's names; give its description as \`model\``,
      );
    }
    return tensor.shape[0];
  };
  const layers: number[] = [];
  const planes: number[] = [];
  while (entries.has(`layer${layers.length + 1}.0.conv1.weight`)) {
    const stage = `layer${layers.length + 1}`;
    let blocks = 1;
    while (entries.has(`${stage}.${blocks}.conv1.weight`)) blocks++;
    layers.push(blocks);
    planes.push(outputs(`${stage}.0.conv1.weight`));
  }
  const width = outputs('conv1.weight');
  const expansion = outputs('layer1.0.conv3.weight') / planes[0];
  const classes = entries.get('fc.weight')?.shape[0];
  return { stem: { kind: 'imagenet', width }, layers, planes, expansion, ...(classes ? { classes } : {}) };
}
