// What a run writes, read by COCO's own evaluation: the same twelve numbers.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { emojiScenes } from '@stint/datasets';
import { tinyConfig, tinyRun } from '../run/tiny-run.ts';
import { pycocotoolsStats } from '../testing/pycocotools.ts';
import { main } from './index.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-pycocotools-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'];

test('the detections of a run give pycocotools the AP that its result says', async () => {
  const { executeRun } = await import('../run/index.ts');
  const { model } = tinyConfig();
  const config = tinyConfig({
    pretrain: null,
    evaluate: { batchSize: 4 },
    model: { ...model, head: { ...model.head, scoreThreshold: 0 } },
  });
  const result = await executeRun(tinyRun(config), path.join(root, 'run'), { root, resume: false, stream: { write: () => true } });
  const { seed } = config.data as { seed: number };
  const val = await emojiScenes({ cacheDir: path.join(root, '.cache/datasets'), imageSize: 64, split: 'val', count: 4, seed });
  fs.writeFileSync(path.join(root, 'truth.json'), JSON.stringify(val.groundTruth()));
  const stats = pycocotoolsStats(path.join(root, 'truth.json'), path.join(root, 'run/detections.json'));
  expect(JSON.parse(fs.readFileSync(path.join(root, 'run/detections.json'), 'utf8')).length).toBeGreaterThan(0);
  for (const [i, name] of NAMES.entries()) expect(result.metrics[name] < 0 ? -1 : result.metrics[name] / 100).toBeCloseTo(stats[i], 6);
});

test('the COCO results of predict, too, and these are not zero', async () => {
  const scenes = await emojiScenes({ cacheDir: path.join(root, '.cache/datasets'), split: 'val', count: 8, seed: 9 });
  const { default: sharp } = await import('sharp');
  fs.mkdirSync(path.join(root, 'images'));
  const truth = scenes.groundTruth();
  for (let i = 0; i < scenes.length; i++) {
    const { id, image, width, height } = await scenes.get(i);
    await sharp(Buffer.from(image), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(path.join(root, `images/${id}.png`));
  }
  fs.writeFileSync(
    path.join(root, 'gt.json'),
    JSON.stringify({ ...truth, images: truth.images.map((image) => ({ ...image, file_name: `${image.id}.png` })) }),
  );
  const out: string[] = [];
  const io = { out: (text: string) => out.push(text), err: () => {} };
  const files = { gt: path.join(root, 'gt.json'), dt: path.join(root, 'dt.json') };
  const checkpoint = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
  expect(
    await main(['predict', path.join(root, 'images'), '--checkpoint', checkpoint, '--coco', files.dt, '--ground-truth', files.gt], { io }),
  ).toBe(0);
  out.length = 0;
  await main(['evaluate', 'coco', '--ground-truth', files.gt, '--detections', files.dt, '--json'], { io });
  const { stats } = JSON.parse(out[0]);
  expect(stats[0]).toBeGreaterThan(0.3);
  for (const [i, value] of pycocotoolsStats(files.gt, files.dt).entries()) expect(stats[i]).toBeCloseTo(value, 6);
});
