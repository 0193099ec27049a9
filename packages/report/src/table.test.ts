import { plusMinus } from './columns.ts';
import { madeArm, madeRun } from './fixture.ts';
import { htmlReport } from './html/report-page.ts';
import { markdownReport } from './markdown.ts';
import { groupIntoPoints } from './runs.ts';
import { consoleTable, densityTable, markdownTable, summaryCsv, tableLegend } from './table.ts';

const runs = [...madeArm('rbf', 50), ...madeArm('zeros', 48)];

test('runs of an arm and sweep value are one point with all seeds', () => {
  expect(groupIntoPoints(runs).map(({ arm, sweep, runs: group }) => [arm, sweep['loss.sparseWeight'], group.length])).toEqual([
    ['rbf', 0.2, 3],
    ['rbf', 1, 3],
    ['zeros', 0.2, 3],
    ['zeros', 1, 3],
  ]);
});

test('the table has means and deviations over seeds and both tap counts', () => {
  const row = markdownTable(runs).split('\n')[2];
  expect(row).toContain('| rbf | sparseWeight=0.2 | 3 | 62.0 ± 1.0 | 72.0 ± 1.0 |');
  // 60 M in all, of which a tenth is interpolation at 49 taps: 54 + 6 * 14 / 49.
  expect(row).toContain('| 60.0 ± 0.0 | 55.7 ± 0.0 | 40 % |');
  expect(consoleTable(runs)).toContain('62.0 ± 1.0');
  expect(densityTable(runs)).toContain('| rbf | sparseWeight=0.2 | 0.50 / 0.25 | 0.70 / 0.35 |');
});

test('AP in training order is shown where every seed has it', () => {
  const both = madeArm('rbf', 50, [1, 2]).map((run) => ({ ...run, trainingOrderAP: run.metrics.AP + 3 }));
  const cell = (text: string) => text.split('\n')[2].split('|')[9].trim();
  expect(cell(markdownTable(both))).toBe('64.5 ± 0.7');
  expect(cell(markdownTable([...both.slice(1), ...madeArm('rbf', 50, [1])]))).toBe('');
});

test('other tasks have their own metrics: their columns, their legend, their primary metric in training order', () => {
  const metrics = { shown: ['mIoU', 'aAcc'], brief: ['mIoU'], legend: 'mIoU in percent' };
  const labelled = madeArm('rbf', 50, [1, 2]).map((run) => ({
    ...run,
    metrics: { aAcc: 90, mIoU: run.metrics.AP },
    trainingOrder: { mIoU: run.metrics.AP - 2 },
  }));
  const [head, , row] = markdownTable(labelled, metrics).split('\n');
  expect(head.startsWith('| arm | swept | seeds | mIoU | aAcc | mIoU t.o. | total |')).toBe(true);
  expect(row).toContain('| 61.5 ± 0.7 | 90.0 ± 0.0 | 59.5 ± 0.7 |');
  expect(consoleTable(labelled, metrics).split('\n')[1]).not.toMatch(/AP|aAcc/);
  expect(tableLegend(metrics)).toMatch(/^mIoU in percent; MACs .* mIoU t\.o\. is/);
  const report = markdownReport({ title: 't', claims: [], metrics, runs: labelled, failed: [], provenance: {}, pictures: {} });
  expect(report).toContain(tableLegend(metrics));
  expect(report).not.toContain('AP');
  const page = htmlReport({ name: 'n', profile: 'p', title: 't', claims: [], metrics, runs: labelled, failed: [], provenance: {} });
  expect(page).toContain('mIoU against MACs');
  expect(page).toContain('>mIoU t.o.');
});

test('one seed has no deviation', () => {
  expect(plusMinus([1.25], 1)).toBe('1.3');
  expect(plusMinus([1, 3], 1)).toBe('2.0 ± 1.4');
});

test('CSV has a row a run and quotes what needs it', () => {
  const lines = summaryCsv([madeRun('a "b", c', 1, 1, 30e6, 40)]).split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1].startsWith('"a ""b"", c",sparseWeight=1,1,40,50,30000000,')).toBe(true);
  expect(lines[0].split(',')).toHaveLength(lines[1].replace('"a ""b"", c"', 'x').split(',').length);
});

test('blocks of three masks show all three, dense networks none', () => {
  const [run] = runs;
  const three = { ...run, densities: { 'layer1.0': { mask1: 0.5, mask2: 0.25, mask3: 0.125 } } };
  expect(densityTable([three]).split('\n')[2]).toBe('| rbf | sparseWeight=0.2 | 0.50 / 0.25 / 0.13 |');
  expect(markdownTable([three]).split('\n')[2]).toMatch(/\| 0\.50 \| 0\.25 \| 0\.13 \|$/);
  expect(markdownTable([run]).split('\n')[2]).toMatch(/\| 0\.60 \| 0\.30 \| {2}\|$/);
});
