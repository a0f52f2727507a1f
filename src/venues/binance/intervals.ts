import { InputError, suggest } from '../../model/errors.ts';
import { barEnd, type Interval, intervalMs } from '../../model/interval.ts';

/** The intervals of Binance's spot klines. */
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

/** Throws `INTERVAL_UNSUPPORTED` for an interval of which Binance has no klines. */
export function checkBinanceInterval(interval: Interval): void {
  if ((BINANCE_INTERVALS as readonly string[]).includes(interval)) return;
  const same = BINANCE_INTERVALS.find(known => intervalMs(known) === intervalMs(interval));
  const near = same ?? suggest(interval, BINANCE_INTERVALS);
  throw new InputError('INTERVAL_UNSUPPORTED', `Binance has no klines of ${interval}`, {
    value: interval,
    limit: BINANCE_INTERVALS,
    fix: `${near === undefined ? '' : `did you mean ${near}? `}use one of ${BINANCE_INTERVALS.join(', ')}`,
  });
}

const MONDAY = Date.UTC(1970, 0, 5);

/** When the bar began that is open at `time` (epoch ms UTC): weeks begin on Mondays, months on their first. */
export function binanceBarStart(time: number, interval: Interval): number {
  if (interval === '1M') {
    const date = new Date(time);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  }
  const anchor = interval === '1w' ? MONDAY : 0;
  const length = intervalMs(interval);
  return Math.floor((time - anchor) / length) * length + anchor;
}

/** The open time of the first bar that ends after `time`, on the grid that `known`, any bar's open time, gives. */
export function firstEndingAfter(time: number, known: number, interval: Interval): number {
  if (interval === '1M') {
    const start = binanceBarStart(time, interval);
    return barEnd(start, interval) > time ? start : barEnd(start, interval);
  }
  const length = intervalMs(interval);
  return Math.floor((time - known) / length) * length + known;
}
