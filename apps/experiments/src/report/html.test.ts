import fs from 'node:fs';
import path from 'node:path';
import { deadLinks, linksOf } from '../../../../tools/jest/links.ts';
import { main } from '../cli/index.ts';
import { runCommand } from '../cli/run.ts';
import { fakeProject } from '../executor/fake-stint.ts';
import type { Overlay } from '../run/overlay.ts';
import { readOverlays } from './overlays.ts';

function capture() {
  const [out, err]: string[][] = [[], []];
  return { io: { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }, out, err };
}

/** A project whose runs have ended: two arms finished, one failed. */
async function endedProject() {
  const project = fakeProject('  bad:\nclaims: [{ better: zeros, than: rbf, in: AP, at: equal-sweep }]\nseeds: [1, 2]\n');
  const { io } = capture();
  await runCommand('tiny', [], { out: project.folder, jobs: 2 }, { io, workspace: project.workspace, command: project.command });
  return project;
}

async function stint(project: ReturnType<typeof fakeProject>, ...args: string[]) {
  const { io, out, err } = capture();
  const code = await main(args, { io, workspace: project.workspace });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('of a project that has run', () => {
  let project: ReturnType<typeof fakeProject>;
  beforeAll(async () => {
    project = await endedProject();
  });

  test('stint run leaves report.html: verdicts, results, failures, configurations', () => {
    const page = fs.readFileSync(path.join(project.folder, 'report.html'), 'utf8');
    expect(page).toContain('zeros is better than rbf');
    expect(page).toMatch(/loss is NaN at step 3/);
    expect(page).toContain('4 of 6 runs finished');
    expect(page).toContain('model.sampling.interpolation.kind');
    expect(page).toContain('stint run tiny');
    expect(page).not.toContain('Not finished');
  });

  test('runs that were not started are named', async () => {
    fs.renameSync(path.join(project.folder, 'rbf/seed2/result.json'), path.join(project.folder, 'rbf/seed2/away.json'));
    expect((await stint(project, 'report', 'tiny')).code).toBe(0);
    expect(fs.readFileSync(path.join(project.folder, 'report.html'), 'utf8')).toContain('Not finished: rbf/seed2.');
    fs.renameSync(path.join(project.folder, 'rbf/seed2/away.json'), path.join(project.folder, 'rbf/seed2/result.json'));
    await stint(project, 'report', 'tiny');
  });

  test('environments that differ between runs are counted', async () => {
    const env = {
      stint: '1',
      commit: 'abc',
      dirty: false,
      node: 'v20',
      platform: 'x',
      cpu: 'c',
      cores: 2,
      memoryGiB: 4,
      started: '2026',
      engine: { threads: 1 },
    };
    for (const [run, node] of [
      ['rbf/seed1', 'v20'],
      ['rbf/seed2', 'v22'],
    ]) {
      fs.writeFileSync(path.join(project.folder, run, 'env.json'), JSON.stringify({ ...env, node }));
    }
    await stint(project, 'report', 'tiny');
    const page = fs.readFileSync(path.join(project.folder, 'report.html'), 'utf8');
    expect(page).toContain('v20 (1 run); v22 (1 run)');
    expect(page).toContain('<dd>c, 2 cores</dd>');
  });

  test('report --index: one page over the reports below runs, or in a folder; --json', async () => {
    const runs = path.join(project.workspace.root, 'runs');
    const { code, out } = await stint(project, 'report', '--index');
    expect([code, out]).toEqual([0, expect.stringMatching(/^ {2}tiny:default +1 supported\nWritten:\n {2}.*runs\/index\.html$/)]);
    expect(fs.readFileSync(path.join(runs, 'index.html'), 'utf8')).toContain('href="tiny/default/report.html"');
    const docs = path.join(project.workspace.root, 'docs');
    const document = JSON.parse((await stint(project, 'report', '--index', runs, '--out', docs, '--json')).out);
    expect(document).toMatchObject({
      file: path.join(docs, 'index.html'),
      reports: [{ href: '../runs/tiny/default/report.html', name: 'tiny', failed: 2 }],
    });
    const one = await stint(project, 'report', '--index', path.join(project.folder, 'report.html'));
    expect(one.out).toMatch(/runs\/tiny\/default\/index\.html$/);
  });

  test('every link of the report, of its page and of the index leads to a page or an anchor that is there, wherever the index stands', async () => {
    const runs = path.join(project.workspace.root, 'runs');
    const elsewhere = path.join(project.workspace.root, 'a folder/of "mine" & 100%');
    for (const args of [[], ['--out', elsewhere], [project.folder]])
      await stint(project, 'report', '--index', ...(args[0] === '--out' ? [runs] : []), ...args);
    const indices = [runs, elsewhere, project.folder].map((folder) => path.join(folder, 'index.html'));
    for (const file of indices) {
      const pages = linksOf(file).filter((link) => link.endsWith('.html'));
      expect(pages.map((link) => path.resolve(path.dirname(file), decodeURIComponent(link)))).toEqual([
        path.join(project.folder, 'report.html'),
        path.join(project.folder, 'report.html'),
      ]);
    }
    const files = [...indices, path.join(project.folder, 'report.html'), path.join(project.folder, 'report.md')];
    for (const file of files) expect(linksOf(file).length).toBeGreaterThan(0);
    expect(files.flatMap(deadLinks)).toEqual([]);
  });

  test('report --index --out PAGE.html: the page itself, not a folder of that name', async () => {
    const file = path.join(project.workspace.root, 'pages/all.html');
    const { code } = await stint(project, 'report', '--index', project.folder, '--out', file);
    expect([code, fs.statSync(file).isFile(), deadLinks(file)]).toEqual([0, true, []]);
    const page = path.join(project.folder, 'report.html');
    const before = fs.readFileSync(page, 'utf8');
    const over = await stint(project, 'report', '--index', project.folder, '--out', page);
    expect([over.code, over.err]).toEqual([2, `stint: --out ${page} is the page of an experiment: name another file`]);
    expect(fs.readFileSync(page, 'utf8')).toBe(before);
    fs.mkdirSync(path.join(project.workspace.root, 'old.html'));
    const folder = await stint(project, 'report', '--index', project.folder, '--out', path.join(project.workspace.root, 'old.html'));
    expect([folder.code, folder.err]).toEqual([2, expect.stringContaining('is a folder: remove it, or name another file')]);
  });

  test('report --index: a damaged page is named', async () => {
    const page = path.join(project.workspace.root, 'damaged.html');
    fs.writeFileSync(page, '<script type="application/json" id="stint-summary">{"name":</script>');
    const { code, err } = await stint(project, 'report', '--index', page);
    expect(code).toBe(2);
    expect(err).toContain(`${page}: the summary in the page is damaged; write it again`);
    fs.rmSync(page);
  });

  test('report --index: wrong usage', async () => {
    const wrong = async (...args: string[]) => {
      const { code, out, err } = await stint(project, 'report', ...args);
      expect([code, out]).toEqual([2, '']);
      return err;
    };
    expect(await wrong()).toBe('stint: name an experiment ("stint list" shows all), or give --index for the page over all reports');
    expect(await wrong('tiny', '--index', 'runs')).toMatch(/--index takes folders or pages, .*"tiny" does not go with it/);
    expect(await wrong('--arms', 'rbf', '--index')).toMatch(/"arms" does not go with it/);
    expect(await wrong('--index', '/nowhere')).toBe('stint: --index: /nowhere does not exist');
    const empty = path.join(project.workspace.root, 'experiments');
    expect(await wrong('--index', empty)).toBe(`stint: --index: no report in ${empty}; write one first: stint report EXPERIMENT`);
  });
});

describe('overlays', () => {
  const mask = (block: string, number: 1 | 2, side: number) => ({
    block,
    mask: number,
    height: side,
    width: side,
    stride: 64 / side,
    bits: '10'.repeat((side * side) / 2),
  });
  const image = (id: number, scale: number) => ({
    id,
    width: 64,
    height: 64,
    rgb: Buffer.alloc(64 * 64 * 3, 100).toString('base64'),
    masks: [
      mask('layer1.0', 1, 16 * scale),
      mask('layer1.0', 2, 16 * scale),
      mask('layer2.0', 1, 16 * scale),
      mask('layer2.0', 2, 8 * scale),
    ],
  });
  const write = (folder: string, run: string, overlay: Overlay) => {
    fs.mkdirSync(path.join(folder, run, 'masks'), { recursive: true });
    fs.writeFileSync(path.join(folder, run, 'masks/masks.json'), JSON.stringify(overlay));
  };

  test('the first seed of each arm, on the images that all have', async () => {
    const project = fakeProject('seeds: [1, 2]\n');
    const experiment = project.resolve();
    expect(await readOverlays(experiment, project.folder)).toBeUndefined();
    write(project.folder, 'rbf/seed1', { images: [image(3, 1), image(5, 1)] });
    write(project.folder, 'rbf/seed2', { images: [image(3, 1)] });
    write(project.folder, 'zeros/seed2', { images: [image(5, 1), image(7, 1)] });
    const found = await readOverlays(experiment, project.folder);
    expect(found?.pictures.map(({ id }) => id)).toEqual([5]);
    expect(found?.masks.views.map(({ arm, seed, style, images }) => [arm, seed, style, images.length])).toEqual([
      ['rbf', 1, 0, 1],
      ['zeros', 2, 1, 1],
    ]);
    expect(found?.note).toBeUndefined();
  });

  test("report --no-images: nothing shows the data's images, nor what an earlier report drew of them", async () => {
    const project = await endedProject();
    write(project.folder, 'rbf/seed1', { images: [image(3, 1)] });
    const shown = () => [
      fs.existsSync(path.join(project.folder, 'masks.png')),
      fs.readFileSync(path.join(project.folder, 'report.md'), 'utf8').includes('masks.png'),
      fs.readFileSync(path.join(project.folder, 'report.html'), 'utf8').includes('data:image/webp'),
    ];
    expect((await stint(project, 'report', 'tiny')).code).toBe(0);
    expect(shown()).toEqual([true, true, true]);
    expect((await stint(project, 'report', 'tiny', '--no-images')).code).toBe(0);
    expect(shown()).toEqual([false, false, false]);
  });

  test('images are left out, and said to be, before the page grows beyond its budget', async () => {
    const project = fakeProject();
    write(project.folder, 'rbf/seed1', { images: [0, 1, 2].map((id) => image(id, 44)) });
    const found = await readOverlays(project.resolve(), project.folder);
    expect(found?.pictures).toHaveLength(2);
    expect(found?.note).toBe('2 of 3 images are shown to keep this page small.');
  });
});
