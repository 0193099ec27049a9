import { madeArm } from './fixture.ts';
import { markdownReport } from './markdown.ts';

const input = {
  title: 'Interpolation methods',
  claims: [{ better: 'rbf', than: 'zeros', in: 'AP', at: 'equal-macs' as const }],
  failed: [],
  provenance: { command: 'npx nx run experiments:x' },
  pictures: { 'AP against MACs': 'ap.svg' },
};

test('a report states verdicts as they are, the table, pictures and how it was made', () => {
  const text = markdownReport({ ...input, paper: 'RBF wins.', runs: [...madeArm('rbf', 48), ...madeArm('zeros', 50)] });
  expect(text).toContain('| rbf is better than zeros in AP at equal MACs | **contradicted** | −2.00 | [−2.00, −2.00] |');
  for (const part of ['The paper: RBF wins.', '## Densities', '![AP against MACs](ap.svg)', '| command | npx nx run experiments:x |']) {
    expect(text).toContain(part);
  }
});

test('failed runs are listed with their last lines, and without any run the report says so', () => {
  const text = markdownReport({
    ...input,
    runs: [],
    failed: [{ arm: 'rbf', sweep: { 'loss.sparseWeight': 1 }, seed: 2, lastLines: ['out of memory'] }],
  });
  expect(text).toContain('No run finished.');
  expect(text).toContain('**rbf sparseWeight=1 seed 2** ended without a result');
  expect(text).toContain('out of memory');
});
