// From a model and its parameters to an ONNX file.
import { denseBlock } from './block.ts';
import { classifier, type FeatureMap, pyramid, stem } from './ends.ts';
import { createGraph, type Value } from './graph.ts';
import { type MaskSource, maskOf } from './masks.ts';
import { type Block, blocksOf, type ImageSize, type ModelDescription, maskName, samplingOf, sizeAt } from './network.ts';
import { lookups, type ParameterMap } from './parameters.ts';
import { maskedBlock, sampledBlock } from './sampled-block.ts';
import type { Scope } from './units.ts';

export type ExportMode = 'dense' | 'masked' | 'sampled';
export type OutputGroup = 'features' | 'pyramid' | 'logits' | 'masks';

export interface ExportOptions {
  /** `dense`: the network without masks. `masked`: dense convolutions times masks. `sampled`: computes at sampled positions only. Default 'dense'. */
  mode?: ExportMode;
  /** Where masks come from: 'inputs' of the graph (see `maskInputs`), or 'deterministic': pi >= 1/2 and the grid prior. Default 'inputs'. */
  masks?: MaskSource;
  /** Version of the operator set, 17 to 26. Default 17. */
  opset?: number;
  /** Height and width of the image in pixels, when they are fixed. Default 'dynamic'. */
  inputSize?: ImageSize;
  /** Default: 'pyramid' when the model has one, else 'features'. */
  outputs?: readonly OutputGroup[];
  /** Whether batch norm is folded into the filters. Default true; false leaves BatchNormalization nodes. */
  foldBatchNorm?: boolean;
}

const OPSETS = [17, 26] as const;

/**
 * The model as an ONNX file.
 *
 * Input `image` [1,3,H,W] float32, normalised as in training; in modes 'masked' and 'sampled' with masks as inputs also `<block>.mask1` and
 * `<block>.mask2`, [1,1,H',W'] of 0 and 1. Outputs: features `c2`, `c3`, ... (one a stage, stride 4, 8, ...), pyramid `p2`, `p3`, ...,
 * `logits` [1,classes], and with masks computed inside `<block>.mask1`, `<block>.mask2`.
 *
 * @param params in our layout (HWIO), named as in a checkpoint of a detector (`backbone.body.*`, `backbone.fpn.*`, also with `model.`
 * before them) or, a backbone alone, as in torchvision. Parameters of other parts, such as heads, are left aside.
 * @throws with the parameter's name when one is missing or misshapen; on options that fit no network.
 */
export function exportOnnx(model: ModelDescription, params: ParameterMap, options: ExportOptions = {}): Uint8Array {
  const { mode = 'dense', masks = 'inputs', opset = 17, inputSize = 'dynamic', outputs = [model.fpn ? 'pyramid' : 'features'] } = options;
  const { backbone } = model;
  check(model, { mode, masks, opset, inputSize, outputs });
  const graph = createGraph();
  const scope: Scope = { graph, ...lookups(params), fold: options.foldBatchNorm ?? true };
  const blocks = blocksOf(backbone);

  let x = stem(scope, backbone, graph.input('image', [1, 3, ...sizeAt(inputSize, 1)]));
  const features: FeatureMap[] = [];
  for (const block of blocks) {
    const ends = blocks[block.index + 1]?.stage !== block.stage;
    x = bottleneck(block, x, ends ? `c${block.stage + 1}` : `${block.name}.out`);
    if (ends) features.push({ value: x, channels: block.outChannels, size: sizeAt(inputSize, block.outStride) });
  }
  declareOutputs();
  return graph.encode({ name: 'stint', opset, metadata: { 'stint.mode': mode, ...(mode !== 'dense' && { 'stint.masks': masks }) } });

  function bottleneck(block: Block, input: Value, output: string): Value {
    if (mode === 'dense') return denseBlock(scope, block, input, output);
    const [mask1, mask2] = ([1, 2] as const).map((head) => maskOf(scope, block, head, input, masks, inputSize));
    return (mode === 'masked' ? maskedBlock : sampledBlock)(scope, block, input, { mask1, mask2 }, output);
  }

  function declareOutputs(): void {
    if (outputs.includes('features')) for (const { value, channels, size } of features) graph.output(value, [1, channels, ...size]);
    if (outputs.includes('pyramid')) {
      const finest = blocks[0].outStride;
      pyramid(scope, model.fpn!, features).forEach((level, i) => {
        graph.output(level, [1, model.fpn!.channels, ...sizeAt(inputSize, finest * 2 ** i)]);
      });
    }
    if (outputs.includes('logits'))
      graph.output(classifier(scope, features.at(-1)!.channels, backbone.classes!, x), [1, backbone.classes!]);
    if (outputs.includes('masks')) {
      for (const { name, inStride, outStride } of blocks) {
        graph.output(maskName(name, 1), [1, 1, ...sizeAt(inputSize, inStride)]);
        graph.output(maskName(name, 2), [1, 1, ...sizeAt(inputSize, outStride)]);
      }
    }
  }
}

function check({ backbone, fpn }: ModelDescription, options: Required<Omit<ExportOptions, 'foldBatchNorm'>>): void {
  const { mode, masks, opset, inputSize, outputs } = options;
  if (!['dense', 'masked', 'sampled'].includes(mode)) throw new Error(`exportOnnx: mode '${mode}'; give dense, masked or sampled`);
  if (!['inputs', 'deterministic'].includes(masks)) throw new Error(`exportOnnx: masks '${masks}'; give inputs or deterministic`);
  if (!(Number.isInteger(opset) && opset >= OPSETS[0] && opset <= OPSETS[1])) {
    throw new Error(`exportOnnx: opset ${opset}; give a whole number from ${OPSETS[0]} to ${OPSETS[1]}`);
  }
  if (inputSize !== 'dynamic' && !(inputSize.length === 2 && inputSize.every((size) => Number.isInteger(size) && size > 0))) {
    throw new Error(`exportOnnx: inputSize [${inputSize}]; give [height, width] in pixels or 'dynamic'`);
  }
  if (outputs.length === 0) throw new Error('exportOnnx: no outputs; give features, pyramid, logits or masks');
  if (mode !== 'dense') samplingOf(backbone, mode);
  for (const group of outputs) {
    const available = { features: true, pyramid: fpn, logits: backbone.classes, masks: mode !== 'dense' && masks === 'deterministic' };
    if (!(group in available)) throw new Error(`exportOnnx: output '${group}'; give ${Object.keys(available).join(', ')}`);
    if (!available[group]) throw new Error(`exportOnnx: output '${group}' ${REASONS[group as keyof typeof REASONS]}`);
  }
}

const REASONS = {
  pyramid: 'needs an fpn in the model',
  logits: 'needs classes in the backbone',
  masks: "needs mode 'masked' or 'sampled' and masks 'deterministic'; masks that are inputs are known",
};
