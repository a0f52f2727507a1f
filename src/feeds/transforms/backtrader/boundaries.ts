import type { TradingDay } from '../../feed.ts';
import type { Terms } from './terms.ts';

const DAY = 86_400_000;
const THURSDAY = 3;

/** Milliseconds of the units that boundaries within a day are counted in. */
const UNIT_MS = { Ticks: 1e-3, MicroSeconds: 1e-3, Seconds: 1000, Minutes: 60_000 } as const;

const dayOf = (time: number) => Math.floor(time / DAY) * DAY;

/** What ended a longer bar: a part stamped at a boundary, one behind it, one behind the session's end, or that there is no more. */
export type EndedBy = 'edge' | 'boundary' | 'session' | 'data';

/** Where backtrader ends its longer bars, told by the stamps of the bars that come (epoch ms UTC). */
export class Boundaries {
  readonly isIntraday: boolean;
  /** True where bars are counted, and no clock is looked at. */
  readonly counts: boolean;
  /** The end of the session that the bars are in, epoch ms UTC. */
  sessionEnd = Number.NaN;
  readonly #terms: Terms;
  readonly #day: TradingDay;
  readonly #unit: number;

  constructor(terms: Terms, day: TradingDay, counts: boolean) {
    this.#terms = terms;
    this.#day = day;
    this.counts = counts;
    this.isIntraday = terms.timeframe in UNIT_MS;
    this.#unit = this.isIntraday ? UNIT_MS[terms.timeframe as 'Minutes'] : Number.NaN;
  }

  /** Takes notice of the session that a bar at `time` is in: the one that ends next. */
  enter(time: number): void {
    const end = dayOf(time) + this.#day.end;
    this.sessionEnd = time > end ? end + DAY : end;
  }

  /** The session has ended with the last bar: the next one says in which it is. */
  leave(): void {
    this.sessionEnd = Number.NaN;
  }

  /** True when the bar at `time` is the last part of a longer one by its stamp alone. */
  isEdge(time: number): boolean {
    const { timeframe, compression } = this.#terms;
    if (this.counts) return false;
    if (!this.isIntraday) return timeframe === 'Days' && time === this.sessionEnd;
    if (time === this.sessionEnd) return true;
    const units = this.#units(time);
    return Number.isInteger(units) && units % compression === 0;
  }

  /** True when the bar at `time` lies behind a boundary that the longer bar, last stamped `last`, ends at. */
  isOver(last: number, time: number, isOverSession: boolean): boolean {
    const { timeframe, bar2edge, compression } = this.#terms;
    switch (timeframe) {
      case 'Days':
        return this.counts || isOverSession;
      case 'Weeks':
        return weekOf(time) > weekOf(last);
      case 'Months':
        return monthOf(time) > monthOf(last);
      case 'Years':
        return new Date(time).getUTCFullYear() > new Date(last).getUTCFullYear();
      default: {
        if (isOverSession) return true;
        const [from, to] = [last, time].map(at => Math.floor(this.#units(at)));
        if (!bar2edge) return to > from;
        return Math.floor(to / compression) > Math.floor(from / compression);
      }
    }
  }

  /** The stamp of a longer bar whose last part is stamped `last`, and which was ended by this. */
  stampOf(last: number, by: EndedBy): number {
    const { adjbartime, bar2edge, rightedge, compression, timeframe } = this.#terms;
    if (!adjbartime || !bar2edge || this.counts || by === 'edge') return last;
    if (timeframe === 'Days') return by === 'data' ? dayOf(last) + this.#day.end : this.sessionEnd;
    if (!this.isIntraday) return last;
    if (by === 'session') return this.sessionEnd;
    const before = Math.floor(this.#units(last) / compression) * compression;
    const edge = dayOf(last) + (rightedge ? before + compression : before) * this.#unit;
    return by === 'boundary' ? Math.max(edge, last) : edge;
  }

  /** Units since midnight, moved by `boundoff`. */
  #units(time: number): number {
    return (time - dayOf(time)) / this.#unit + this.#terms.boundoff;
  }
}

/** Weeks by ISO, counted from the one of 1970-01-01. */
function weekOf(time: number): number {
  return Math.floor((Math.floor(time / DAY) + THURSDAY) / 7);
}

function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
