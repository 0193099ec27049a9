// What tf.image's resizing means in torch's terms: dense heads and pyramids upsample with it.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import tolerances from '../../fixtures/tolerances.json';

const { tensors } = readFixture(path.join(__dirname, '../../fixtures/detection_ops.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances.detection_ops;

test.each(['12x18', '13x5', '3x4'])('to %s', (name) => {
  const size = name.split('x').map(Number) as [number, number];
  tf.tidy(() => {
    const { data, shape } = relayout(tensors['resize/x'], 'NHWC');
    const x = tf.tensor4d(data, shape);
    const near = (got: tf.Tensor, key: string) => expectClose(got.dataSync(), relayout(tensors[key], 'NHWC').data, tolerance[key], key);
    // torch's align_corners=false is half-pixel centres here; its nearest is the plain floor, without them.
    near(tf.image.resizeBilinear(x, size, false, true), `resize/bilinear_${name}_align0`);
    near(tf.image.resizeBilinear(x, size, true, false), `resize/bilinear_${name}_align1`);
    near(tf.image.resizeNearestNeighbor(x, size, false, false), `resize/nearest_${name}`);
  });
});
