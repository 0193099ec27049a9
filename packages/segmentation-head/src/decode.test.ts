// Labels from logits on plain arrays against TensorFlow's resizing of whole maps.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { decodeLabels } from './decode.ts';
import { resizeBilinear, upsample } from './resize.ts';

const side = fc.integer({ min: 1, max: 7 });

test('any stride, any part, any size: the best class of logits resized in two steps', () => {
  fc.assert(
    fc.property(
      fc.record({
        height: side,
        width: side,
        stride: fc.constantFrom(1, 2, 4, 8),
        cut: fc.tuple(fc.nat(40), fc.nat(40)),
        seed: fc.nat(999),
      }),
      fc.option(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })), { nil: undefined }),
      ({ height, width, stride, cut, seed }, output) => {
        const full: [number, number] = [height * stride, width * stride];
        const image = { height: Math.max(1, full[0] - cut[0]), width: Math.max(1, full[1] - cut[1]), output };
        tf.tidy(() => {
          const logits = tf.randomNormal([1, height, width, 3], 0, 1, 'float32', seed + 1) as tf.Tensor4D;
          const inside = tf.slice(upsample(logits, stride, full), [0, 0, 0, 0], [1, image.height, image.width, 3]) as tf.Tensor4D;
          const resized = output ? resizeBilinear(inside, output) : inside;
          const want = tf.argMax(resized, 3).dataSync();
          const found = decodeLabels({ data: logits.dataSync() as Float32Array, height, width, classes: 3, stride }, image);
          expect([found.height, found.width]).toEqual(output ?? [image.height, image.width]);
          const best = tf.topk(tf.reshape(resized, [-1, 3]), 2).values.dataSync();
          expect(found.data.filter((label, i) => label !== want[i] && best[2 * i] - best[2 * i + 1] > 1e-4)).toHaveLength(0);
        });
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});
