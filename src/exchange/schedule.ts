import { type Series, spanOf } from './market.ts';
import type { Source } from './source.ts';
import type { Moment, Tape } from './tape.ts';

/** What becomes known at a moment: klines that close, or open bars that are revised. */
export interface Happening extends Moment {
  /** Series with a bar of theirs that is in the kline which closed; empty when `opened`. */
  readonly closings: readonly Part[];
  /** Sources with the bar that was revised; empty unless `opened`. */
  readonly updates: readonly Update[];
}

export interface Part {
  readonly series: Series;
  readonly row: number;
}

export interface Update {
  readonly source: Source;
  readonly row: number;
  readonly step: number;
}

/** Everything that happens after `from` (epoch ms UTC), in order; what opens at `from` itself is part of it. */
export class Schedule {
  readonly #cursors: readonly Cursor[];

  constructor(tape: Tape, from: number) {
    this.#cursors = tape.market.sources.map(source => new Cursor(tape, source, from));
  }

  /** When the next thing happens; Infinity when nothing does any more. */
  get time(): number {
    let time = Number.POSITIVE_INFINITY;
    for (const cursor of this.#cursors) time = Math.min(time, cursor.nextClosing, cursor.nextUpdate);
    return time;
  }

  /** At one time all closings come before all updates. */
  next(): Happening | undefined {
    const { time } = this;
    if (time === Number.POSITIVE_INFINITY) return undefined;
    const closings: Part[] = [];
    for (const cursor of this.#cursors) if (cursor.nextClosing === time) cursor.close(closings);
    if (closings.length > 0) return { time, opened: false, closings, updates: [] };
    const updates: Update[] = [];
    for (const cursor of this.#cursors) if (cursor.nextUpdate === time) updates.push(cursor.update());
    return { time, opened: true, closings, updates };
  }
}

/** What of one source comes next. */
class Cursor {
  readonly #tape: Tape;
  readonly #source: Source;
  /** Its own bars first, then the longer ones made of them. */
  readonly #series: readonly Series[];
  /** The bar that is open or opens next. */
  #row: number;
  #step = 0;
  /** Closings up to here have been told. */
  #upTo: number;
  nextClosing = Number.POSITIVE_INFINITY;
  nextUpdate = Number.POSITIVE_INFINITY;

  constructor(tape: Tape, source: Source, from: number) {
    this.#tape = tape;
    this.#source = source;
    const { series } = tape.market.listings.get(source.symbol)!;
    this.#series = [...series.values()].filter(one => one.source === source);
    this.#row = tape.closed(source, { time: from, opened: false });
    this.#upTo = from;
    while (this.#isOpen && this.#updateTime < from) this.#step++;
    this.#plan();
  }

  close(into: Part[]): void {
    const time = this.nextClosing;
    const isBar = this.#row < this.#source.length && this.#source.end(this.#row) === time;
    const row = isBar ? this.#row : this.#row - 1;
    for (const series of this.#series) if (spanOf(series, row)[1] === time) into.push({ series, row });
    if (isBar) {
      this.#row++;
      this.#step = 0;
    }
    this.#upTo = time;
    this.#plan();
  }

  update(): Update {
    const update = { source: this.#source, row: this.#row, step: this.#step };
    this.#step++;
    this.#plan();
    return update;
  }

  get #isOpen(): boolean {
    return this.#row < this.#source.length && this.#step < this.#tape.updates(this.#source);
  }

  get #updateTime(): number {
    return this.#tape.updateTime(this.#source, this.#row, this.#step);
  }

  #plan(): void {
    this.nextUpdate = this.#isOpen ? this.#updateTime : Number.POSITIVE_INFINITY;
    const inside = this.#row < this.#source.length;
    this.nextClosing = inside ? this.#source.end(this.#row) : Number.POSITIVE_INFINITY;
    if (this.#step > 0 || this.#row === 0) return;
    // Bars are missing here: longer klines close without one of their last bars.
    const until = inside ? this.#source.time[this.#row] : this.#tape.market.end;
    for (const series of this.#series) {
      const end = spanOf(series, this.#row - 1)[1];
      if (end > this.#upTo && end <= until && end < this.nextClosing) this.nextClosing = end;
    }
  }
}
