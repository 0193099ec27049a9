import sharp from 'sharp';
import { madeExperiment } from './fixture.ts';
import { indexPage } from './index-page.ts';
import { pictureAddress } from './pictures.ts';
import { htmlReport } from './report-page.ts';
import { readSummary } from './summary.ts';

const page = htmlReport(madeExperiment());
const sections = (text: string) => [...text.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);

test('every part of an experiment has its section, and the navigation leads to each', () => {
  expect(sections(page)).toEqual(['verdicts', 'failed', 'tradeoff', 'results', 'masks', 'density', 'macs', 'configs', 'made']);
  for (const id of sections(page)) expect(page).toContain(`<li><a href="#${id}">`);
});

test('verdicts stand with their numbers whatever they are', () => {
  expect(page).toMatch(/contradicted<\/span> <span>rbf is better than zeros in AP at equal MACs/);
  expect(page).toMatch(/supported<\/span> <span>rbf equals zeros in AP within 3/);
  expect(page).toMatch(/inconclusive<\/span> <span>rbf is better than nothing/);
  expect(page).toContain('<dd>−2.00</dd>');
  expect(page).toContain('<dd>[−2.00, −2.00]</dd>');
  expect(page).toContain('no finished run of nothing');
});

test('failed and unfinished runs are shown with their last lines, escaped', () => {
  expect(page).toContain('step 3\nloss is NaN &lt;at&gt; step 4');
  expect(page).toContain('Not finished: bad/seed3.');
  expect(page).toContain('12 of 14 runs finished');
});

test('nothing on the page refers to another place', () => {
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
  expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org)/);
  expect(/Security-Policy" content="([^"]*)"/.exec(page)?.[1]).toMatch(/^default-src &#39;none&#39;;/);
});

test('ids are unique, and every label and reference finds its element', () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const references = [...page.matchAll(/ (?:for|aria-controls|aria-labelledby|aria-describedby)="([^"]+)"/g)].map(([, id]) => id);
  expect(references.length).toBeGreaterThan(10);
  for (const id of references) expect(ids).toContain(id);
});

test('the dense network of the plot is that of the images at their own size', () => {
  const [small, ...others] = madeExperiment().runs;
  const runs = [{ ...small, macs: { ...small.macs, reference: 24e6 } }, ...others];
  const data = /<script type="application\/json" id="chart-data">(.*?)<\/script>/.exec(htmlReport({ ...madeExperiment(), runs }))!;
  expect(JSON.parse(data[1]).reference).toBe(150e6);
});

test('without runs, claims, masks and configurations the page says so', () => {
  const empty = htmlReport({ name: 'x', profile: 'y', title: 'Empty', claims: [], runs: [], failed: [], provenance: {} });
  expect(sections(empty)).toEqual(['verdicts', 'results', 'made']);
  expect(empty).toContain('No claims are stated.');
  expect(empty).toContain('No run finished.');
});

test('the index reads the pages: all claims with their verdicts, a card an experiment', () => {
  const summary = readSummary(page);
  expect(summary).toMatchObject({ name: 'made', profile: 'test', finished: 12, failed: 1, unfinished: 1, arms: ['rbf', 'zeros', 'bad'] });
  expect(summary?.claims.map(({ verdict, mean, seeds }) => [verdict, mean, seeds])).toEqual([
    ['contradicted', -2, 3],
    ['supported', -2, 3],
    ['inconclusive', null, 0],
  ]);
  const index = indexPage({ entries: [{ href: 'made/report.html', summary: summary! }] });
  expect(index).toContain('3 claims judged');
  expect(index.match(/<tr data-kind/g)).toHaveLength(3);
  expect(index).toContain('<h3><a href="made/report.html">Made up</a></h3>');
  expect(index).toContain('1 failed');
  expect(readSummary(index)).toBeUndefined();
  expect(indexPage({ entries: [] })).toContain('No reports yet.');
});

test.each(['{"name": "x"', 'null', '{"name":"x","profile":"y","title":"z","arms":[],"claims":[{"verdict":"sure"}],"provenance":{}}'])(
  'a damaged summary is no summary: %s',
  (text) => {
    const damaged = page.replace(/(id="stint-summary">).*?(<\/script>)/, (_, before, after) => before + text + after);
    expect(() => readSummary(damaged)).toThrow('the summary in the page is damaged');
  },
);

test('a picture is put into the page as it is, or smaller', async () => {
  const address = await pictureAddress({ width: 1000, height: 10, data: new Uint8Array(30_000).fill(200) });
  const [head, body] = address.split(',');
  expect(head).toBe('data:image/webp;base64');
  const { data, info } = await sharp(Buffer.from(body, 'base64')).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([800, 8]);
  expect(Math.abs(data[0] - 200)).toBeLessThan(4);
});
