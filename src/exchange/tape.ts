import { intervalMs } from '../model/interval.ts';
import { closedKline, formingKline, type Kline, KlineSum } from './kline.ts';
import { type Listing, type Market, type Series, spanOf } from './market.ts';
import type { Source } from './source.ts';

/** How the market's time passes. */
export interface Pace {
  /** Market milliseconds a millisecond; null in lockstep. */
  readonly speed: number | null;
  /** Updates of every open bar; default by interval and speed, see {@link Tape.updates}. */
  readonly updates?: number | undefined;
}

/** A moment of the market. What closes at a time is known before what opens at it. */
export interface Moment {
  /** Epoch ms UTC. */
  readonly time: number;
  readonly opened: boolean;
}

/** The open bar, and the last update of it that has been told. */
export interface Forming {
  readonly row: number;
  readonly step: number;
}

export interface KlineRequest {
  /** Least and greatest open time, epoch ms UTC. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
}

const LOCKSTEP_UPDATES = 4;
const LEAST_UPDATES = 4;
/** Binance revises an open kline this often, ms of the market's time. */
const UPDATE_EVERY = 2000;
/** Updates a series a second of real time. */
const MOST_UPDATES = 10;
/**
 * The opening update comes this long after the bar before it has closed, ms of real time: who answers the close within
 * it hears the open as the next update.
 */
const OPENING_DELAY = 20;
/** … and at least so long, ms of the market's time. */
const LEAST_OPENING_DELAY = 100;

/** The market as it is told in the course of time: everything that is known at a moment, and nothing later. */
export class Tape {
  readonly market: Market;
  readonly pace: Pace;
  readonly #updates = new Map<Source, number>();
  /** The last answers by source: at one moment many ask the same. */
  readonly #forming = new Map<Source, { moment: Moment; forming: Forming | undefined }>();
  readonly #update = new Map<Source, { row: number; step: number; kline: Readonly<Kline> }>();
  readonly #sums = new Map<Series, { readonly start: number; readonly sum: KlineSum; rows: number }>();

  constructor(market: Market, pace: Pace) {
    this.market = market;
    this.pace = pace;
    for (const source of market.sources) this.#updates.set(source, this.#updatesOf(source));
  }

  /** How often an open bar of the source is told. */
  updates(source: Source): number {
    return this.#updates.get(source)!;
  }

  #updatesOf(source: Source): number {
    const { speed, updates } = this.pace;
    if (updates !== undefined) return updates;
    if (speed === null) return LOCKSTEP_UPDATES;
    const length = intervalMs(source.interval);
    const most = Math.floor((length / speed / 1000) * MOST_UPDATES);
    return Math.max(LEAST_UPDATES, Math.min(Math.floor(length / UPDATE_EVERY), most));
  }

  /** When update `step` of a bar is told, epoch ms UTC. */
  updateTime(source: Source, row: number, step: number): number {
    const open = source.time[row];
    const length = source.end(row) - open;
    const updates = this.updates(source);
    if (step > 0) return open + Math.floor((length * step) / updates);
    const { speed } = this.pace;
    if (speed === null) return open;
    const delay = Math.max(LEAST_OPENING_DELAY, OPENING_DELAY * speed);
    return open + Math.floor(Math.min(length / (2 * updates), delay));
  }

  /** How many bars of the source have closed. */
  closed(source: Source, { time }: Moment): number {
    const opened = source.rowAt(time + 1);
    return opened > 0 && source.end(opened - 1) > time ? opened - 1 : opened;
  }

  /** The last update of the source's open bar; undefined while none is open. */
  forming(source: Source, moment: Moment): Forming | undefined {
    const last = this.#forming.get(source);
    if (last?.moment.time === moment.time && last.moment.opened === moment.opened) return last.forming;
    const forming = this.#findForming(source, moment);
    this.#forming.set(source, { moment, forming });
    return forming;
  }

