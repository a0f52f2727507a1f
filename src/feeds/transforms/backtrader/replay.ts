import type { Bars } from '../../../model/bars.ts';
import { NumberColumn } from '../../../model/columns.ts';
import { intervalMs } from '../../../model/interval.ts';
import type { DataFeed, FeedEvent } from '../../feed.ts';
import { BarBuilder } from '../bar-builder.ts';
import { type FeedTransform, transformFeed } from '../transform.ts';
import { BacktraderBars } from './bars.ts';
import type { EndedBy } from './boundaries.ts';
import { type BacktraderResampling, INSTANT, intervalFor, type Terms, termsOf } from './terms.ts';

/**
 * Bars that grow as backtrader's `replaydata` lets them: a step a bar of the feed, stamped as that one is, the stamps read as
 * ends of bars whatever they mean. With `adjbartime` a bar that has ended between two of them is shown once more, by its
 * boundary. Orders are matched on the feed's own bars, as there. Throws `RESAMPLE_INVALID`.
 */
export function backtraderReplay(feed: DataFeed, options: BacktraderResampling = {}): DataFeed {
  const terms = termsOf(options, false);
  const interval = intervalFor(terms, feed.interval);
  return transformFeed(
    feed,
    { interval, stamps: 'close', columns: [], growsBy: feed.interval },
    () => new Replayed(feed, terms),
  );
}

class Replayed implements FeedTransform {
  readonly #bars: BacktraderBars;
  readonly #length: number;
  readonly #builder = new BarBuilder([]);
  readonly #parts = new BarBuilder([]);
  #revises: number[] = [];
  #known = new NumberColumn();
  /** The part that came last. */
  #part: { readonly bars: Bars; readonly row: number } | undefined;
  #time = Number.NEGATIVE_INFINITY;

  constructor(feed: DataFeed, terms: Terms) {
    this.#length = intervalMs(feed.interval);
    const grown = (bars: Bars, row: number, revises: boolean) => {
      this.#part = { bars, row };
      this.#push(bars.time[row], revises);
    };
    const ended = (stamp: number, by: EndedBy) => {
      if (terms.adjbartime && terms.bar2edge && by !== 'edge' && by !== 'data' && isIntraday(terms)) {
        this.#push(stamp, true);
      }
    };
    this.#bars = new BacktraderBars(feed, terms, grown, ended);
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    if (event.kind !== 'bars') return [event];
    for (let row = 0; row < event.bars.length; row++) this.#bars.add(event.bars, row);
    if (this.#builder.length === 0) return [];
    const growth = {
      revises: Uint8Array.from(this.#revises),
      known: this.#known.view(),
      parts: this.#parts.take(),
    };
    this.#revises = [];
    this.#known = new NumberColumn();
    return [{ ...event, bars: this.#builder.take(), growth }];
  }

  end(): readonly FeedEvent[] {
    return [];
  }

  #push(stamp: number, revises: boolean): void {
    const [open, high, low, close, volume] = this.#bars.price;
    this.#time = Math.max(stamp, this.#time + INSTANT);
    this.#builder.push(stamp, open, high, low, close, volume);
    this.#revises.push(revises ? 1 : 0);
    this.#known.push(this.#time);
    const { bars, row } = this.#part!;
    this.#parts.pushRow(bars, row, this.#time - this.#length);
  }
}

const isIntraday = ({ timeframe }: Terms) => !['Weeks', 'Months', 'Years'].includes(timeframe);
