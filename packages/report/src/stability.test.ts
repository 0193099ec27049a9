import { madeArm } from './fixture.ts';
import { hasStability, stabilityTable } from './stability.ts';

const runs = madeArm('grid', 50).map((run) => ({
  ...run,
  emptyWindows: 0.02 * run.seed,
  training: { loss: { mean: 0.5, variance: 0.001 * run.seed }, emptyWindows: 0.1 },
}));

test('deviation of the metric over seeds, loss and its variance, empty windows in percent', () => {
  const [head, , row] = stabilityTable(runs, 'AP').split('\n');
  expect(head).toBe('| arm | swept | AP std | loss | loss variance | empty in training | empty in evaluation |');
  expect(row).toBe('| grid | sparseWeight=0.2 | 1.00 | 0.500 ± 0.000 | 0.0020 ± 0.0010 | 10.0 ± 0.0 | 4.0 ± 2.0 |');
});

test('what no run tells has no column; one seed has no deviation', () => {
  const [head] = stabilityTable(
    runs.filter(({ seed }) => seed === 1).map(({ emptyWindows: _, ...run }) => run),
    'AP',
  ).split('\n');
  expect(head).toBe('| arm | swept | loss | loss variance | empty in training |');
  expect([hasStability(runs), hasStability(madeArm('grid', 50))]).toEqual([true, false]);
});
