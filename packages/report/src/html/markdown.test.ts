import { markdownSections } from './markdown.ts';
import { markdownPage } from './markdown-page.ts';
import { readSummary } from './summary.ts';

const render = (text: string, pictures: Record<string, string> = {}) =>
  markdownSections(text, pictures).map(({ title, content }) => [title, content.markup.trim()]);

test('a section a heading of the second level; what stands before the first is left out', () => {
  expect(render('# Title\n\nintro\n\n## One\n\ntext **bold**\n\n## Two\n\n### inner\n\nmore')).toEqual([
    ['One', '<p>text <strong>bold</strong></p>'],
    ['Two', '<h3>inner</h3>\n<p>more</p>'],
  ]);
});

test('tables scroll, have a name each, and columns of numbers are aligned as such', () => {
  const table = '| what | ms |\n| --- | --- |\n| a | 12.5 |\n| b |  |\n| 3 | −1,024 |\n';
  const [[, times], [, kinds]] = render(`## Times\n\n${table}\n${table}\n## Kinds\n\n### resnet\n\n**one thread**\n\n${table}`);
  expect(times.match(/aria-label="[^"]*"/g)).toEqual(['aria-label="Times, table"', 'aria-label="Times, table 2"']);
  expect(kinds).toContain('aria-label="one thread, table"');
  expect(times).toContain('<th scope="col">what</th>\n<th scope="col" class="number">ms</th>');
  expect(render('## Made\n\n|  |  |\n| --- | --- |\n| a | b |\n')[0][1]).not.toMatch(/<th[ >]/);
  expect(times).toContain('<td>a</td>\n<td class="number">12.5</td>');
});

test('pictures are in the page; one that is not given is left out; what is folded opens', () => {
  const text =
    '## A\n\n![a < b](x.svg)\n\n![gone](y.svg)\n\n<details><summary>more & more</summary>\n\n| a |\n| --- |\n| 1 |\n\n</details>\n\nend';
  const [[, markup]] = render(text, { 'x.svg': 'data:image/svg+xml;base64,AA' });
  expect(markup).toContain('<img class="picture" src="data:image/svg+xml;base64,AA" alt="a &lt; b">');
  expect(markup).not.toMatch(/y\.svg|&lt;details|<p><details/);
  expect(markup).toMatch(
    /<details><summary>more &amp; more<\/summary>[\s\S]*<table[\s\S]*<\/table><\/div>[\s\S]*<\/details>[\s\S]*<p>end<\/p>/,
  );
});

test('any other HTML stays text, and links run no script', () => {
  const [[, markup]] = render('## A\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n[a](javascript:alert(1))');
  expect(markup).not.toMatch(/<script|<img|href/);
  expect(markup).toContain('&lt;script&gt;');
});

test('the page carries its summary', () => {
  const summary = {
    name: 'speed',
    profile: 'quick',
    title: 'Speed',
    claims: [{ text: 'fast', verdict: 'supported' as const, metric: 'times', mean: 0.2, seeds: 2, reason: 'reached' }],
    arms: ['resnet'],
    finished: 2,
    failed: 0,
    unfinished: 0,
    provenance: {},
  };
  const page = markdownPage({ markdown: '## Where the time goes\n\nx', pictures: {}, summary, facts: ['2 cases'] });
  expect(readSummary(page)).toEqual(summary);
  expect(page).toContain('<section id="where-the-time-goes" aria-labelledby="where-the-time-goes-title">');
});
