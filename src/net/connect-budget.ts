/** Counts connection attempts, of which a server takes only so many within a time from one address. */
export class ConnectBudget {
  readonly #limit: number;
  readonly #windowMs: number;
  /** Times of the last attempts, oldest first; at most `limit`. */
  readonly #attempts: number[] = [];

  /** At most `limit` attempts within `windowMs`. */
  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Books an attempt for the earliest moment that is allowed, and says how far it lies ahead of `now`, ms. */
  book(now: number): number {
    const attempts = this.#attempts;
    const earliest = attempts.length < this.#limit ? now : Math.max(now, attempts[0] + this.#windowMs);
    if (attempts.length === this.#limit) attempts.shift();
    attempts.push(earliest);
    return earliest - now;
  }
}
