// Realised speed-up against theoretical speed-up, with the diagonal where both are equal, as SVG (vega-lite).
import type { TopLevelSpec } from 'vega-lite';
import { svgOf } from './svg.ts';

export interface SpeedupPoint {
  /** Colour, e.g. the network. */
  group: string;
  /** Points of one line are joined, by rising theory; none: a point alone. */
  line?: string;
  /** Form of the mark, e.g. the kind of masks. */
  form: string;
  /** Filled or hollow, e.g. the number of threads. */
  fill: string;
  theory: number;
  /** A value for each panel. */
  realised: Record<string, number>;
}

export interface SpeedupPlotOptions {
  title: string;
  /** Panels side by side: key of `realised` -> title of the axis. */
  panels: Record<string, string>;
}

const SIDE = 380;
/** The axes begin here, or lower where something is slower still. */
const LEAST = 0.5;

/** Vega-lite specification of the plot. */
export function speedupSpec(points: readonly SpeedupPoint[], { title, panels }: SpeedupPlotOptions): TopLevelSpec {
  const values = points.map(({ realised, ...point }) => ({ ...point, ...realised }));
  const all = points.flatMap(({ theory, realised }) => [theory, ...Object.values(realised)]);
  const most = Math.ceil(2 * Math.max(1, ...all)) / 2;
  const least = Math.min(LEAST, Math.floor(10 * Math.min(1, ...all)) / 10);
  const scale = { domain: [least, most], nice: false, zero: false };
  const panel = ([field, name]: [string, string]): object => {
    const x = { field: 'theory', type: 'quantitative', scale, title: 'theoretical speed-up (multiply-adds)' };
    const y = { field, type: 'quantitative', scale, title: name };
    const color = { field: 'group', type: 'nominal', sort: null, title: null };
    return {
      width: SIDE,
      height: SIDE,
      layer: [
        {
          data: { values: [{ at: least }, { at: most }] },
          mark: { type: 'line', color: '#888', strokeDash: [4, 4] },
          encoding: { x: { field: 'at', type: 'quantitative', scale }, y: { field: 'at', type: 'quantitative', scale } },
        },
        {
          transform: [{ filter: 'isValid(datum.line)' }],
          mark: { type: 'line', strokeWidth: 1, opacity: 0.5 },
          encoding: { x, y, color, detail: { field: 'line', type: 'nominal' }, order: { field: 'theory', type: 'quantitative' } },
        },
        {
          mark: { type: 'point', size: 45, strokeWidth: 1.5 },
          encoding: {
            x,
            y,
            color,
            shape: { field: 'form', type: 'nominal', sort: null, title: null },
            fillOpacity: { field: 'fill', type: 'ordinal', sort: null, legend: null, scale: { range: [0, 0.6] } },
            fill: { ...color, legend: null },
          },
        },
      ],
    };
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: { text: title, subtitle: describeFill([...new Set(points.map(({ fill }) => fill))]) },
    background: 'white',
    config: { legend: { labelLimit: 300 } },
    data: { values },
    hconcat: Object.entries(panels).map(panel),
  } as TopLevelSpec;
}

/** vega-lite draws no legend for how far marks are filled. */
function describeFill(fills: readonly string[]): string {
  if (fills.length < 2) return fills.join('');
  return fills.length === 2 ? `hollow: ${fills[0]}, filled: ${fills[1]}` : `from hollow to filled: ${fills.join(', ')}`;
}

/** The plot as a self-contained SVG document. */
export async function speedupPlot(points: readonly SpeedupPoint[], options: SpeedupPlotOptions): Promise<string> {
  return svgOf(speedupSpec(points, options));
}
