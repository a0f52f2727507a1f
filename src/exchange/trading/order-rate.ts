const INTERVALS = [
  { name: '10S', text: '10 SECOND', interval: 'SECOND', intervalNum: 10, length: 10_000, limit: 100 },
  { name: '1D', text: '1 DAY', interval: 'DAY', intervalNum: 1, length: 86_400_000, limit: 200_000 },
] as const;

/** By how much the first execution of an order that had rested lowers the count; of one that took, by 1. */
const MAKER_REWARD = 5;

export interface RateUsage {
  readonly name: string;
  readonly text: string;
  readonly interval: string;
  readonly intervalNum: number;
  readonly limit: number;
  readonly count: number;
}

/** Binance's count of unfilled orders of an account, in fixed intervals of real time (epoch ms). */
export class OrderRate {
  readonly #counts = INTERVALS.map(() => ({ interval: -1, count: 0 }));

  placed(orders: number, now: number): void {
    for (const usage of this.#at(now)) usage.count += orders;
  }

  /** An order was executed for the first time. */
  filled(maker: boolean, now: number): void {
    for (const usage of this.#at(now)) usage.count = Math.max(0, usage.count - (maker ? MAKER_REWARD : 1));
  }

  usages(now: number): readonly RateUsage[] {
    const counts = this.#at(now);
    return INTERVALS.map((one, i) => ({ ...one, count: counts[i].count }));
  }

  /** The limit that so many more orders would break, and how long it lasts, s; undefined for none. */
  exceeded(orders: number, now: number): { limit: number; text: string; retryAfter: number } | undefined {
    const counts = this.#at(now);
    const i = INTERVALS.findIndex(({ limit }, at) => counts[at].count + orders > limit);
    if (i === -1) return undefined;
    const { limit, text, length } = INTERVALS[i];
    return { limit, text, retryAfter: Math.max(1, Math.ceil((length - (now % length)) / 1000)) };
  }

  #at(now: number) {
    for (const [i, { length }] of INTERVALS.entries()) {
      const interval = Math.floor(now / length);
      if (this.#counts[i].interval !== interval) this.#counts[i] = { interval, count: 0 };
    }
    return this.#counts;
  }
}
