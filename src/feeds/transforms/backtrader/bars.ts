import type { Bars } from '../../../model/bars.ts';
import type { DataFeed } from '../../feed.ts';
import { Boundaries, type EndedBy } from './boundaries.ts';
import { type Terms, timeframeOf } from './terms.ts';

/** backtrader's sessions without an end last until here, ms after midnight. */
const LAST_MOMENT = 86_400_000 - 0.01;

/** Puts bars together by backtrader's rules, and says when one has grown and when one has ended. */
export class BacktraderBars {
  isOpen = false;
  /** Stamp of the last part. */
  last = Number.NaN;
  /** Open, high, low, close and volume of the bar as it is. */
  readonly price = new Float64Array(5);
  readonly #terms: Terms;
  readonly #boundaries: Boundaries;
  readonly #grown: (bars: Bars, row: number, revises: boolean) => void;
  readonly #ended: (stamp: number, by: EndedBy) => void;
  /** Boundaries that lay behind the parts of bars so far. */
  #count = 0;
  /** The stamp of the bar that ended last. */
  #stamp = Number.NEGATIVE_INFINITY;

  constructor(
    { interval, tradingDay }: DataFeed,
    terms: Terms,
    grown: (bars: Bars, row: number, revises: boolean) => void,
    ended: (stamp: number, by: EndedBy) => void,
  ) {
    this.#terms = terms;
    const isSame = timeframeOf(interval) === terms.timeframe;
    const counts = isSame && !['Seconds', 'Minutes'].includes(terms.timeframe);
    this.#boundaries = new Boundaries(terms, tradingDay ?? { start: 0, end: LAST_MOMENT }, counts);
    this.#grown = grown;
    this.#ended = ended;
  }

  add(bars: Bars, row: number): void {
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
      const isOver = this.isOpen && this.last <= boundaries.sessionEnd && time > boundaries.sessionEnd;
      if (this.isOpen && (isEdge || this.#isComplete(time, isOver))) {
        this.#end(isEdge ? 'edge' : isOver ? 'session' : 'boundary');
      }
      if (isOver) boundaries.enter(time);
      if (!isEdge) this.#update(bars, row, time);
    }
    if (endsSession) boundaries.leave();
  }

  /** Ends the bar that is open because there is no more. */
  finish(): void {
    if (this.isOpen) this.#end('data');
  }

  #isComplete(time: number, isOverSession: boolean): boolean {
    if (!this.#boundaries.isOver(this.last, time, isOverSession)) return false;
    const { compression, bar2edge } = this.#terms;
    // Within a day the boundaries are multiples already.
    if (this.#boundaries.isIntraday && bar2edge) return true;
    return ++this.#count % compression === 0;
  }

  #update(bars: Bars, row: number, time: number): void {
    const { price, isOpen } = this;
    this.last = time;
    if (!isOpen) {
      price[0] = bars.open[row];
      price[1] = bars.high[row];
      price[2] = bars.low[row];
      price[4] = 0;
      this.isOpen = true;
    }
    price[1] = Math.max(price[1], bars.high[row]);
    price[2] = Math.min(price[2], bars.low[row]);
    price[3] = bars.close[row];
    price[4] += bars.volume[row];
    this.#grown(bars, row, isOpen);
  }

  #end(by: EndedBy): void {
    this.#stamp = this.#boundaries.stampOf(this.last, by);
    this.isOpen = false;
    this.#ended(this.#stamp, by);
  }
}
