import type { Metrics } from '../backtest/result.ts';
import { InputError, suggestion } from '../model/errors.ts';

/** What a figure is, for printing it. */
export type FigureUnit = 'fraction' | 'ratio' | 'money' | 'count';

interface Figure {
  readonly unit: FigureUnit;
  /** Which of two is better where it is the objective. */
  readonly better: 'higher' | 'lower';
  readonly title: string;
  readonly of: (metrics: Metrics) => number;
}

function figure(
  title: string,
  unit: FigureUnit,
  better: 'higher' | 'lower',
  of: (metrics: Metrics) => number,
): Figure {
  return { title, unit, better, of };
}

/** The figures that a sweep keeps of each of its runs; docs/metrics.md has their formulas. */
export const FIGURES = {
  return: figure('Return', 'fraction', 'higher', m => m.returns.total),
  endValue: figure('End value', 'money', 'higher', m => m.endValue),
  cagr: figure('CAGR', 'fraction', 'higher', m => m.returns.cagr),
  sharpe: figure('Sharpe', 'ratio', 'higher', m => m.returns.sharpe),
  sortino: figure('Sortino', 'ratio', 'higher', m => m.returns.sortino),
  calmar: figure('Calmar', 'ratio', 'higher', m => m.risk.calmar),
  omega: figure('Omega', 'ratio', 'higher', m => m.risk.omega),
  volatility: figure('Volatility', 'fraction', 'lower', m => m.returns.volatility),
  maxDrawdown: figure('Max drawdown', 'fraction', 'lower', m => m.drawdown.max),
  ulcerIndex: figure('Ulcer index', 'fraction', 'lower', m => m.risk.ulcerIndex),
  alpha: figure('Alpha', 'fraction', 'higher', m => m.benchmark.alpha),
  beta: figure('Beta', 'ratio', 'lower', m => m.benchmark.beta),
  trades: figure('Trades', 'count', 'higher', m => m.trades.total),
  winRate: figure('Win rate', 'fraction', 'higher', m => m.trades.winRate),
  profitFactor: figure('Profit factor', 'ratio', 'higher', m => m.trades.profitFactor),
  averageTrade: figure('Average trade', 'money', 'higher', m => m.trades.average),
  expectancy: figure('Expectancy', 'fraction', 'higher', m => m.trades.expectancy),
  sqn: figure('SQN', 'ratio', 'higher', m => m.trades.sqn),
  exposure: figure('Exposure', 'fraction', 'lower', m => m.exposure),
  fees: figure('Fees paid', 'money', 'lower', m => m.fees),
  turnover: figure('Turnover', 'money', 'lower', m => m.turnover),
  orders: figure('Orders', 'count', 'lower', m => m.orders.total),
  liquidations: figure('Liquidations', 'count', 'lower', m => m.orders.liquidations),
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Money in quote, fractions not percent, NaN where a figure has no meaning. */
export type Figures = Readonly<Record<FigureName, number>>;

/** The figures of a run, in the order of {@link FIGURE_NAMES}. Minus zero becomes zero: a file could not keep it. */
export function figuresOf(metrics: Metrics): number[] {
  return FIGURE_NAMES.map(name => FIGURES[name].of(metrics) + 0);
}

/** By what runs are ranked. */
export interface Objective {
  /** As it was asked for: `sharpe`, `min:beta`. */
  readonly label: string;
  /** Larger is better; NaN is worst. */
  readonly score: (figures: Figures) => number;
  /** The figure, unless it is a function of several. */
  readonly figure: FigureName | undefined;
  readonly better: 'higher' | 'lower';
}

/** `sharpe`, `maxDrawdown` (the lower the better), `max:beta`, or a function of the figures. Throws `OBJECTIVE_UNKNOWN`. */
export function objectiveOf(given: string | ((figures: Figures) => number)): Objective {
  if (typeof given === 'function') {
    return { label: given.name || 'objective', score: given, figure: undefined, better: 'higher' };
  }
  const [, way, name] = /^(?:(min|max):)?(.*)$/s.exec(given)!;
  if (!Object.hasOwn(FIGURES, name)) {
    throw new InputError('OBJECTIVE_UNKNOWN', `there is no figure "${name}"`, {
      value: given,
      limit: FIGURE_NAMES,
      fix: suggestion(name, FIGURE_NAMES),
    });
  }
  const figure = name as FigureName;
  const better = way === undefined ? FIGURES[figure].better : way === 'min' ? 'lower' : 'higher';
  const sign = better === 'higher' ? 1 : -1;
  return { label: given, score: figures => sign * figures[figure], figure, better };
}
