import { InputError } from '../../../model/errors.ts';
import type { DataFeed, TradingDay } from '../../feed.ts';
import { filterFeed, timesOf } from './bar-filter.ts';
import { Filler, type FillOptions } from './filler.ts';

const DAY = 86_400_000;

export interface SessionOptions {
  /** Default: the feed's. */
  readonly tradingDay?: TradingDay;
}

/** Leaves out the bars that do not lie within the trading day, from its start to its end. Throws `TRADING_DAY_MISSING`. */
export function sessionFilter(feed: DataFeed, options: SessionOptions = {}): DataFeed {
  const session = sessionOf(feed, options.tradingDay ?? feed.tradingDay);
  return filterFeed(feed, () => ({
    add(bars, row, given) {
      if (session(bars.time[row]).isWithin) given.pushRow(bars, row);
    },
  }));
}

export interface SessionFillerOptions extends SessionOptions, FillOptions {
  /** `backtrader` also fills what is missing before the trading day begins. */
  readonly convention?: 'usual' | 'backtrader';
}

/**
 * Gives a bar for each that is missing within a trading day that has bars, from the first bar of all on: open, high, low and close
 * are the last close. Throws `TRADING_DAY_MISSING`.
 */
export function sessionFiller(feed: DataFeed, options: SessionFillerOptions = {}): DataFeed {
  const session = sessionOf(feed, options.tradingDay ?? feed.tradingDay);
  const isLoose = options.convention === 'backtrader';
  const isWanted = (stamp: number, last: number, next: number) => {
    const { day, isWithin, isOver } = session(stamp);
    const begun = session(last).day === day;
    if (isLoose && begun) return !isOver;
    return isWithin && (begun || (!Number.isNaN(next) && session(next).day === day));
  };
  return filterFeed(feed, () => new Filler(feed, isWanted, options));
}

/**
 * Tells by its stamp which trading day a bar belongs to, which may go over midnight, whether it lies within it, and whether it ends
 * behind its end.
 */
function sessionOf(feed: DataFeed, day: TradingDay | undefined) {
  if (day === undefined) {
    throw new InputError('TRADING_DAY_MISSING', `${feed.instrument.symbol} has no trading day`, {
      value: undefined,
      fix: 'give tradingDay: { start, end }, in milliseconds after midnight UTC',
    });
  }
  const overnight = day.end <= day.start ? DAY : 0;
  const length = day.end + overnight - day.start;
  const { openOf, closeOf } = timesOf(feed);
  return (stamp: number) => {
    const open = openOf(stamp);
    // A day is that of the calendar, or, over midnight, the 24 hours from its start.
    const from = overnight === 0 ? 0 : day.start;
    const number = Math.floor((open - from) / DAY);
    const end = closeOf(stamp) - (number * DAY + day.start);
    return {
      day: number,
      isWithin: open >= number * DAY + day.start && end <= length,
      isOver: end > length,
    };
  };
}
