/** Something that people should hear of, beside what becomes of the strategy's orders. */
export interface BrokerNotice {
  /** Epoch ms UTC, the exchange's. */
  readonly time: number;
  /**
   * `LATE_ORDER`: an order that was given up exists after all. `PROTECTION_MISSING`: what was bought could not be protected.
   * `UNKNOWN_ORDER`: the exchange told of an order that is none of this session. `DUST`: less than an order can sell was
   * left. `HALTED`, `RESUMED`.
   */
  readonly code: string;
  /** One line. */
  readonly message: string;
}

const MOST = 1000;

/** Notices that nobody has read yet; of too many the oldest are dropped, and counted. */
export class Notices {
  #notices: BrokerNotice[] = [];
  dropped = 0;

  add(time: number, code: string, message: string): void {
    if (this.#notices.length >= MOST) {
      this.#notices.shift();
      this.dropped++;
    }
    this.#notices.push({ time, code, message });
  }

  take(): BrokerNotice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }
}
