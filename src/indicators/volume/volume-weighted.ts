import { int } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { sumOf } from '../mathematics/totals.ts';
import { moneyFlow } from './volume.ts';

const BARS = { bars: int(20, { min: 1, max: MOST_BARS }) } as const;

/** The mean of a price over the last `bars` bars, each weighed by its volume. */
function weightedMean(price: Line, volume: Line, bars: number): Line {
  const turnover = pointwise('turnover', [price, volume], (p, v) => p * v);
  const mean = (sum: number, weight: number) => (weight === 0 ? Number.NaN : sum / weight);
  return pointwise(`VWMA(${bars})`, [sumOf(turnover, bars), sumOf(volume, bars)], mean);
}

/** Volume-weighted moving average of the close, in price units. */
export const vwma = indicator({
  name: 'vwma',
  title: 'Volume-weighted moving average',
  group: 'moving averages',
  formula:
    'Σ close · volume ÷ Σ volume of the last `bars` bars, from exact sums; NaN where nothing was traded in the window or a value of it is missing',
  source: 'Buff Dormeier, 2001',
  inputs: ['close', 'volume'],
  parameters: BARS,
  lines: ['vwma'],
  build: ({ bars }, close, volume) => ({ vwma: weightedMean(close, volume, bars) }),
});

/** Volume-weighted average price of a moving window, in price units. */
export const rollingVwap = indicator({
  name: 'rollingVwap',
  label: 'RollingVWAP',
  title: 'Rolling volume-weighted average price',
  group: 'volume',
  formula:
    'Σ typical price · volume ÷ Σ volume of the last `bars` bars, from exact sums; NaN where nothing was traded in the window or a value of it is missing',
  source: 'Berkowitz, Logue and Noser, Journal of Finance 43, 1988, over a moving window',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: BARS,
  lines: ['vwap'],
  build: ({ bars }, high, low, close, volume) => {
    const typical = pointwise('TypPrice', [high, low, close], (h, l, c) => (h + l + c) / 3);
    return { vwap: weightedMean(typical, volume, bars) };
  },
});

/** Chaikin's money flow, −1 … 1. */
export const chaikinMoneyFlow = indicator({
  name: 'chaikinMoneyFlow',
  label: 'CMF',
  title: 'Chaikin money flow',
  group: 'volume',
  formula:
    'Σ ((close − low) − (high − close)) ÷ (high − low) · volume ÷ Σ volume of the last `bars` bars, from exact sums; a bar without range counts for 0; 0 where nothing was traded; NaN while a value of the window is missing',
  source: 'Chaikin',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: BARS,
  lines: ['flow'],
  build: ({ bars }, high, low, close, volume) => {
    const flow = sumOf(pointwise('money flow', [high, low, close, volume], moneyFlow), bars);
    const share = (sum: number, traded: number) => (traded === 0 ? 0 * sum : sum / traded);
    return { flow: pointwise(`CMF(${bars})`, [flow, sumOf(volume, bars)], share) };
  },
});

export const VOLUME_WEIGHTED = [vwma, rollingVwap, chaikinMoneyFlow] as const;
