import { durationMs } from '../../model/duration.ts';
import { StrategyError } from '../../model/errors.ts';
import type { Data } from '../../series/data.ts';

/** When a timer fires; all times are UTC. */
export interface TimerOptions {
  /** The start or the end of the session, or a time of day: `'09:30'`, `'17:30:15'`. */
  readonly when: 'sessionStart' | 'sessionEnd' | (string & {});
  /** How much later, or earlier: `'30m'`, `'-15m'`, or ms. Default 0. */
  readonly offset?: string | number;
  /** Fires again and again at this distance, until the session ends: `'2h'`, or ms. Default: once a day. */
  readonly repeat?: string | number;
  /** Only on these days of the week, 1 for Monday to 7 for Sunday. Default: on all. */
  readonly weekdays?: readonly number[];
  /** On the next day that has bars where a weekday has none; default false. */
  readonly weekCarry?: boolean;
  /** Only on these days of the month. Default: on all. */
  readonly monthDays?: readonly number[];
  /** On the next day that has bars where a day of the month has none; default true. */
  readonly monthCarry?: boolean;
  /** Asked once a day that has passed the lists, with its midnight UTC: false leaves the day out. */
  readonly allow?: (day: Date) => boolean;
  /** Fires before the broker matches the bars of the step, not after; default false. */
  readonly cheat?: boolean;
  /**
   * Whose session counts. Default: the first data's for `sessionStart` and `sessionEnd`; for a time of day the whole day.
   */
  readonly data?: Data;
}

/** A timer of a strategy, as `notifyTimer` gets it: compare it with what `addTimer` returned. */
export interface Timer {
  /** Counted from 1 in each run. */
  readonly id: number;
  readonly options: TimerOptions;
}

/** What a timer's options come to, in ms. */
export interface TimerTerms {
  /** After midnight UTC, the offset not counted. */
  readonly timeOfDay: number;
  readonly offset: number;
  /** 0 for once a day. */
  readonly repeat: number;
  /** The end of the session, after midnight UTC. */
  readonly sessionEnd: number;
}

const DAY = 86_400_000;

/** Reads a timer's options; `session`: that of its data. Throws `TIMER_INVALID`. */
export function timerTerms(
  options: TimerOptions,
  session: { readonly start: number; readonly end: number },
): TimerTerms {
  const { when, data, weekdays = [], monthDays = [], allow } = options;
  checkDays('weekdays', weekdays, 7, '1 (Monday) … 7 (Sunday)');
  checkDays('monthDays', monthDays, 31, '1 … 31');
  if (allow !== undefined && typeof allow !== 'function') {
    throw invalid('allow', allow, 'a function of a day', 'give day => true or false');
  }
  const offset = milliseconds('offset', options.offset ?? 0);
  const repeat = milliseconds('repeat', options.repeat ?? 0);
  if (repeat < 0)
    throw invalid('repeat', options.repeat, 'above 0', 'give how long to wait between two calls');
  const ofSession = when === 'sessionStart' || when === 'sessionEnd';
  return {
    timeOfDay:
      when === 'sessionStart' ? session.start : when === 'sessionEnd' ? session.end : timeOfDay(when),
    offset,
    repeat,
    sessionEnd: ofSession || data !== undefined ? session.end : DAY,
  };
}

function timeOfDay(when: unknown): number {
  const [, hours, minutes, seconds = '0'] =
    typeof when === 'string' ? (/^(\d\d):(\d\d)(?::(\d\d))?$/.exec(when) ?? []) : [];
  const time = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000;
  if (time < DAY && Number(minutes) < 60 && Number(seconds) < 60) return time;
  throw invalid(
    'when',
    when,
    "'sessionStart', 'sessionEnd' or a time of day",
    "write '09:30' or '17:30:15', in UTC",
  );
}

function milliseconds(name: string, given: string | number): number {
  const value = typeof given === 'string' ? durationMs(given) : given;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(name, given, 'a duration', "write '90s', '30m', '2h', or milliseconds");
}

function checkDays(name: string, days: readonly number[], most: number, limit: string): void {
  for (const day of Array.isArray(days) ? days : [days]) {
    if (!Number.isInteger(day) || day < 1 || day > most || !Array.isArray(days))
      throw invalid(name, day, limit, `give a list of whole numbers, ${limit}`);
  }
}

function invalid(name: string, value: unknown, limit: string, fix: string): StrategyError {
  return new StrategyError('TIMER_INVALID', `addTimer() was given the ${name} ${String(value)}`, {
    value,
    limit,
    fix,
  });
}
