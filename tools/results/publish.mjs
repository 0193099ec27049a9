#!/usr/bin/env node
// Copies the report of a finished experiment (report.md with its pictures, report.html where there is one, summary.csv) into docs/results and
// writes the index over all pages there: `node tools/results/publish.mjs ablation-interp standard [--from RUNS] [--as NAME]`. NAME is the
// page's, default EXPERIMENT-PROFILE. Nothing is changed but names, the
// colours of the mask pictures and the folder of --data-root. Of data that must not be passed on: first `stint report EXPERIMENT:PROFILE --no-images`.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { parse } from 'yaml';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [experiment, profile] = process.argv.slice(2);
const { from: runs, as: name } = readFlags();
const from = path.join(runs, experiment, profile);
const to = path.join(root, 'docs/results');
for (const file of ['report.md', 'summary.csv']) {
  if (fs.existsSync(path.join(from, file))) continue;
  console.error(`publish: no ${file} in ${from}; run: npx nx run experiments:${experiment}:${profile}`);
  process.exit(1);
}
fs.mkdirSync(to, { recursive: true });
const pictures = [];
const report = fs.readFileSync(path.join(from, 'report.md'), 'utf8');
// Where the data lie is nobody else's business: the folder of --data-root, as a run's configuration has it.
const config = fs.readdirSync(from, { recursive: true }).find((file) => path.basename(file) === 'config.yaml');
const dataRoot = config && parse(fs.readFileSync(path.join(from, config), 'utf8')).config.data.root;
const withoutPlaces = (text) => (dataRoot && path.isAbsolute(dataRoot) ? text.replaceAll(dataRoot, 'DIR') : text);
const text = withoutPlaces(report).replaceAll(/!\[([^\]]*)\]\(([^)]+)\)/g, (_, caption, file) => {
  pictures.push(file);
  return `![${caption}](${name}-${file})`;
});
for (const file of pictures) {
  const [source, target] = [path.join(from, file), path.join(to, `${name}-${file}`)];
  // A palette makes the mosaic of masks a third or less of its size.
  if (file.endsWith('.png')) await sharp(source).png({ palette: true, effort: 10 }).toFile(target);
  else fs.copyFileSync(source, target);
}
fs.writeFileSync(path.join(to, `${name}.md`), text);
fs.copyFileSync(path.join(from, 'summary.csv'), path.join(to, `${name}.csv`));
const page = path.join(from, 'report.html');
if (!fs.existsSync(page)) console.log(`docs/results/${name}.md`);
else {
  fs.writeFileSync(path.join(to, `${name}.html`), withoutPlaces(fs.readFileSync(page, 'utf8')));
  console.log(`docs/results/${name}.md, docs/results/${name}.html`);
  const { status } = spawnSync('npx', ['stint', 'report', '--index', to], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

function readFlags() {
  try {
    const options = {
      from: { type: 'string', default: path.join(root, 'runs') },
      as: { type: 'string', default: `${experiment}-${profile}` },
    };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length === 2) return values;
  } catch {
    // the usage below says it
  }
  console.error('usage: node tools/results/publish.mjs EXPERIMENT PROFILE [--from RUNS] [--as NAME]');
  process.exit(2);
}
