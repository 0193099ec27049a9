// Every link in what a reader of the repository opens: the Markdown files, the published pages and their index.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deadLinks, linksOf } from '../jest/links.ts';

const root = path.join(__dirname, '../..');
const tracked = spawnSync('git', ['ls-files', '*.md', '*.html'], { cwd: root, encoding: 'utf8' }).stdout.trim().split('\n');

test('of every page and text, none leads to a folder or nowhere', () => {
  expect(tracked).toEqual(expect.arrayContaining(['README.md', 'docs/results/README.md', 'docs/results/index.html']));
  expect(tracked.flatMap((file) => deadLinks(path.join(root, file)))).toEqual([]);
});

test('the index of the results leads to every page beside it', () => {
  const folder = path.join(root, 'docs/results');
  const pages = fs.readdirSync(folder).filter((name) => name.endsWith('.html') && name !== 'index.html');
  expect([...new Set(linksOf(path.join(folder, 'index.html')))].filter((link) => link.endsWith('.html')).sort()).toEqual(pages.sort());
});

test('what is wrong with a link is said', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-links-'));
  const file = path.join(folder, 'a.md');
  fs.writeFileSync(path.join(folder, 'b.html'), '<h1 id="top">b</h1><a class="x" href="#gone">b</a><script>"<a href=\\"no\\">"</script>');
  fs.writeFileSync(
    file,
    '# A `b`: c d\n[1](b.html#top) [2](b.html#no) [3](.) ![4](c.png "t") [5](#a-b-c-d) [6](https://x.org/) `[7](code)`\n```\n[8](code)\n```\n<img src="d.png">\n',
  );
  expect(deadLinks(file)).toEqual(
    ['"b.html#no" names an anchor that is not there', '"." leads to a folder', '"c.png" leads nowhere', '"d.png" leads nowhere'].map(
      (problem) => `${file}: ${problem}`,
    ),
  );
  expect(deadLinks(path.join(folder, 'b.html'))).toEqual([`${path.join(folder, 'b.html')}: "#gone" names an anchor that is not there`]);
});
