import type { Timers } from '../../net/network.ts';

/** A frame may also have been long under way. */
const MOST_AHEAD_MS = 300_000;

/**
 * The market's time, as the exchange tells it and as this machine carries it on. A local exchange may let it run
 * faster, or stand still between the ticks of a lockstep.
 */
export class MarketClock {
  readonly #timers: Timers;
  /** Market ms a ms of this machine; 0 in lockstep. */
  readonly speed: number;
  #market = Number.NaN;
  #local = Number.NaN;
  #told = Number.NEGATIVE_INFINITY;
  #ahead = 0;

  constructor(timers: Timers, speed: number) {
    this.#timers = timers;
    this.speed = speed;
  }

  /** Whole epoch ms UTC; NaN before the exchange has said anything. */
  now(): number {
    return Math.floor(this.#market + (this.#timers.now() - this.#local) * this.speed);
  }

  /** The latest time that the exchange itself has named: the market's time is at or after it, whatever our clock says. */
  get told(): number {
    return this.#told;
  }

  /** By how much the exchange's clock has been seen to be ahead of its own bars, ms of the market. */
  get ahead(): number {
    return this.#ahead;
  }

  /** How far the market is ahead of this machine, ms. */
  get offset(): number {
    return this.now() - this.#timers.now();
  }

  /** ms of this machine that the market needs for `ms`. */
  local(ms: number): number {
    return this.speed === 0 ? ms : ms / this.speed;
  }

  /** The exchange answered `time` to a question asked and answered at these moments of this machine. */
  measured(time: number, asked: number, answered: number): void {
    this.#market = time;
    this.#local = (asked + answered) / 2;
    this.#told = Math.max(this.#told, time);
  }

  /** The exchange spoke of a bar as unfinished, which by its own clock ended at `end`. */
  unfinished(end: number): void {
    const over = this.now() - end;
    if (over > this.#ahead) this.#ahead = Math.min(over, MOST_AHEAD_MS);
  }

  /** The exchange named `time` in passing. */
  heard(time: number): void {
    if (!(time > this.#told)) return;
    this.#told = time;
    if (this.speed !== 0 && !Number.isNaN(this.#market)) return;
    this.#market = time;
    this.#local = this.#timers.now();
  }
}
