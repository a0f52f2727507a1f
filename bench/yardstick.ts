import type { BacktestResult } from '../src/index.ts';
import { type Columns, TERMS } from './workload.ts';

export interface YardstickOptions {
  /** Bars of the averages; fast is less than slow. */
  readonly fast: number;
  readonly slow: number;
  /** Base units a trade. */
  readonly size: number;
  readonly cash: number;
  /** A fraction of the traded value. */
  readonly fee: number;
}

export interface YardstickResult {
  /** Closed trades. */
  readonly trades: number;
  /** How many of the fill arrays' places are used. */
  readonly fills: number;
  /** The bar of each fill. */
  readonly fillBar: Int32Array;
  /** Negative for sells. */
  readonly fillSize: Float64Array;
  readonly fillPrice: Float64Array;
  readonly fast: Float64Array;
  readonly slow: Float64Array;
  readonly equity: Float64Array;
  readonly cash: number;
  readonly fees: number;
}

/**
 * The workload's strategy as one loop by hand, for this strategy and nothing else: the least that any engine has to do
 * for it. Long when the fast average crosses above the slow one, flat when it crosses below, at the next bar's open;
 * ties do not forget on which side the fast average was.
 */
export function yardstick(columns: Columns, options: YardstickOptions = TERMS): YardstickResult {
  const { open, close } = columns;
  const { fast, slow, size, fee } = options;
  const bars = close.length;
  const fastLine = new Float64Array(bars);
  const slowLine = new Float64Array(bars);
  const equity = new Float64Array(bars);
  // At most one fill a bar.
  const fillBar = new Int32Array(bars);
  const fillSize = new Float64Array(bars);
  const fillPrice = new Float64Array(bars);
  let fills = 0;
  let trades = 0;
  let cash = options.cash;
  let fees = 0;
  let held = 0;
  let wanted = 0;
  let side = 0;
  let fastSum = 0;
  let slowSum = 0;
  // No side is known before both averages are, and nothing is held.
  const first = Math.min(slow - 1, bars);
  for (let i = 0; i < first; i++) {
    slowSum += close[i];
    fastSum += close[i] - (i < fast ? 0 : close[i - fast]);
    fastLine[i] = i < fast - 1 ? Number.NaN : fastSum / fast;
    slowLine[i] = Number.NaN;
    equity[i] = cash;
  }
  let leaving = 0;
  for (let i = first; i < bars; i++) {
    if (wanted !== held) {
      const price = open[i];
      const signed = wanted - held;
      const paid = size * price * fee;
      cash -= signed * price + paid;
      fees += paid;
      fillBar[fills] = i;
      fillSize[fills] = signed;
      fillPrice[fills++] = price;
      if (wanted === 0) trades++;
      held = wanted;
    }
    const price = close[i];
    fastSum += price - close[i - fast];
    slowSum += price - leaving;
    leaving = close[i - first];
    const fastMean = fastSum / fast;
    const slowMean = slowSum / slow;
    fastLine[i] = fastMean;
    slowLine[i] = slowMean;
    if (fastMean > slowMean) {
      if (side < 0) wanted = size;
      side = 1;
    } else if (fastMean < slowMean) {
      if (side > 0) wanted = 0;
      side = -1;
    }
    equity[i] = cash + held * price;
  }
  return {
    trades,
    fills,
    fillBar,
    fillSize,
    fillPrice,
    fast: fastLine,
    slow: slowLine,
    equity,
    cash,
    fees,
  };
}

/** Compares fills, fees and the value after every bar, to the last bit; returns the differences, at most ten. */
export function differences(
  columns: Columns,
  hand: YardstickResult,
  ours: Pick<BacktestResult, 'fills' | 'trades' | 'equity' | 'metrics'>,
): string[] {
  const found: string[] = [];
  const compare = (what: string, a: number, b: number) => {
    if (!Object.is(a, b) && found.length < 10) found.push(`${what}: by hand ${a}, engine ${b}`);
  };
  compare('fills', hand.fills, ours.fills.length);
  compare('closed trades', hand.trades, ours.trades.length);
  compare('fees', hand.fees, ours.metrics.fees);
  compare('steps', hand.equity.length, ours.equity.value.length);
  let i = 0;
  for (const { time, side, size, price } of ours.fills) {
    if (i === hand.fills) break;
    compare(`time of fill ${i}`, columns.time[hand.fillBar[i]], time);
    compare(`size of fill ${i}`, hand.fillSize[i], side === 'buy' ? size : -size);
    compare(`price of fill ${i}`, hand.fillPrice[i], price);
    i++;
  }
  for (let bar = 0; bar < hand.equity.length; bar++) {
    compare(`value after bar ${bar}`, hand.equity[bar], ours.equity.value[bar]);
  }
  return found;
}
