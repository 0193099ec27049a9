// The files of a case: the same weights for us (safetensors) and for the others (ONNX), and the images.
import fs from 'node:fs';
import path from 'node:path';
import { resnetLayout } from '@stint/backbones/plain';
import { exportOnnx } from '@stint/onnx';
import { type Checkpoint, loadCheckpoint, MODEL_KEY, type ModelDescription } from '@stint/runtime';
import { readSafetensors } from '@stint/safetensors';
import { parse } from 'yaml';
import { noiseImage, sceneImages, writeImages } from './images.ts';
import { describeNetwork, randomCheckpoint, writeCheckpoint } from './networks.ts';
import type { Case, LatencyConfig } from './schema.ts';

/** What the engines of a case read. */
export interface CaseFiles {
  checkpoint: string;
  onnx: string;
  images: string;
  /** Images in the file. */
  count: number;
  description: ModelDescription;
}

/** Writes checkpoint, ONNX file and images of a case into `folder`. */
export async function writeCaseFiles(
  { config, size }: Case,
  padded: [number, number],
  folder: string,
  { config: { masks, seed }, root }: { config: LatencyConfig; root: string },
): Promise<CaseFiles> {
  const own = 'checkpoint' in config;
  const checkpoint = own
    ? loadTrained(path.resolve(root, config.checkpoint))
    : lastCheckpoint(JSON.stringify([config.backbone, config.fpn, masks.interval, seed]), () =>
        randomCheckpoint(describeNetwork(config, masks), seed),
      );
  const { description, tensors } = checkpoint;
  const images = own ? await sceneImages(size, config.images, root) : [noiseImage(size, seed)];
  const file = (name: string) => path.join(folder, name);
  writeCheckpoint(file('model.safetensors'), checkpoint);
  const { backbone, fpn } = description;
  const model = { backbone, fpn: fpn && { inChannels: resnetLayout(backbone).outChannels, ...fpn } };
  const onnx = lastModel(JSON.stringify([config, masks.interval, seed, padded]), () =>
    exportOnnx(model, tensors as Parameters<typeof exportOnnx>[1], { inputSize: padded }),
  );
  fs.writeFileSync(file('model.onnx'), onnx);
  writeImages(file('images.f32'), images);
  return { checkpoint: file('model.safetensors'), onnx: file('model.onnx'), images: file('images.f32'), count: images.length, description };
}

// A large network takes seconds to make and to export, and the next case often differs in threads only.
const lastCheckpoint = rememberLast<Checkpoint>();
const lastModel = rememberLast<Uint8Array>();

function rememberLast<Value>(): (key: string, make: () => Value) => Value {
  let last: { key: string; value: Value } | undefined;
  return (key, make) => {
    if (last?.key !== key) last = { key, value: make() };
    return last.value;
  };
}

/** Backbone and pyramid, what all engines are given. A run's config.yaml beside the file says which network it is, where the file does not. */
function loadTrained(file: string): Checkpoint {
  const beside = path.join(path.dirname(file), 'config.yaml');
  const named = MODEL_KEY in readSafetensors(file).metadata;
  const checkpoint = loadCheckpoint(file, !named && fs.existsSync(beside) ? describeRun(beside) : undefined);
  const { head: _, ...description } = checkpoint.description;
  return { ...checkpoint, description };
}

function describeRun(configFile: string): ModelDescription {
  const { model } = parse(fs.readFileSync(configFile, 'utf8')).config;
  const { weights: _, ...backbone } = model.backbone;
  return { backbone: { ...backbone, sampling: model.sampling }, fpn: model.fpn };
}
