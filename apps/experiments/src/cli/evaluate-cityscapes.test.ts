// The command as a user runs it, in a process of its own, against the numbers of cityscapesScripts; and what it says about wrong folders.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeLabelPng } from '@stint/datasets';
import { evaluateCityscapesCommand } from './evaluate-cityscapes.ts';
import { main } from './index.ts';

const fixtures = path.join(__dirname, '../../../../packages/metrics/fixtures/cityscapes');
const expectedOf = (name: string) => JSON.parse(fs.readFileSync(path.join(fixtures, name, 'expected.json'), 'utf8'));

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-cityscapes-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The files of a case that `keep` lets through, under `to` in the layout of the original: a folder a city. */
function place(name: string, to: string, keep: RegExp, rename = (file: string) => file): string {
  const root = path.join(folder, to);
  fs.mkdirSync(path.join(root, 'city'), { recursive: true });
  for (const file of fs.readdirSync(path.join(fixtures, name)).filter((file) => keep.test(file)))
    fs.copyFileSync(path.join(fixtures, name, file), path.join(root, 'city', rename(file)));
  return root;
}

async function evaluate(labels: string, predictions: string, json = true) {
  const [out, err]: string[][] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await main(['evaluate', 'cityscapes', '--labels', labels, '--predictions', predictions, ...(json ? ['--json'] : [])], {
    io,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function expectOfficial(
  document: Record<string, unknown>,
  { official, official_confusion_34x34_rows_gt: confusion, train19 }: ReturnType<typeof expectedOf>,
) {
  const near = (got: unknown, want: unknown, where: string): void => {
    if (typeof want === 'number') expect(Math.abs((got as number) - want)).toBeLessThanOrEqual(1e-9);
    else if (want === null) expect([where, got]).toEqual([where, null]);
    else for (const [key, value] of Object.entries(want as object)) near((got as Record<string, unknown>)[key], value, `${where}.${key}`);
  };
  near(document, official, 'official');
  near(document.trainId, { mIoU: train19.mIoU, aAcc: train19.aAcc, mAcc: train19.mAcc, IoU: train19.IoU }, 'trainId');
  expect(document.confusion).toEqual(confusion);
}

test.each(['a_all_classes', 'b_few_classes'])('%s: a process prints one JSON document with the numbers of cityscapesScripts', (name) => {
  const bin = path.join(__dirname, '../../bin/stint.cjs');
  const both = path.join(fixtures, name); // labels, instances and predictions in one folder
  const args = ['--conditions=@stint/source', bin, 'evaluate', 'cityscapes', '--labels', both, '--predictions', both, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expectOfficial(JSON.parse(stdout), expectedOf(name));
});

test('predictions elsewhere, under any name that begins with the frame', async () => {
  const labels = place('a_all_classes', 'gtFine/val', /_gtFine_/);
  for (const suffix of ['.png', '_leftImg8bit.png', '_gtFine_labelIds.png']) {
    const results = place('a_all_classes', `results${suffix}`, /_pred_/, (file) => file.replace('_pred_labelIds.png', suffix));
    const { code, out } = await evaluate(labels, results);
    expect(code).toBe(0);
    expectOfficial(JSON.parse(out), expectedOf('a_all_classes'));
  }
  const { out } = await evaluate(labels, path.join(folder, 'results.png'), false);
  expect(out).toMatch(/^classes +IoU +nIoU\n[\s\S]*\nScore Average : +0\.448 +0\.429\n[\s\S]*mIoU 0\.448, aAcc 0\.678, mAcc 0\.625$/);
});

test('without instance files the instance-level scores are null, with a word about it', async () => {
  const labels = place('b_few_classes', 'labels', /_gtFine_labelIds/);
  const { code, out, err } = await evaluate(labels, place('b_few_classes', 'results', /_pred_/));
  const document = JSON.parse(out);
  expect([code, document.averageScoreInstClasses, document.instanceIoU.category.scores.human]).toEqual([0, null, null]);
  expect(document.averageScoreClasses).toBeCloseTo(expectedOf('b_few_classes').official.averageScoreClasses, 9);
  expect(err).toMatch(/instance-level scores are left out/);
});

describe('files that do not match are named', () => {
  let labels: string;
  let results: string;
  beforeEach(() => {
    labels = place('a_all_classes', 'labels', /_gtFine_/);
    results = place('a_all_classes', 'results', /_pred_/);
  });
  const at = (root: string, file: string) => path.join(root, 'city', file);

  test('a missing prediction, one too many, one of no frame', async () => {
    fs.rmSync(at(results, 'city_000001_000019_pred_labelIds.png'));
    fs.copyFileSync(at(results, 'city_000000_000019_pred_labelIds.png'), path.join(results, 'city_000000_000019_x.png'));
    fs.writeFileSync(path.join(results, 'city_000009_000019.png'), '');
    fs.writeFileSync(path.join(results, 'overview.png'), '');
    const { code, out, err } = await evaluate(labels, results);
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n')).toEqual([
      'stint: labels and predictions do not match:',
      `  no prediction for ${at(labels, 'city_000001_000019_gtFine_labelIds.png')}`,
      `  several predictions for city_000000_000019: ${at(results, 'city_000000_000019_pred_labelIds.png')}, ${path.join(results, 'city_000000_000019_x.png')}`,
      `  no label image for ${path.join(results, 'city_000009_000019.png')}, ${path.join(results, 'overview.png')}`,
    ]);
  });

  test('many are counted', async () => {
    for (let i = 10; i < 18; i++) fs.writeFileSync(path.join(results, `city_0000${i}_000019.png`), '');
    expect((await evaluate(labels, results)).err).toMatch(/city_000014_000019\.png and 3 more$/);
  });

  test('instances for some frames only', async () => {
    fs.rmSync(at(labels, 'city_000002_000019_gtFine_instanceIds.png'));
    expect((await evaluate(labels, results)).err).toBe(
      `stint: some label images have instances, but there is no ${at(labels, 'city_000002_000019_gtFine_instanceIds.png')}`,
    );
  });

  test('the same frame twice, and a name that is no frame', async () => {
    fs.copyFileSync(at(labels, 'city_000000_000019_gtFine_labelIds.png'), path.join(labels, 'city_000000_000019_gtFine_labelIds.png'));
    expect((await evaluate(labels, results)).err).toMatch(/two label images of city_000000_000019: .* and /);
    fs.renameSync(path.join(labels, 'city_000000_000019_gtFine_labelIds.png'), path.join(labels, 'first_gtFine_labelIds.png'));
    expect((await evaluate(labels, results)).err).toMatch(/first_gtFine_labelIds\.png is not named <city>_<sequence>_<frame>/);
  });

  test('sizes: both files and both sizes', async () => {
    const file = at(results, 'city_000003_000019_pred_labelIds.png');
    fs.writeFileSync(file, await encodeLabelPng({ width: 48, height: 24, data: new Uint8Array(48 * 24) }));
    const label = at(labels, 'city_000003_000019_gtFine_labelIds.png');
    expect((await evaluate(labels, results)).err).toBe(
      `stint: ${file} is 48x24, but ${label} 96x48: predictions must have the size of the label images`,
    );
  });

  test('255 is no label: predicted, it is counted as a miss and said; in the labels, it is an error as in cityscapesScripts', async () => {
    const file = at(results, 'city_000000_000019_pred_labelIds.png');
    const blank = (value: number) => encodeLabelPng({ width: 96, height: 48, data: new Uint8Array(96 * 48).fill(value) });
    const outputs = [];
    for (const value of [0, 255]) {
      fs.writeFileSync(file, await blank(value));
      outputs.push(await evaluate(labels, results));
    }
    expect(outputs[1].out).toBe(outputs[0].out);
    expect(outputs.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, '4608 predicted pixels are 255, which is no label: counted as unlabeled, so as misses of their true label'],
    ]);
    fs.writeFileSync(at(labels, 'city_000000_000019_gtFine_labelIds.png'), await blank(255));
    expect((await evaluate(labels, results)).err).toMatch(/city_000000_000019: label is 255 at x 0, y 0; labels are 0\.\.33/);
  });

  test('ids that are none, a damaged file', async () => {
    const file = at(results, 'city_000000_000019_pred_labelIds.png');
    fs.writeFileSync(file, await encodeLabelPng({ width: 96, height: 48, data: new Uint8Array(96 * 48).fill(34) }));
    expect((await evaluate(labels, results)).err).toMatch(/city_000000_000019: prediction is 34 at x 0, y 0; labels are 0\.\.33/);
    fs.truncateSync(file, 50);
    expect((await evaluate(labels, results)).err).toBe(`stint: readLabelPng: ${file}: the file is truncated`);
  });

  test('folders: none, and one without label images', async () => {
    const none = path.join(folder, 'none');
    expect(await evaluate(none, results)).toEqual({ code: 2, out: '', err: `stint: cannot read the folder --labels ${none}: ENOENT` });
    expect((await evaluate(labels, none)).err).toMatch(/cannot read the folder --predictions .*none: ENOENT/);
    expect(await evaluate(results, results)).toMatchObject({ code: 1, err: `stint: ${results}: no *_gtFine_labelIds.png anywhere in it` });
    await expect(evaluateCityscapesCommand({ labels: none, predictions: none }, { io: { out() {}, err() {} } })).rejects.toThrow('none');
  });
});
