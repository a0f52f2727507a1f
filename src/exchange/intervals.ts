import { type Interval, intervalMs, isFixed } from '../model/interval.ts';

const DAY = 86_400_000;

/** True when klines of the Binance interval `longer` can be made of whole klines of `interval`. */
export function isMadeOf(longer: Interval, interval: Interval): boolean {
  if (!isFixed(interval) || longer === interval) return false;
  const length = intervalMs(interval);
  if (longer === '1M') return DAY % length === 0;
  return intervalMs(longer) > length && intervalMs(longer) % length === 0;
}
