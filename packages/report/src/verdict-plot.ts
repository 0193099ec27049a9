// The verdicts of an experiment as one picture (SVG): a row a claim with its mean difference, the interval over seeds and every seed, as in a
// forest plot; claims in one metric share an axis (vega-lite).
import type { TopLevelSpec } from 'vega-lite';
import { armsOf, type JudgedClaim, type Verdict } from './claims.ts';
import { svgOf } from './svg.ts';

const COLOURS: Record<Verdict, string> = { supported: '#1a7f37', contradicted: '#b3261e', inconclusive: '#6b7280' };
const ROW = 26;

/** Vega-lite specification; undefined where no claim could be compared. Claims without a difference are left out. */
export function verdictSpec(
  judged: readonly JudgedClaim[],
  { title, width = 420 }: { title: string; width?: number },
): TopLevelSpec | undefined {
  const compared = judged.filter(({ differences }) => differences.length > 0);
  if (compared.length === 0) return undefined;
  const metrics = [...new Set(compared.map(({ claim }) => claim.in))];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title,
    background: 'white',
    vconcat: metrics.map((metric) => {
      const own = compared.filter(({ claim }) => claim.in === metric);
      return { width, height: ROW * own.length, data: { values: own.map(row) }, layer: layers(metric) };
    }),
    resolve: { scale: { color: 'shared' } },
  };
}

interface Row {
  claim: string;
  verdict: Verdict;
  mean: number;
  low: number;
  high: number;
  /** One a seed. */
  seeds: number[];
  margin?: number;
}

function row({ claim, verdict, mean, interval, differences }: JudgedClaim): Row {
  const [first, second] = armsOf(claim);
  const bounded = Number.isFinite(interval.low);
  return {
    claim: 'within' in claim ? `${first} ≈ ${second}` : `${first} − ${second}`,
    verdict,
    mean,
    low: bounded ? interval.low : mean,
    high: bounded ? interval.high : mean,
    seeds: differences.map(({ difference }) => difference),
    margin: 'within' in claim ? claim.within : undefined,
  };
}

function layers(metric: string) {
  const y = { field: 'claim', type: 'nominal', sort: null, title: null, axis: { labelLimit: 260 } } as const;
  const title = `difference in ${metric}`;
  const x = (field: string) => ({ field, type: 'quantitative', title }) as const;
  const color = {
    field: 'verdict',
    type: 'nominal',
    title: null,
    scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
  } as const;
  return [
    {
      mark: { type: 'rule' as const, color: '#374151', strokeDash: [3, 3] },
      encoding: { x: { datum: 0, type: 'quantitative' as const, title } },
    },
    {
      transform: [{ filter: 'isValid(datum.margin)' }, { calculate: '-datum.margin', as: 'negative' }],
      mark: { type: 'bar' as const, color: '#e5e7eb', height: ROW - 8 },
      encoding: { y, x: x('negative'), x2: { field: 'margin' } },
    },
    { mark: { type: 'rule' as const, strokeWidth: 2 }, encoding: { y, x: x('low'), x2: { field: 'high' }, color } },
    { transform: [{ flatten: ['seeds'] }], mark: { type: 'tick' as const, height: 12 }, encoding: { y, x: x('seeds'), color } },
    { mark: { type: 'point' as const, filled: true, size: 70, opacity: 1 }, encoding: { y, x: x('mean'), color } },
  ];
}

/** The picture as a self-contained SVG document; undefined where no claim could be compared. */
export async function verdictPlot(judged: readonly JudgedClaim[], options: { title: string; width?: number }): Promise<string | undefined> {
  const spec = verdictSpec(judged, options);
  return spec && svgOf(spec);
}