  #findForming(source: Source, moment: Moment): Forming | undefined {
    const row = this.closed(source, moment);
    if (row === source.length) return undefined;
    const isTold = (step: number) => {
      const at = this.updateTime(source, row, step);
      return moment.opened ? at <= moment.time : at < moment.time;
    };
    if (!isTold(0)) return undefined;
    const updates = this.updates(source);
    const length = source.end(row) - source.time[row];
    const passed = moment.time - source.time[row];
    let step = Math.min(updates - 1, Math.floor((passed * updates) / length) + 1);
    while (step > 0 && !isTold(step)) step--;
    return { row, step };
  }

  /** The klines of a series that are known, ascending; the last one may be open. Without `from`, the most recent. */
  klines(series: Series, moment: Moment, { from, to, limit }: KlineRequest): Kline[] {
    const { source } = series;
    const known = this.#known(source, moment);
    const klines: Kline[] = [];
    if (from !== undefined) {
      let row = source.rowAt(from);
      // A longer kline that began before is not asked for.
      if (row < known && spanOf(series, row)[0] < from) row = source.rowAt(spanOf(series, row)[1]);
      while (row < known && klines.length < limit) {
        const [start, end] = spanOf(series, row);
        if (to !== undefined && start > to) break;
        klines.push(this.#kline(series, row, moment));
        row = series.derived ? source.rowAt(end) : row + 1;
      }
      return klines;
    }
    let row = Math.min(known, to === undefined ? known : source.rowAt(to + 1)) - 1;
    while (row >= 0 && klines.length < limit) {
      const [start] = spanOf(series, row);
      const first = series.derived ? source.rowAt(start) : row;
      klines.push(this.#kline(series, first, moment));
      row = first - 1;
    }
    return klines.reverse();
  }

  /** The kline of a series that holds the source's bar `row`, as far as it is known. */
  kline(series: Series, row: number, moment: Moment): Kline {
    const first = series.derived ? series.source.rowAt(spanOf(series, row)[0]) : row;
    return this.#kline(series, first, moment);
  }

  /** The last price; NaN before the first. */
  price({ finest }: Listing, moment: Moment): number {
    const forming = this.forming(finest, moment);
    if (forming !== undefined) return this.update(finest, forming.row, forming.step).close;
    const closed = this.closed(finest, moment);
    return closed === 0 ? Number.NaN : finest.close[closed - 1];
  }

  /** A source's bar after one of its updates. */
  update(source: Source, row: number, step: number): Readonly<Kline> {
    const last = this.#update.get(source);
    if (last?.row === row && last.step === step) return last.kline;
    const kline = formingKline(source, row, step, this.updates(source));
    this.#update.set(source, { row, step, kline });
    return kline;
  }

  /** Bars of which anything is known. */
  #known(source: Source, moment: Moment): number {
    const closed = this.closed(source, moment);
    return this.forming(source, moment) === undefined ? closed : closed + 1;
  }

  /** `first` is the first bar of the kline. */
  #kline(series: Series, first: number, moment: Moment): Kline {
    const { source } = series;
    const forming = this.forming(source, moment);
    const open = forming === undefined ? undefined : this.update(source, forming.row, forming.step);
    if (!series.derived) return forming?.row === first ? { ...open! } : closedKline(source, first);
    const [start, end] = spanOf(series, first);
    const rows = Math.min(this.closed(source, moment), source.rowAt(end));
    const within = forming !== undefined && source.time[forming.row] < end && forming.row >= first;
    if (rows <= first) return { ...open!, openTime: start, closeTime: end - 1 };
    return this.#sum(series, first, rows, start, end).with(within ? open : undefined);
  }

  /** The sum of closed bars `first` to `rows` (exclusive); the open kline's is kept and grows. */
  #sum(series: Series, first: number, rows: number, start: number, end: number): KlineSum {
    const { source } = series;
    let kept = this.#sums.get(series);
    if (kept?.start !== start || kept.rows > rows) {
      kept = { start, sum: new KlineSum(start, end - 1, closedKline(source, first)), rows: first + 1 };
      this.#sums.set(series, kept);
    }
    for (; kept.rows < rows; kept.rows++) kept.sum.add(closedKline(source, kept.rows));
    return kept.sum;
  }
}
