import { barEnd, type Interval, intervalMs, isFixed } from '../model/interval.ts';

/** The lengths of Binance's klines, ascending. */
export const BINANCE_INTERVALS = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const satisfies readonly Interval[];

/** Looked up for every kline: reading an interval's text takes longer than all the rest. */
const LENGTHS = new Map<Interval, number>(BINANCE_INTERVALS.map(name => [name, intervalMs(name)]));

const DAY = 86_400_000;
/** The first Monday of the epoch. */
const MONDAY = 4 * DAY;

/** The open time of the kline of a Binance interval that holds `time` (epoch ms UTC): weeks begin on Monday. */
export function bucketStart(time: number, interval: Interval): number {
  if (interval === '1M') {
    const date = new Date(time);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  const length = LENGTHS.get(interval) ?? intervalMs(interval);
  const anchor = interval === '1w' ? MONDAY : 0;
  return Math.floor((time - anchor) / length) * length + anchor;
}

/** The end (exclusive) of the kline of a Binance interval that opens at `start`; epoch ms UTC. */
export function bucketEnd(start: number, interval: Interval): number {
  return interval === '1M'
    ? barEnd(start, interval)
    : start + (LENGTHS.get(interval) ?? intervalMs(interval));
}

/** True when klines of `longer` can be made of whole klines of `interval`. */
export function isMadeOf(longer: Interval, interval: Interval): boolean {
  if (!isFixed(interval) || longer === interval) return false;
  const length = intervalMs(interval);
  if (longer === '1M') return DAY % length === 0;
  return intervalMs(longer) > length && intervalMs(longer) % length === 0;
}
