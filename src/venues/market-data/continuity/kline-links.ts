import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { secondsOfInterval } from '../planning/intervals.ts';
import type { Counter } from '../tally.ts';
import type { Gaps } from './gaps.ts';

/** Requests for one interruption. */
const MOST_PAGES = 20;

/** Rows of one interval that may have changed unseen, µs: those that opened from `from` on and before `to`. */
export interface MissingKlines {
  readonly interval: string;
  readonly from: number;
  readonly to: number;
}

interface Missing extends MissingKlines {
  /** What has come of them, by the time at which they open; they are handed on together, in their order. */
  readonly rows: Map<number, unknown>;
  pages: number;
  /** The venue gives the youngest first. */
  isBackward: boolean;
  /** Answers under way that were asked for before it was known how much is missing. */
  outdated: number;
  /** The first of them has been told as closed. */
  readonly isFirstKnown: boolean;
}

interface Interval {
  last: number;
  /** The last one has been told as closed. */
  isClosed: boolean;
  /** Klines that were told as closed while others were missing, by the time at which they open. */
  readonly closed: Set<number>;
  receivedAt: number;
  connection: number;
  isInterrupted: boolean;
  missing: Missing | undefined;
}

/**
 * Klines of one instrument across connections: what was interrupted is asked for by REST, and is a gap until it comes. A
 * pause on a standing connection is none, since venues leave out klines without trades.
 */
export class KlineLinks {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #ask: ((missing: MissingKlines) => void) | undefined;
  readonly #intervals = new Map<string, Interval>();
  readonly #duplicates: Counter;
  /** Something of the gap that is open will not come. */
  #isUnknown = false;

  /** Without `ask` nothing can be had of the past. */
  constructor(host: DecoderHost, gaps: Gaps, instrument: Instrument, ask?: (missing: MissingKlines) => void) {
    this.#host = host;
    this.#gaps = gaps;
    this.#instrument = instrument;
    this.#ask = ask;
    this.#duplicates = host.tally.of(instrument.native).counter('duplicateKlines');
  }

  /**
   * A row that came on a connection; `openTime` in µs; `isClosed` undefined where the venue does not mark the last one.
   * False for one that tells nothing new: a closed kline once more, or one of before, from the older of two connections.
   */
  row(interval: string, openTime: number, connection: number, isClosed?: boolean): boolean {
    const receivedAt = this.#host.receiveTime;
    const known = this.#intervals.get(interval);
    if (known === undefined) {
      const fresh = { last: openTime, receivedAt, connection, isInterrupted: false, missing: undefined };
      this.#intervals.set(interval, { ...fresh, isClosed: isClosed === true, closed: new Set() });
      return true;
    }
    const from = known.missing?.from ?? known.last;
    // Who marks no last row may send it after the first one of the next kline.
    const isCorrection = openTime < known.last && isClosed === undefined && connection === known.connection;
    const isNew = openTime > known.last || (openTime === known.last && !known.isClosed) || isCorrection;
    if (!isNew) this.#duplicates.value++;
    if (openTime < known.last) return isNew;
    if (isClosed !== undefined && openTime > known.last && !known.isClosed && !known.isInterrupted)
      this.#interrupt(known, NOT_CLOSED);
    const isFirstKnown = known.missing?.isFirstKnown ?? known.isClosed;
    if (openTime > known.last) known.isClosed = false;
    known.isClosed ||= isClosed === true;
    known.last = openTime;
    known.receivedAt = receivedAt;
    known.connection = connection;
    if (isClosed && (known.missing !== undefined || known.isInterrupted)) known.closed.add(openTime);
    if (!known.isInterrupted) return isNew;
    known.isInterrupted = false;
    if (openTime === from) {
      known.closed.clear();
      this.#settle();
    } else {
      const outdated = known.missing === undefined ? 0 : known.missing.outdated + 1;
      const rows = new Map<number, unknown>();
      const more = { rows, pages: 1, isBackward: false, outdated, isFirstKnown };
      known.missing = { interval, from, to: openTime, ...more };
      if (this.#ask === undefined) this.#end(interval, false);
      else this.#ask(known.missing);
    }
    return isNew;
  }

  /** Whether a row of a list that a subscription begins with may have changed unseen. */
  isMissed(interval: string, openTime: number): boolean {
    const known = this.#intervals.get(interval);
    return known?.isInterrupted === true && openTime >= known.last;
  }

  /** A connection is gone; `heir` knows another one that brings the rows of an interval, although none may have come yet. */
  closed(connection: number, reason: string, heir?: (interval: string) => number | undefined): void {
    for (const [interval, known] of this.#intervals) {
      if (known.connection !== connection) continue;
      const next = heir?.(interval);
      if (next !== undefined) {
        known.connection = next;
        continue;
      }
      this.#interrupt(known, { cause: 'DISCONNECTED', rule: 'the connection stands', detail: reason });
    }
  }

  #interrupt(
    known: Interval,
    found: { readonly cause: string; readonly rule: string; readonly detail: string },
  ): void {
    known.isInterrupted = true;
    const { receivedAt: from } = known;
    this.#gaps.open({ channel: 'klines', instrument: this.#instrument, ...found, from });
  }

