import type { Timer } from '../../../../src/index.ts';
import { parseClock, writeMoment } from '../moments.ts';
import { Recorded } from '../recorded.ts';

const MINUTE = 60_000;

/** Orders a share of the account at every other call of a timer, and nothing at the calls between. */
export class TimerReb extends Recorded<{
  readonly when: string;
  readonly weekdays: readonly number[];
  readonly weekcarry: boolean;
  readonly monthdays: readonly number[];
  readonly monthcarry: boolean;
  readonly offset_min: number;
  readonly repeat_min: number;
  readonly target: number;
  readonly cheat: boolean;
  readonly time: string | null;
}> {
  static override readonly defaults = {
    when: 'START',
    weekdays: [],
    weekcarry: false,
    monthdays: [],
    monthcarry: false,
    offset_min: 0,
    repeat_min: 0,
    target: 0.5,
    cheat: false,
    time: null,
  };
  readonly #calls: unknown[] = [];
  #count = 0;

  override init(): void {
    this.recording.extra.timer = this.#calls;
    const { when, time, offset_min, repeat_min, cheat } = this.values;
    const { weekdays, weekcarry, monthdays, monthcarry } = this.values;
    this.addTimer({
      when: when === 'START' ? 'sessionStart' : when === 'END' ? 'sessionEnd' : clockOf(time),
      offset: offset_min * MINUTE,
      ...(repeat_min === 0 ? {} : { repeat: repeat_min * MINUTE }),
      weekdays,
      weekCarry: weekcarry,
      monthDays: monthdays,
      monthCarry: monthcarry,
      cheat,
    });
  }

  override notifyTimer(_timer: Timer, when: number): void {
    const { length, bar } = this.data;
    this.#calls.push([writeMoment(when), length, length > 0 ? writeMoment(bar.closeTime) : null]);
    if (length === 0) return;
    this.#count++;
    this.placeTarget('percent', this.#count % 2 === 1 ? this.values.target : 0);
  }
}

function clockOf(time: string | null): string {
  if (time === null) throw new Error('the timer has neither a session nor a time');
  parseClock(time);
  return time;
}
