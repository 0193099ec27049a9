import { type Claim, judgeClaim } from './claims.ts';
import { madeArm, madeRun } from './fixture.ts';
import type { ReportRun } from './runs.ts';

const better: Claim = { better: 'rbf', than: 'zeros', in: 'AP', at: 'equal-macs' };
const equal: Claim = { equal: ['rbf', 'zeros'], in: 'AP', at: 'equal-macs', within: 0.5 };

test('a higher curve at every seed supports the claim, a lower one contradicts it', () => {
  const runs = [...madeArm('rbf', 50), ...madeArm('zeros', 48)];
  expect(judgeClaim(better, runs)).toMatchObject({ verdict: 'supported', mean: expect.closeTo(2, 9), macs: { from: 30e6, to: 60e6 } });
  const swapped = judgeClaim({ better: 'zeros', than: 'rbf', in: 'AP', at: 'equal-macs' }, runs);
  expect(swapped).toMatchObject({ verdict: 'contradicted', mean: expect.closeTo(-2, 9) });
});

test('differences are paired by seed: a spread that both arms share does not hide a small difference', () => {
  const runs = [1, 2, 3].flatMap((seed) => [
    madeRun('rbf', seed, 1, 30e6, 50 + 10 * seed),
    madeRun('zeros', seed, 1, 30e6, 50 + 10 * seed - 0.1),
  ]);
  expect(judgeClaim(better, runs)).toMatchObject({ verdict: 'supported', mean: expect.closeTo(0.1, 9) });
});

test('seeds that disagree are inconclusive', () => {
  const runs = [...madeArm('rbf', 50), ...[1, 2, 3].flatMap((seed) => madeArm('zeros', 50 + [1, -1, 0.5][seed - 1], [seed]))];
  expect(judgeClaim(better, runs).verdict).toBe('inconclusive');
});

test('equality needs the whole interval within the margin', () => {
  expect(judgeClaim(equal, [...madeArm('rbf', 50), ...madeArm('zeros', 50.2)]).verdict).toBe('supported');
  expect(judgeClaim(equal, [...madeArm('rbf', 50), ...madeArm('zeros', 53)]).verdict).toBe('contradicted');
  const spread = [1, 2, 3].flatMap((seed) => madeArm('zeros', 50 + [0, 1, 0][seed - 1], [seed]));
  expect(judgeClaim(equal, [...madeArm('rbf', 50), ...spread]).verdict).toBe('inconclusive');
});

test('at equal MACs the arm that spends more does not win by its loss weight', () => {
  // Same curve, but at each weight rbf keeps more positions: equal weights would favour it.
  const line = (arm: string, macs: number[]) => [1, 2].flatMap((seed) => macs.map((m, i) => madeRun(arm, seed, i, m, m / 1e6 + seed)));
  const runs = [...line('rbf', [60e6, 40e6]), ...line('zeros', [50e6, 30e6])];
  expect(judgeClaim(better, runs).mean).toBeCloseTo(0, 9);
  expect(judgeClaim({ ...better, at: 'equal-sweep' }, runs).mean).toBeCloseTo(10, 9);
});

test('missing arms, seeds or shared MACs make it inconclusive, and the reason says which', () => {
  expect(judgeClaim(better, madeArm('rbf', 50))).toMatchObject({ verdict: 'inconclusive', reason: 'no finished run of zeros' });
  expect(judgeClaim(better, [...madeArm('rbf', 50, [1]), ...madeArm('zeros', 50, [2])]).reason).toContain('share no seed');
  expect(judgeClaim(better, [...madeArm('rbf', 50, [1]), ...madeArm('zeros', 40, [1])]).reason).toContain('one seed');
  const partly = [...madeArm('rbf', 50, [1]), ...madeArm('zeros', 40, [1]), madeRun('rbf', 2, 1, 10e6, 1), madeRun('zeros', 2, 1, 20e6, 2)];
  expect(judgeClaim(better, partly).reason).toBe('only one of 2 seeds has curves that share MACs: sweep further apart values');
  const mostly = [
    ...madeArm('rbf', 50, [1, 3]),
    ...madeArm('zeros', 40, [1, 3]),
    madeRun('rbf', 2, 1, 10e6, 1),
    madeRun('zeros', 2, 1, 20e6, 2),
  ];
  expect(judgeClaim(better, mostly).reason).toContain('over 2 seeds (of 3: the others share no MACs)');
  const apart = [madeRun('rbf', 1, 1, 10e6, 1), madeRun('zeros', 1, 1, 20e6, 2)];
  expect(judgeClaim(better, apart).reason).toContain('share no MACs');
});

test('a lower number of the training supports a claim of steadiness; a run without it is left out', () => {
  const trained = (arm: string, variance: number) =>
    madeArm(arm, 50).map((run): ReportRun => ({ ...run, training: { loss: { mean: 1, variance: variance * (1 + run.seed / 10) } } }));
  const claim: Claim = { lower: 'grid', than: 'none', in: 'training.loss.variance', at: 'equal-sweep' };
  const runs = [...trained('grid', 0.001), ...trained('none', 0.003)];
  const judged = judgeClaim(claim, runs);
  expect(judged).toMatchObject({ verdict: 'supported', text: 'grid is lower than none in training.loss.variance at equal settings' });
  expect(judged.differences.map(({ difference }) => difference)).toEqual(
    [1.1, 1.2, 1.3].map((factor) => expect.closeTo(-0.002 * factor, 9)),
  );
  expect(judgeClaim({ ...claim, lower: 'none', than: 'grid' }, runs).verdict).toBe('contradicted');
  const untold = [...trained('grid', 0.001).filter(({ seed }) => seed === 1), ...madeArm('none', 50)];
  expect(judgeClaim(claim, untold)).toMatchObject({ verdict: 'inconclusive', differences: [] });
  expect(judgeClaim({ ...claim, at: 'equal-macs' }, runs).mean).toBeCloseTo(-0.0024, 9);
});