  /**
   * Rows of an answer to what was asked for, in any order. Those that are missing are handed to `emit`, oldest first, once
   * all of them are there; the others are passed over. `pageSize` is how many rows an answer has at most, where there is
   * more to be asked for beyond them.
   */
  bring<Row extends { readonly openTime: number }>(
    interval: string,
    rows: readonly Row[],
    emit: (row: Row) => void,
    pageSize = Number.POSITIVE_INFINITY,
  ): void {
    const held = this.#intervals.get(interval);
    const missing = held?.missing;
    if (missing === undefined || this.#isOutdated(missing)) return;
    const { from, isFirstKnown, to } = missing;
    const known = missing.rows as Map<number, Row>;
    const before = known.size;
    for (const row of rows) if (row.openTime >= from && row.openTime < to) known.set(row.openTime, row);
    const times = [...known.keys()];
    const oldest = Math.min(to, ...times);
    const isMore = rows.length >= pageSize && known.size > before && missing.pages < MOST_PAGES;
    if (isMore && oldest > from) {
      missing.pages++;
      missing.isBackward = true;
      this.#ask?.({ interval, from, to: oldest });
      return;
    }
    const youngest = Math.max(from, ...times);
    // A page may be shorter than it could be: what brings something new is not the last.
    const isShort = known.size > before && missing.pages < MOST_PAGES && youngest + lengthOf(interval) < to;
    if (isShort || (isMore && !missing.isBackward && youngest > from)) {
      missing.pages++;
      this.#ask?.({ interval, from: youngest, to });
      return;
    }
    for (const time of times.sort((one, other) => one - other)) {
      const isTold = held?.closed.has(time) || (isFirstKnown && time === from);
      if (!isTold) emit(known.get(time)!);
    }
    this.#end(interval, oldest <= from);
  }

  /** What was asked for will not come. */
  failed(interval: string): void {
    const missing = this.#intervals.get(interval)?.missing;
    if (missing !== undefined && !this.#isOutdated(missing)) this.#end(interval, false);
  }

  /** Whether an answer is one to a request of before; what is missing now is then asked for again, in case it was the same. */
  #isOutdated(missing: Missing): boolean {
    if (missing.outdated === 0) return false;
    missing.outdated--;
    this.#ask?.(missing);
    return true;
  }

  #end(interval: string, isWhole: boolean): void {
    const known = this.#intervals.get(interval);
    if (known?.missing === undefined) return;
    known.missing = undefined;
    known.closed.clear();
    if (!isWhole) this.#isUnknown = true;
    this.#settle();
  }

  #settle(): void {
    for (const { isInterrupted, missing } of this.#intervals.values()) {
      if (isInterrupted || missing !== undefined) return;
    }
    if (this.#isUnknown) this.#gaps.close('klines', this.#instrument);
    else this.#gaps.fill('klines', this.#instrument);
    this.#isUnknown = false;
  }
}

/** µs; the zone of a day changes nothing about it. */
function lengthOf(interval: string): number {
  return secondsOfInterval(interval.replace(/@.*/, '')) * 1e6;
}

const NOT_CLOSED = {
  ...{ cause: 'NOT_CLOSED', rule: 'a kline closes before the next one opens' },
  detail: 'the last row of the one before did not come',
};
