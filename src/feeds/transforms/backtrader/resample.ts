import type { Bars } from '../../../model/bars.ts';
import type { DataFeed, FeedEvent } from '../../feed.ts';
import { BarBuilder } from '../bar-builder.ts';
import { type FeedTransform, transformFeed } from '../transform.ts';
import { Boundaries } from './boundaries.ts';
import { type BacktraderResampling, intervalFor, type Terms, termsOf, timeframeOf } from './terms.ts';

/** backtrader's sessions without an end last until here, ms after midnight. */
const LAST_MOMENT = 86_400_000 - 0.01;
/** Less than backtrader's stamps, days in doubles, can tell apart, ms. */
const INSTANT = 0.01;

type BarsEvent = Extract<FeedEvent, { kind: 'bars' }>;

/**
 * Longer bars as backtrader's `resampledata` makes them: stamps are read as ends of bars whatever they mean, the last bar is
 * given though it is not complete, and some come only with the first bar after them. docs/timeframes.md has the rules.
 */
export function backtraderResample(feed: DataFeed, options: BacktraderResampling = {}): DataFeed {
  const terms = termsOf(options, true);
  return transformFeed(
    feed,
    { interval: intervalFor(terms, feed.interval), stamps: 'close' },
    () => new BacktraderBars(feed, terms),
  );
}

class BacktraderBars implements FeedTransform {
  readonly #terms: Terms;
  readonly #boundaries: Boundaries;
  readonly #builder: BarBuilder;
  #isOpen = false;
  /** Boundaries that lay behind the parts of bars so far. */
  #count = 0;
  #last = Number.NaN;
  /** The stamp of the bar that was given last, and the time it was given for: times go forwards. */
  #stamp = Number.NEGATIVE_INFINITY;
  #given = Number.NEGATIVE_INFINITY;
  readonly #price = new Float64Array(5);

  constructor(feed: DataFeed, terms: Terms) {
    this.#terms = terms;
    const isSame = timeframeOf(feed.interval) === terms.timeframe;
    const counts = isSame && !['Seconds', 'Minutes'].includes(terms.timeframe);
    this.#boundaries = new Boundaries(terms, feed.tradingDay ?? { start: 0, end: LAST_MOMENT }, counts);
    this.#builder = new BarBuilder([]);
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    if (event.kind !== 'bars') return [event];
    const { bars } = event;
    for (let row = 0; row < bars.length; row++) this.#add(bars, row);
    return this.#builder.length === 0 ? [] : [{ ...event, bars: this.#builder.take() }];
  }

  end(): readonly FeedEvent[] {
    if (!this.#isOpen) return [];
    this.#give('data');
    const last: BarsEvent = { kind: 'bars', bars: this.#builder.take(), phase: 'run', late: false };
    return [last];
  }

  #add(bars: Bars, row: number): void {
    const boundaries = this.#boundaries;
    const time = bars.time[row];
    if (Number.isNaN(boundaries.sessionEnd)) boundaries.enter(time);
    const endsSession = time === boundaries.sessionEnd;
    if (time <= this.#stamp) {
      // A boundary that came early has been stamped already.
      if (this.#terms.takelate) this.#update(bars, row, this.#stamp);
    } else {
      const isEdge = boundaries.isEdge(time);
      if (isEdge) this.#update(bars, row, time);
      // A session that ends between bars, with none of them open, goes unnoticed.
      const isOverSession =
        this.#isOpen && this.#last <= boundaries.sessionEnd && time > boundaries.sessionEnd;
      if (this.#isOpen && (isEdge || this.#isComplete(time, isOverSession))) {
        this.#give(isEdge ? 'edge' : isOverSession ? 'session' : 'boundary');
      }
      if (isOverSession) boundaries.enter(time);
      if (!isEdge) this.#update(bars, row, time);
    }
    if (endsSession) boundaries.leave();
  }

  #isComplete(time: number, isOverSession: boolean): boolean {
    if (!this.#boundaries.isOver(this.#last, time, isOverSession)) return false;
    const { compression, bar2edge } = this.#terms;
    // Within a day the boundaries are multiples already.
    if (this.#boundaries.isIntraday && bar2edge) return true;
    return ++this.#count % compression === 0;
  }

  #update(bars: Bars, row: number, time: number): void {
    const price = this.#price;
    this.#last = time;
    if (!this.#isOpen) {
      this.#isOpen = true;
      price[0] = bars.open[row];
      price[1] = bars.high[row];
      price[2] = bars.low[row];
      price[4] = 0;
    }
    price[1] = Math.max(price[1], bars.high[row]);
    price[2] = Math.min(price[2], bars.low[row]);
    price[3] = bars.close[row];
    price[4] += bars.volume[row];
  }

  #give(by: 'edge' | 'boundary' | 'session' | 'data'): void {
    const [open, high, low, close, volume] = this.#price;
    this.#stamp = this.#boundaries.stampOf(this.#last, by);
    this.#given = this.#stamp > this.#given ? this.#stamp : this.#given + INSTANT;
    this.#builder.push(this.#given, open, high, low, close, volume);
    this.#isOpen = false;
  }
}
