import { InputError } from '../../../model/errors.ts';
import type { DataFeed } from '../../feed.ts';
import { filterFeed } from './bar-filter.ts';

const DAY = 86_400_000;

export interface DaySplitterOptions {
  /** The share of the volume that the closing part gets, 0 … 1. Default 0.5. */
  readonly closeVolume?: number;
}

/**
 * Splits each daily bar in two, for replaying: one with its open, high and low that closes at their mean, stamped when the trading
 * day begins, and one that is its close, stamped when it ends. The first one shows the high and the low of the day before the
 * day is over. The bars are stamped by their closes. Throws `DAY_SPLITTER_INVALID`.
 */
export function daySplitter(feed: DataFeed, options: DaySplitterOptions = {}): DataFeed {
  const { closeVolume = 0.5 } = options;
  const invalid = (problem: string, value: unknown, fix: string) =>
    new InputError('DAY_SPLITTER_INVALID', problem, { value, fix });
  if (feed.interval !== '1d') {
    throw invalid(`bars of ${feed.interval} were to be split by day`, feed.interval, 'give daily bars');
  }
  if (!(closeVolume >= 0 && closeVolume <= 1)) {
    throw invalid(`closeVolume was ${closeVolume}`, closeVolume, 'use a share from 0 to 1');
  }
  const { start, end } = feed.tradingDay ?? { start: 0, end: DAY };
  return filterFeed(
    feed,
    () => ({
      add(bars, row, given) {
        // A stamp at midnight that is a close belongs to the day before.
        const day = Math.floor((bars.time[row] - (feed.stamps === 'close' ? 1 : 0)) / DAY) * DAY;
        const { open, high, low, close, volume } = bars;
        const mean = (open[row] + high[row] + low[row]) / 3;
        const early = volume[row] * (1 - closeVolume);
        given.push(day + start, open[row], high[row], low[row], mean, early);
        const last = close[row];
        given.push(day + end, last, last, last, last, volume[row] - early);
      },
    }),
    { stamps: 'close', columns: [], share: 2, forming: false },
  );
}
