// onnxruntime as a measured process: the dense network in float32 on the CPU. Its outputs are written into tensors made beforehand.
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { readImages } from './images.ts';
import { takeTurn, type Worker } from './worker.ts';

export function onnxWorker(): Worker {
  let session: InferenceSession;
  let images: Tensor[] = [];
  let outputs: Record<string, Tensor> = {};

  return {
    async load({ model, images: file, size, threads }) {
      session = await InferenceSession.create(model, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        // Its threads would otherwise spin on into the other engines' turns.
        extra: { session: { force_spinning_stop: '1' } },
      });
      const [height, width] = size;
      images = readImages(file, size).map((image) => new Tensor('float32', planar(image, height * width), [1, 3, height, width]));
      outputs = { ...(await session.run({ image: images[0] })) } as Record<string, Tensor>;
      return { version: env.versions.node ?? 'unknown' };
    },
    async run({ turn }) {
      return takeTurn(images.length, turn, async (image) => {
        await session.run({ image: images[image] }, outputs);
      });
    },
    async digest({ points }) {
      const result = await session.run({ image: images[0] });
      return {
        outputs: session.outputNames.map((name) => {
          const data = result[name].data as Float32Array;
          return points.map((point) => data[Math.floor(point * data.length)]);
        }),
      };
    },
  };
}

/** [H,W,3] -> [3,H,W]. */
function planar(image: Float32Array, cells: number): Float32Array {
  return Float32Array.from(image, (_, i) => image[(i % cells) * 3 + Math.floor(i / cells)]);
}
