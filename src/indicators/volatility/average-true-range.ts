import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import type { Line } from '../../series/line.ts';
import { type Average, average, averageOf } from '../averages/average-of.ts';
import { ExponentialMean } from '../averages/exponential-mean.ts';
import { CONVENTIONS, type Convention, indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { rangeOf, trueRangeOf } from './true-range.ts';

class Atr extends Kernel<'atr'> {
  private readonly mean: ExponentialMean;

  constructor(high: Line, low: Line, close: Line, bars: number, convention: Convention) {
    super({
      label: `ATR(${bars})`,
      inputs: [high, low, close],
      outputs: ['atr'],
      warmup: bars,
      recursive: bars > 1,
    });
    this.mean = new ExponentialMean(bars, 1 / bars, convention);
  }

  compute(from: number, to: number): void {
    const high = this.reads[0];
    const low = this.reads[1];
    const close = this.reads[2];
    const out = this.writes[0];
    const { mask } = this.clock;
    let i = from;
    for (; i < to && i <= this.start; i++) out[i & mask] = Number.NaN;
    const first = i;
    // The ranges depend on nothing before them and are computed all together, the mean in their place.
    let before = close[(i - 1) & mask];
    for (; i < to; i++) {
      const p = i & mask;
      out[p] = rangeOf(high[p], low[p], before);
      before = close[p];
    }
    this.mean.run(out, out, mask, first, to);
  }
}

/** The average of the true range of bars, by Wilder's smoothing unless another one is named. */
export function averageTrueRangeOf(
  high: Line,
  low: Line,
  close: Line,
  bars: number,
  kind: Average = 'smma',
  convention: Convention = 'talib',
): Line {
  if (kind === 'smma') return new Atr(high, low, close, bars, convention).outputs.atr;
  return averageOf(kind, trueRangeOf(high, low, close), bars, convention);
}

const PARAMETERS = {
  bars: int(14, { min: 1, max: MOST_BARS }),
  average: average('smma'),
} as const;

/** Wilder's average true range, in price units. */
export const atr = indicator({
  name: 'atr',
  title: 'Average true range',
  group: 'volatility',
  formula:
    'max(high, previous close) − min(low, previous close), smoothed by `average`: with 1 ÷ `bars`, seeded with its simple mean, unless another one is named; first value at bar `bars` + 1; a missing value gives NaN and is passed over',
  source: 'Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ATR, backtrader AverageTrueRange',
  inputs: ['high', 'low', 'close'],
  parameters: { ...PARAMETERS, convention: choice(CONVENTIONS) },
  lines: ['atr'],
  build: ({ bars, average: kind, convention }, high, low, close) => ({
    atr: averageTrueRangeOf(high, low, close, bars, kind, convention),
  }),
});

/** The average true range as a share of the close, in percent. */
export const natr = indicator({
  name: 'natr',
  title: 'Normalised average true range',
  group: 'volatility',
  formula:
    '100 · average true range ÷ close; 0 where the close is 0; `talib` over one bar gives the true range itself, in price units, as TA-Lib does',
  source: 'Forman, 2006; TA-Lib NATR',
  inputs: ['high', 'low', 'close'],
  parameters: { ...PARAMETERS, convention: choice(['percent', 'talib']) },
  lines: ['natr'],
  build: ({ bars, average: kind, convention }, high, low, close) => {
    const range = averageTrueRangeOf(high, low, close, bars, kind);
    if (bars === 1 && convention === 'talib') return { natr: range };
    const share = (range: number, close: number) => (close === 0 ? 0 : (range / close) * 100);
    return { natr: pointwise(`NATR(${bars})`, [range, close], share) };
  },
});

export const AVERAGE_TRUE_RANGE = [atr, natr] as const;
