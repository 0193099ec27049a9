// Makes a small file of a finished run's checkpoint, to ship with the project: the model alone, as float16, with its description and where
// it came from.
//
//   TS_NODE_PROJECT=tsconfig.json node --conditions=@stint/source -r ts-node/register tools/checkpoints/publish.ts RUN-FOLDER OUT.safetensors
import fs from 'node:fs';
import path from 'node:path';
import { EMOJI_CLASSES } from '@stint/datasets';
import { readSafetensors, type SafeTensor, toFloat32, writeSafetensors } from '@stint/safetensors';
import { parse } from 'yaml';
import { describeNetwork } from '../../apps/experiments/src/run/network.ts';

const [folder, out] = process.argv.slice(2);
if (!folder || !out) throw new Error('give the folder of a finished run and the file to write');

const { hash, run, config } = parse(fs.readFileSync(path.join(folder, 'config.yaml'), 'utf8'));
const result = JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
const { tensors } = readSafetensors(path.join(folder, 'last.safetensors'));

const categories = Array.from({ length: tensors.get('model.head.cls_logits.bias')!.shape[0] }, (_, i) => ({
  id: i + 1,
  name: config.data.kind === 'emoji' ? EMOJI_CLASSES[i].name : `category ${i + 1}`,
}));
const own = [...tensors].filter(([name]) => name.startsWith('model.'));
writeSafetensors(
  out,
  own.map(([name, tensor]): [string, SafeTensor] => [
    name,
    { dtype: 'F16', shape: tensor.shape, data: Uint16Array.from(toFloat32(tensor), toHalf) },
  ]),
  {
    stint: '{}',
    'stint.model': JSON.stringify(describeNetwork(config.model, categories)),
    'stint.source': JSON.stringify({
      ...run,
      configHash: hash,
      metrics: result.metrics,
      macs: result.macs.total.direct.mean,
      dense: result.macs.reference,
    }),
  },
);
console.log(`${out}: ${own.length} tensors, ${fs.statSync(out).size} bytes`);

/** Nearest binary16, ties to even. */
function toHalf(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (!(magnitude < 65520)) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
  // Below 2^-14 the step is 2^-24, above it 2^(exponent - 10).
  const exponent = Math.max(((bits >>> 23) & 255) - 127, -14);
  const step = 2 ** (exponent - 10);
  let units = Math.floor(magnitude / step);
  const rest = magnitude / step - units;
  if (rest > 0.5 || (rest === 0.5 && units % 2 === 1)) units++;
  // A carry out of the fraction goes into the exponent by itself.
  return sign | (exponent === -14 ? units : ((exponent + 15) << 10) + units - 1024);
}
