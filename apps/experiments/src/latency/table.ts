// Rows of a case's times and speed-ups, for reports and the console.
import { labelOf } from './engines.ts';
import type { MeasuredVariant, Measurement } from './measurement.ts';
import { speedupsOf } from './speedup.ts';

export const TIME_COLUMNS = [
  'size',
  'threads',
  'variant',
  'ms',
  'quartiles',
  'theory',
  'theory14',
  'over dense',
  'over fastest',
  'of theory',
];

/** One row a variant. */
export function timeRows(measurement: Measurement): string[][] {
  const { size, threads } = measurement;
  return speedupsOf(measurement).map(({ variant, time, theory, overDense, overFastest, share }) => {
    const sampled = variant.engine === 'sampled';
    return [
      size.join('×'),
      String(threads),
      describeVariant(variant),
      milliseconds(time.median),
      `${milliseconds(time.q1)}-${milliseconds(time.q3)}`,
      sampled ? theory.direct.toFixed(2) : '',
      sampled ? theory.separable.toFixed(2) : '',
      variant.engine === 'dense' ? '1' : overDense.toFixed(2),
      overFastest.toFixed(2),
      sampled ? share.toFixed(2) : '',
    ];
  });
}

export function describeVariant({ engine, density, masks, densities }: MeasuredVariant): string {
  if (engine !== 'sampled') return labelOf(engine);
  if (masks === 'own') {
    const all = Object.values(densities!).flatMap(({ mask1, mask2 }) => [mask1, mask2]);
    return `sampled, own masks (mean density ${(all.reduce((a, b) => a + b, 0) / all.length).toFixed(2)})`;
  }
  return `sampled, ${density}${masks === 'white' ? ', white noise' : ''}`;
}

/** The least and the most important of a case, on one line. */
export function describeTimes(measurement: Measurement): string {
  return speedupsOf(measurement)
    .map(({ variant, time, overFastest }) => {
      const times = `${describeVariant(variant)} ${milliseconds(time.median)} ms`;
      return variant.engine === 'sampled' ? `${times} (${overFastest.toFixed(2)}x)` : times;
    })
    .join('; ');
}

export function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0);
}

/** One line a variant, for spreadsheets. */
export function timesCsv(measurements: readonly Measurement[]): string {
  const head = 'network,height,width,threads,engine,masks,density,ms,q1,q3,gmacs,theory,theory14,over_dense,over_fastest';
  const lines = measurements.flatMap((one) =>
    speedupsOf(one).map(({ variant, time, theory, overDense, overFastest }) => {
      const numbers = [time.median, time.q1, time.q3, variant.work.direct / 1e9, theory.direct, theory.separable, overDense, overFastest];
      const { engine, masks = '', density = '' } = variant;
      return [one.network, ...one.size, one.threads, engine, masks, density, ...numbers.map((value) => value.toFixed(3))].join(',');
    }),
  );
  return `${[head, ...lines].join('\n')}\n`;
}
