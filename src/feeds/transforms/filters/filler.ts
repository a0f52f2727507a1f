import type { Bars } from '../../../model/bars.ts';
import type { DataFeed } from '../../feed.ts';
import type { BarBuilder } from '../bar-builder.ts';
import { type BarFilter, filterFeed, timesOf } from './bar-filter.ts';

export interface FillOptions {
  /** Of the bars that are put in: the last close (default), the middle of the last bar, or a number. */
  readonly price?: 'close' | 'middle' | number;
  /** Default 0. */
  readonly volume?: number;
}

/** Gives a bar for each that is missing between two others: open, high, low and close are the last close. */
export function dataFiller(feed: DataFeed, options: FillOptions = {}): DataFeed {
  return filterFeed(feed, () => new Filler(feed, () => true, options));
}

/** Whether a bar is to be put in that would have this stamp, between the bars with the others (NaN: none yet). */
export type Wanted = (stamp: number, last: number, next: number) => boolean;

/** The same for days that are missing, such as weekends; of daily bars, each day once. */
export function calendarDays(feed: DataFeed, options: FillOptions = {}): DataFeed {
  return dataFiller(feed, options);
}

/** Puts in what is missing where `isWanted` says so of a stamp. A further column keeps its last value, sums are 0. */
export class Filler implements BarFilter {
  readonly #feed: DataFeed;
  readonly #isWanted: Wanted;
  readonly #options: FillOptions;
  readonly #times: ReturnType<typeof timesOf>;
  #last: { readonly bars: Bars; readonly row: number } | undefined;
  #next = Number.NaN;

  constructor(feed: DataFeed, isWanted: Wanted, options: FillOptions) {
    this.#feed = feed;
    this.#isWanted = isWanted;
    this.#options = options;
    this.#times = timesOf(feed);
  }

  add(bars: Bars, row: number, given: BarBuilder): void {
    const time = bars.time[row];
    this.#fill(stamp => stamp < time, time, given);
    // What came too late has been put in by the clock already.
    if (time < this.#next) return;
    given.pushRow(bars, row);
    this.#last = { bars, row };
    this.#next = this.#times.next(time);
  }

  pass(time: number, given: BarBuilder): void {
    this.#fill(stamp => this.#times.closeOf(stamp) <= time, Number.NaN, given);
  }

  #fill(isMissing: (stamp: number) => boolean, next: number, given: BarBuilder): void {
    if (this.#last === undefined) return;
    const { bars, row } = this.#last;
    const { price = 'close', volume = 0 } = this.#options;
    const value =
      price === 'close' ? bars.close[row] : price === 'middle' ? (bars.high[row] + bars.low[row]) / 2 : price;
    while (isMissing(this.#next)) {
      if (this.#isWanted(this.#next, bars.time[row], next)) {
        given.push(this.#next, value, value, value, value, volume);
        for (const [i, name] of this.#feed.columns.entries()) {
          given.pushExtra(i, isSum(name) ? 0 : bars.extra[name][row]);
        }
      }
      this.#next = this.#times.next(this.#next);
    }
  }
}

const isSum = (name: string) => /volume|trades|taker_?buy/i.test(name);
