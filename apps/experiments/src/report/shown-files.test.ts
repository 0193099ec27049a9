import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readOverlay, readPredictions } from './shown-files.ts';

const base64 = (length: number) => Buffer.alloc(length, 7).toString('base64');
const mask = { block: 'layer1.0', mask: 2, height: 2, width: 3, stride: 4, bits: '010110' };
const overlay = { images: [{ id: 3, width: 12, height: 8, rgb: base64(12 * 8 * 3), masks: [mask] }] };
const shown = {
  classes: ['a', 'b'],
  images: [{ name: '1', width: 5, height: 3, rgb: base64(45), truth: base64(15), prediction: base64(15) }],
};

const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-shown-')), 'pictures.json');
const written = (value: unknown) => {
  fs.writeFileSync(file, JSON.stringify(value));
  return file;
};

test('what a run left is read as it was', () => {
  expect(readOverlay(written(overlay))).toEqual({ ...overlay, backbone: undefined });
  expect(readPredictions(written(shown))).toEqual(shown);
});

test.each([
  ['a mask of another size', readOverlay, { images: [{ ...overlay.images[0], masks: [{ ...mask, width: 4 }] }] }, 'masks.0.bits'],
  ['other cells', readOverlay, { images: [{ ...overlay.images[0], masks: [{ ...mask, bits: '01011x' }] }] }, 'must be of 0 and 1'],
  ['a fourth mask', readOverlay, { images: [{ ...overlay.images[0], masks: [{ ...mask, mask: 4 }] }] }, 'masks.0.mask'],
  ['an image cut off', readOverlay, { images: [{ ...overlay.images[0], rgb: base64(12 * 8 * 3 - 1) }] }, 'has not three bytes a pixel'],
  ['no width', readOverlay, { images: [{ ...overlay.images[0], width: 0 }] }, 'images.0.width'],
  ['another thing', readOverlay, [], 'is no file of pictures'],
  ['a network that is none', readOverlay, { ...overlay, backbone: { layers: 'many' } }, 'the model description does not fit'],
  ['labels cut off', readPredictions, { ...shown, images: [{ ...shown.images[0], truth: base64(14) }] }, 'has not one byte a pixel'],
  ['no classes', readPredictions, { images: [] }, 'classes'],
])('%s: the file is named, and what is wrong', (_, read, value, message) => {
  expect(() => read(written(value))).toThrow(message);
  expect(() => read(written(value))).toThrow(file);
});
