// Axes: round tick values, their texts, and the map from values to pixels.

export interface Domain {
  low: number;
  high: number;
}

/** Round values (1, 2, 2.5 or 5 times a power of ten apart) within the domain, about `count` of them. */
export function ticks({ low, high }: Domain, count: number): number[] {
  const step = tickStep(high - low, count);
  const values: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) values.push(Number((k * step).toPrecision(12)));
  return values;
}

function tickStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
}

/** The domain of `values` with a margin; never empty. */
export function domainOf(values: readonly number[], margin = 0.06): Domain {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { low: 0, high: 1 };
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const span = high > low ? high - low : Math.abs(high) || 1;
  return { low: low - margin * span, high: high + margin * span };
}

/** Ticks as text, all with the decimals that the finest needs. */
export function tickTexts(values: readonly number[]): string[] {
  const decimals = Math.max(0, ...values.map((value) => String(value).split('.')[1]?.length ?? 0));
  return values.map((value) => value.toFixed(decimals).replace('-', '−'));
}

/** Linear map of `domain` to `[from, to]`. */
export function linear({ low, high }: Domain, from: number, to: number): (value: number) => number {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}
