import { MarketClock } from '../../../feeds/live/market-clock.ts';
import type { Timers } from '../../../net/network.ts';
import type { ClockReading } from '../port.ts';

/** Measured again after so long, ms. */
const EVERY_MS = 600_000;

/** A question for the time: what was answered, and when it was asked and answered by this machine's clock, epoch ms UTC. */
export interface TimeSample {
  readonly time: number;
  readonly asked: number;
  readonly answered: number;
}

/** The exchange's clock, carried on by this machine's. */
export class ExchangeClock {
  readonly #timers: Timers;
  readonly #clock: MarketClock;
  #measuredAt = Number.NEGATIVE_INFINITY;

  /** `speed`: ms of the exchange in a ms of this machine; other than 1 only at a local one, 0 in lockstep. */
  constructor(timers: Timers, speed: number) {
    this.#timers = timers;
    this.#clock = new MarketClock(timers, speed);
  }

  /** ms of the exchange in a ms of this machine. */
  get speed(): number {
    return this.#clock.speed;
  }

  /** Epoch ms UTC; NaN before the first measurement. */
  now(): number {
    return this.#clock.now();
  }

  get isOld(): boolean {
    return this.#timers.now() - this.#measuredAt >= EVERY_MS;
  }

  /** Takes over the sample with the shortest way; one at least. */
  measured(samples: readonly TimeSample[]): ClockReading {
    const roundTrip = ({ asked, answered }: TimeSample) => answered - asked;
    const best = samples.reduce((a, b) => (roundTrip(b) < roundTrip(a) ? b : a));
    this.#clock.measured(best.time, best.asked, best.answered);
    this.#measuredAt = this.#timers.now();
    return { offsetMs: best.time - (best.asked + best.answered) / 2, errorMs: roundTrip(best) / 2 };
  }

  /** The exchange named a time in passing: where its time stands still between such moments, that is the time. */
  heard(time: number): void {
    this.#clock.heard(time);
  }
}
