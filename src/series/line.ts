import { StrategyError } from '../model/errors.ts';
import type { Clock } from './clock.ts';

const EMPTY = new Float64Array(1).fill(Number.NaN);

/** The ring behind a line; for kernels, never for strategies: it may hold bars ahead of the clock. */
export let ringOf: (line: Line) => Float64Array;
/** The clock a line runs on. */
export let clockOf: (line: Line) => Clock;
/** The kernel of a line that depends, by however many others, on lines of another clock; undefined for all others. */
export let crossingOf: (line: Line) => Crossing | undefined;
/** Gives a line that has just been made the name by which reports and errors know it. */
export let nameLine: (line: Line, label: string) => void;

/** What computes a line that depends on lines of another clock: step by step, beginning whenever those do. */
export interface Crossing {
  /** The number of the first bar, counted from 0, at which its outputs have a value; Infinity while nobody knows. */
  readonly firstBar: number;
}

/** The method by which a {@link Line} asks a data for itself on that data's clock. */
export const recast = Symbol('recast');

/** A data, as far as a line knows it. */
export interface LineTarget {
  [recast](line: Line): Line;
}

/**
 * A series of numbers, one a bar of its data. Read `line.now` for the current bar and `line.ago(n)` for n bars back.
 * Before the first value (the minimum period) a line is NaN. The future cannot be read.
 */
export class Line {
  #ring: Float64Array = EMPTY;
  readonly #clock: Clock;
  #label: string;
  readonly #crossing: Crossing | undefined;
  /**
   * The first bar, counted from 1, at which this line has a value. Of a line that depends on other clocks: if those had their
   * values from the first bar on.
   */
  readonly minPeriod: number;

  static {
    ringOf = line => line.#ring;
    clockOf = line => line.#clock;
    crossingOf = line => line.#crossing;
    nameLine = (line, label) => {
      line.#label = label;
    };
  }

  constructor(clock: Clock, label: string, minPeriod: number, crossing?: Crossing) {
    this.#clock = clock;
    this.#crossing = crossing;
    this.#label = label;
    this.minPeriod = minPeriod;
    clock.add({
      allocate: capacity => {
        this.#ring = clock.arrays.take(capacity, Number.NaN);
      },
    });
  }

  /** How reports and errors name this line. */
  get label(): string {
    return this.#label;
  }

  /** The current bar's value; NaN before the first. */
  get now(): number {
    // Short enough for V8 to inline it wherever it is read, which is most of what strategies do.
    return this.#ring[this.#clock.position];
  }

  /**
   * The value `bars` of this line's own bars back; `ago(0)` is now. NaN before the data's start.
   * Throws `FUTURE_READ` for a negative number and `LOOKBACK_EXCEEDED` beyond the declared lookback.
   */
  ago(bars: number): number {
    const clock = this.#clock;
    if (!(bars >= 0 && bars <= clock.lookback && (bars | 0) === bars))
      throw agoError(this.label, bars, clock);
    return bars > clock.bar ? Number.NaN : this.#ring[(clock.bar - bars) & clock.mask];
  }

  /**
   * This line on the clock of another data: at each of that data's bars, what {@link now} reads in that step. The value of a
   * longer bar so appears with the bar that completes it and stays until the next one has closed; of shorter bars the latest
   * is taken. NaN until this line has its first value; `ago` counts bars of `data`.
   */
  on(data: LineTarget): Line {
    return data[recast](this);
  }

  /**
   * A copy of the last `length` values, oldest first, the current bar last; NaN before the data's start.
   * Throws like {@link ago}.
   */
  window(length: number): Float64Array {
    this.ago(length === 0 ? 0 : length - 1);
    const { bar, mask } = this.#clock;
    const copy = new Float64Array(length);
    for (let i = 0, b = bar - length + 1; i < length; i++, b++) {
      copy[i] = b < 0 ? Number.NaN : this.#ring[b & mask];
    }
    return copy;
  }

  /** A line is not a number: comparing or adding two of them directly would silently be wrong. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.label;
    throw new StrategyError('LINE_AS_NUMBER', `the line ${this.label} was used as a number`, {
      value: this.label,
      fix: 'use .now for its current value, or gt(), add() … to build a new line',
    });
  }
}

function agoError(label: string, bars: number, clock: Clock): StrategyError {
  if (bars < 0) {
    return new StrategyError('FUTURE_READ', `${label}.ago(${bars}) would read the future`, {
      value: bars,
      limit: 0,
      fix: 'count bars back with a positive number: ago(1) is the previous bar',
    });
  }
  if (bars > clock.lookback && Number.isInteger(bars)) {
    return new StrategyError('LOOKBACK_EXCEEDED', `${label}.ago(${bars}) reaches beyond the lookback`, {
      value: bars,
      limit: clock.lookback,
      fix: `declare more: strategy({ … }, { lookback: ${bars} })`,
    });
  }
  return new StrategyError('AGO_INVALID', `${label}.ago(${bars}) does not name a bar`, {
    value: bars,
    limit: `whole numbers from 0 to ${clock.lookback}`,
    fix: 'use a whole number',
  });
}
