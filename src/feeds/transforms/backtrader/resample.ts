import { sliceBars } from '../../../model/bars.ts';
import { type Interval, intervalMs } from '../../../model/interval.ts';
import type { DataFeed, FeedEvent } from '../../feed.ts';
import { BarBuilder } from '../bar-builder.ts';
import { type FeedTransform, transformFeed } from '../transform.ts';
import { BacktraderBars } from './bars.ts';
import { type BacktraderResampling, INSTANT, intervalFor, type Terms, termsOf } from './terms.ts';

type BarsEvent = Extract<FeedEvent, { kind: 'bars' }>;

export interface BacktraderResampleOptions extends BacktraderResampling {
  /**
   * `stamp`: a bar is seen at its stamp, as when it is of the only data. `arrival`: with the bar that has ended it, which may be
   * the first one after it, as beside the data that it is made of. Default `stamp`.
   */
  readonly seen?: 'stamp' | 'arrival';
}

/**
 * Longer bars as backtrader's `resampledata` makes them: stamps are read as ends of bars whatever they mean, the last bar is
 * given though it is not complete, and some come only with the first bar after them. docs/timeframes.md has the rules.
 * Throws `RESAMPLE_INVALID`.
 */
export function backtraderResample(
  feed: DataFeed,
  { seen = 'stamp', ...options }: BacktraderResampleOptions = {},
): DataFeed {
  const terms = termsOf(options, true);
  const common = { interval: intervalFor(terms, feed.interval), stamps: 'close', columns: [] } as const;
  if (seen === 'stamp') return transformFeed(feed, common, () => new Stamped(feed, terms));
  return transformFeed(feed, { ...common, growsBy: feed.interval }, () => new Arriving(feed, terms));
}

class Stamped implements FeedTransform {
  readonly #bars: BacktraderBars;
  readonly #builder = new BarBuilder([]);
  #given = Number.NEGATIVE_INFINITY;

  constructor(feed: DataFeed, terms: Terms) {
    const ended = (stamp: number) => {
      const [open, high, low, close, volume] = this.#bars.price;
      // Times go forwards; stamps by the left edge need not.
      this.#given = stamp > this.#given ? stamp : this.#given + INSTANT;
      this.#builder.push(this.#given, open, high, low, close, volume);
    };
    this.#bars = new BacktraderBars(feed, terms, () => {}, ended);
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    if (event.kind !== 'bars') return [event];
    for (let row = 0; row < event.bars.length; row++) this.#bars.add(event.bars, row);
    return this.#builder.length === 0 ? [] : [{ ...event, bars: this.#builder.take() }];
  }

  end(): readonly FeedEvent[] {
    this.#bars.finish();
    if (this.#builder.length === 0) return [];
    const last: BarsEvent = { kind: 'bars', bars: this.#builder.take(), phase: 'run', late: false };
    return [last];
  }
}

/** Gives bars at the times at which they were known instead of at their stamps. */
class Arriving implements FeedTransform {
  readonly #bars: Stamped;
  readonly #part: Interval;
  #time = Number.NaN;

  constructor(feed: DataFeed, terms: Terms) {
    this.#bars = new Stamped(feed, terms);
    this.#part = feed.interval;
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    if (event.kind !== 'bars') return this.#bars.take(event);
    const { bars } = event;
    const given: FeedEvent[] = [];
    for (let row = 0; row < bars.length; row++) {
      this.#time = bars.time[row];
      const one = this.#bars.take({ ...event, bars: sliceBars(bars, row, row + 1) });
      given.push(...one.map(bar => this.#arriving(bar)));
    }
    return given;
  }

  end(): readonly FeedEvent[] {
    // In a step of its own.
    this.#time += INSTANT;
    return this.#bars.end().map(event => this.#arriving(event));
  }

  #arriving(event: FeedEvent): FeedEvent {
    if (event.kind !== 'bars') return event;
    const known = Float64Array.of(this.#time);
    const parts = { ...event.bars, time: Float64Array.of(this.#time - intervalMs(this.#part)) };
    return { ...event, growth: { revises: new Uint8Array(1), known, parts } };
  }
}
