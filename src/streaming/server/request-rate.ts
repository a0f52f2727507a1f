import type { ServerLimits } from './limits.ts';

/** So many at once, and so many a second in the long run. */
export class RequestRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#at = now;
  }

  /** Whether one more is fine; `now` in ms. */
  take(now: number): boolean {
    const earned = (Math.max(0, now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** What becomes of a request: `refused` ones are told of once a second, as `warned`; too many of them end it. */
export type Admission = 'taken' | 'refused' | 'warned' | 'expelled';

const WARNED_MS = 1000;

/** Bounds what one client may ask. */
export class RequestGuard {
  readonly #rate: RequestRate;
  readonly #mostRefusals: number;
  #refusals = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: Pick<ServerLimits, 'requestsPerSecond' | 'requestBurst' | 'refusals'>, now: number) {
    this.#rate = new RequestRate(limits.requestsPerSecond, limits.requestBurst, now);
    this.#mostRefusals = limits.refusals;
  }

  /** `now` in ms. */
  ask(now: number): Admission {
    if (this.#rate.take(now)) return 'taken';
    if (++this.#refusals > this.#mostRefusals) return 'expelled';
    if (now - this.#warnedAt < WARNED_MS) return 'refused';
    this.#warnedAt = now;
    return 'warned';
  }
}
