import type { Interval } from '../../../model/interval.ts';
import type { RunStart } from '../analyzer.ts';
import { type PeriodParameters, TIME_FRAMES, type TimeFrame } from './parameters.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The unit of a time frame and how many of them an interval has, as backtrader describes feeds. */
function timeFrameOf(interval: Interval): { timeframe: TimeFrame; compression: number } {
  const count = Number.parseInt(interval, 10);
  switch (interval.at(-1)) {
    case 's':
      return { timeframe: 'Seconds', compression: count };
    case 'm':
      return { timeframe: 'Minutes', compression: count };
    case 'h':
      return { timeframe: 'Minutes', compression: count * 60 };
    case 'd':
      return { timeframe: 'Days', compression: count };
    case 'w':
      return { timeframe: 'Weeks', compression: count };
    case 'M':
      return { timeframe: 'Months', compression: count };
    default:
      return { timeframe: 'Years', compression: count };
  }
}

/**
 * The periods of a run, each named by its end: a day by its date, a week by its Sunday (ISO 8601), a month by its last
 * day, minutes and seconds by the last unit they hold. A period begins with the first step that lies in it. Where
 * compression is more than 1, minutes and seconds are counted from midnight, where the last period of a day is cut off (its
 * name is not); longer periods have no compression.
 */
export class Periods {
  readonly timeframe: TimeFrame;
  readonly compression: number;
  /** The first data's. */
  readonly dataTimeframe: TimeFrame;
  /** The current period's name: ISO 8601, a date alone for years. */
  key = '';
  readonly #prenext: boolean;
  #ready = false;
  /** What is taken off a step's time before it is looked up, ms. */
  readonly #before: number;
  /** The current period lies before this, epoch ms UTC. */
  #end = Number.NEGATIVE_INFINITY;

  constructor(start: RunStart, { timeframe, compression, _doprenext }: PeriodParameters) {
    const data = timeFrameOf(start.datas[0].interval);
    this.dataTimeframe = data.timeframe;
    this.timeframe = timeframe ?? data.timeframe;
    this.compression = compression ?? data.compression;
    this.#prenext = _doprenext !== false;
    this.#before = start.midnight === 'ends' ? 0.001 : 0;
  }

  /**
   * Calls `begin` if the step is the first of a period. True when the step is to be looked at: where the strategy's
   * minimum period is left out, steps within it are not, and the first one after it begins a period in any case.
   */
  take(time: number, ready: boolean, begin: () => void): boolean {
    const first = ready && !this.#ready;
    this.#ready = ready;
    if (this.begins(time) || (first && !this.#prenext)) begin();
    return ready || this.#prenext;
  }

  /** True when the step at `time` is the first of a period, whose name is in `key` from then on. */
  begins(time: number): boolean {
    const at = time - this.#before;
    if (at < this.#end) return false;
    this.#move(at, time);
    return true;
  }

  #move(at: number, time: number): void {
    const { timeframe } = this;
    const day = Math.floor(at / DAY) * DAY;
    const date = new Date(day);
    const year = date.getUTCFullYear();
    switch (timeframe) {
      case 'NoTimeFrame':
        this.#end = Number.POSITIVE_INFINITY;
        this.key = '9999-12-31T23:59:59.999999';
        return;
      case 'Years':
        this.#end = Date.UTC(year + 1, 0, 1);
        this.key = isoDate(this.#end - DAY);
        return;
      case 'Months':
        this.#end = Date.UTC(year, date.getUTCMonth() + 1, 1);
        this.key = isoTime(this.#end - DAY);
        return;
      case 'Weeks':
        this.#end = day + (7 - ((date.getUTCDay() + 6) % 7)) * DAY;
        this.key = isoTime(this.#end - DAY);
        return;
      case 'Days':
        this.#end = day + DAY;
        this.key = isoTime(day);
        return;
      case 'Minutes':
      case 'Seconds': {
        const unit = timeframe === 'Minutes' ? MINUTE : SECOND;
        const length = this.compression * unit;
        const end = day + (Math.floor((at - day) / length) + 1) * length;
        this.key = isoTime(end - unit);
        this.#end = Math.min(end, day + DAY);
        return;
      }
      default:
        this.#end = at;
        this.key = isoTime(time);
    }
  }
}

/** True for time frames of a day and more. */
export function isDaily(timeframe: TimeFrame): boolean {
  return TIME_FRAMES.indexOf(timeframe) >= TIME_FRAMES.indexOf('Days');
}

/** `2005-01-31`. */
export function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** `2005-01-31T23:59:59.999989`: without its fraction when that is 0. */
export function isoTime(time: number): string {
  const seconds = Math.floor(time / SECOND);
  const micros = Math.round((time - seconds * SECOND) * 1000);
  if (micros === 1_000_000) return isoTime((seconds + 1) * SECOND);
  const whole = new Date(seconds * SECOND).toISOString().slice(0, 19);
  return micros === 0 ? whole : `${whole}.${String(micros).padStart(6, '0')}`;
}
