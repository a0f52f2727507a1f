import type { BacktestResult } from '../backtest/result.ts';
import { tradesHash } from '../backtest/result.ts';
import { FIGURE_NAMES, FIGURES, type FigureName, type Figures, figuresOf } from '../research/figures.ts';

/** One of the runs that are compared, without what is not shown of it. */
export interface ComparedRun {
  /** How it is called: the strategy, and its parameters where two have one strategy. */
  readonly label: string;
  readonly file: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly figures: Figures;
  readonly tradesHash: string;
  /** At most {@link CURVE_POINTS} true points of the curve, evenly spread by step; the last one always. */
  readonly equity: { readonly time: readonly number[]; readonly value: readonly number[] };
}

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** The data as a heading: `BTCUSDT 4h (synthetic)`. */
  readonly names: readonly string[];
  readonly bars: number;
  readonly cash: number;
  readonly notes: readonly string[];
}

export const CURVE_POINTS = 1000;

/** What a comparison shows, in this order. */
export const COMPARED: readonly FigureName[] = FIGURE_NAMES.filter(name => name !== 'turnover');

export function comparedRun(result: BacktestResult, label: string, file: string): ComparedRun {
  const values = figuresOf(result.metrics);
  const { time, value } = result.equity;
  const points = Math.min(time.length, CURVE_POINTS);
  const rows = Array.from({ length: points }, (_, i) => Math.floor(((i + 1) * time.length) / points) - 1);
  return {
    ...{ label, file },
    params: result.settings.params,
    figures: Object.fromEntries(FIGURE_NAMES.map((name, i) => [name, values[i]])) as Figures,
    tradesHash: tradesHash(result),
    equity: { time: rows.map(row => time[row]), value: rows.map(row => value[row]) },
  };
}

/** Which run is best by a figure; -1 where all are equal or none has a value, or more is neither better nor worse. */
export function bestBy(name: FigureName, runs: readonly ComparedRun[]): number {
  if (name === 'trades' || name === 'orders' || name === 'exposure' || name === 'beta') return -1;
  const sign = FIGURES[name].better === 'higher' ? 1 : -1;
  const scores = runs.map(run => sign * run.figures[name]);
  const known = scores.filter(score => !Number.isNaN(score));
  const most = Math.max(...known);
  return known.length === 0 || known.every(score => score === most) ? -1 : scores.indexOf(most);
}

/** NaN is null, the infinities are texts; times are epoch ms UTC. */
export function comparisonJson({ runs, names, bars, cash, notes }: Comparison): string {
  return `${JSON.stringify({ format: 1, data: names, bars, cash, notes, runs }, (_, item) => {
    if (typeof item !== 'number' || Number.isFinite(item)) return item;
    return Number.isNaN(item) ? null : String(item);
  })}\n`;
}
