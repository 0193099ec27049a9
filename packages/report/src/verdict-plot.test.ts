import { type Claim, judgeClaim } from './claims.ts';
import { madeArm } from './fixture.ts';
import { verdictPlot } from './verdict-plot.ts';

const runs = [...madeArm('rbf', 50), ...madeArm('zeros', 48)];
const claims: Claim[] = [
  { better: 'rbf', than: 'zeros', in: 'AP', at: 'equal-macs' },
  { better: 'zeros', than: 'rbf', in: 'AP50', at: 'equal-macs' },
  { equal: ['rbf', 'zeros'], in: 'AP', at: 'equal-macs', within: 1 },
];

test('a row a claim, coloured by its verdict, one axis a metric', async () => {
  const svg = (await verdictPlot(
    claims.map((claim) => judgeClaim(claim, runs)),
    { title: 'Fill' },
  ))!;
  expect(svg).toMatch(/^<svg/);
  for (const text of [
    'Fill',
    'rbf − zeros',
    'rbf ≈ zeros',
    'zeros − rbf',
    'difference in AP',
    'difference in AP50',
    'supported',
    'contradicted',
  ])
    expect(svg).toContain(`>${text}<`);
  // Two means and their seeds in the colours of their verdicts.
  expect(svg).toContain('#1a7f37');
  expect(svg.match(/#b3261e/g)!.length).toBeGreaterThan(4);
});

test('nothing to compare, no picture', async () => {
  expect(
    await verdictPlot(
      claims.map((claim) => judgeClaim(claim, [])),
      { title: '' },
    ),
  ).toBeUndefined();
});
