import { ListedDays } from './listed-days.ts';
import type { TimerOptions, TimerTerms } from './timer.ts';

const DAY = 86_400_000;
/** The last moment of a day, as far as a clock of milliseconds can tell it from the next one's first. */
const LAST = DAY - 0.01;

/**
 * When one timer is due. Steps are shown to it in the order of time; it fires at the first step at or after the moment at
 * which it is due, with that moment, once a day or until the session's end. A day without a step at or after that moment
 * goes without.
 */
export class TimerSchedule {
  readonly #terms: TimerTerms;
  readonly #weekdays: ListedDays;
  readonly #monthDays: ListedDays;
  readonly #allow: ((day: Date) => boolean) | undefined;
  /** What closes at midnight belongs to the day before: 1 ms for a timer that is due then, else 0. */
  readonly #shift: number;
  /** End of the session that the last step was in, or ahead of, epoch ms. */
  #sessionEnd = Number.NEGATIVE_INFINITY;
  #due = Number.NaN;
  /** The day of the last step, and the last one that is done with: days since 1970. */
  #day = Number.NEGATIVE_INFINITY;
  #done = Number.NEGATIVE_INFINITY;

  /** `asBacktrader`: lists of days as backtrader reads them, see {@link ListedDays}. */
  constructor(terms: TimerTerms, options: TimerOptions, asBacktrader: boolean) {
    this.#terms = terms;
    this.#weekdays = new ListedDays(options.weekdays ?? [], options.weekCarry ?? false, asBacktrader);
    this.#monthDays = new ListedDays(options.monthDays ?? [], options.monthCarry ?? true, asBacktrader);
    this.#allow = options.allow;
    this.#shift = terms.timeOfDay >= DAY ? 1 : 0;
  }

  /** The moment for which the timer fires at the step of `time` (both epoch ms UTC); NaN when it does not fire. */
  fire(time: number): number {
    const now = time - this.#shift;
    const day = Math.floor(now / DAY);
    if (day === this.#done) return Number.NaN;
    if (now > this.#sessionEnd) {
      this.#sessionEnd = this.#endAfter(now, day);
      this.#due = this.#dueOn(day);
    }
    if (day > this.#day) {
      this.#day = day;
      if (!this.#isAllowed(day)) {
        this.#finish(day);
        return Number.NaN;
      }
    }
    const due = this.#due;
    if (!(now >= due)) return Number.NaN;
    this.#goOn(now, day);
    return due + this.#shift;
  }

  /** The end of the session that `now` is in, or of the next one. */
  #endAfter(now: number, day: number): number {
    const end = day * DAY + Math.min(this.#terms.sessionEnd, LAST);
    return now > end ? end + DAY : end;
  }

  #dueOn(day: number): number {
    return day * DAY + this.#terms.timeOfDay - this.#shift + this.#terms.offset;
  }

  /** Nothing more on this day. */
  #finish(day: number): void {
    this.#done = day;
    this.#due = this.#dueOn(day + 1);
  }

  #goOn(now: number, day: number): void {
    const { repeat } = this.#terms;
    if (repeat === 0) {
      this.#finish(day);
      return;
    }
    // What was due between two steps has been told by the first of them.
    const next = this.#due + repeat * (Math.floor((now - this.#due) / repeat) + 1);
    if (next > this.#sessionEnd) this.#finish(day);
    else this.#due = next;
  }

  #isAllowed(day: number): boolean {
    const date = new Date(day * DAY);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    if (!this.#monthDays.includes(month, date.getUTCDate())) return false;
    // Day 0 was a Thursday.
    const week = Math.floor((day + 3) / 7);
    if (!this.#weekdays.includes(week, day + 4 - week * 7)) return false;
    return this.#allow?.(date) ?? true;
  }
}
