import type { DecoderHost } from '../market-data/contract.ts';

/** Changes that wait for the snapshot of a book. When they are too many, all are given up, for another snapshot. */
export class WaitingChanges<Change> {
  readonly #host: DecoderHost;
  /** `binance-spot BTC-USDT`. */
  readonly #name: string;
  readonly #most: number;
  #changes: Change[] = [];

  constructor(host: DecoderHost, name: string, most: number) {
    this.#host = host;
    this.#name = name;
    this.#most = most;
  }

  get count(): number {
    return this.#changes.length;
  }

  push(change: Change): void {
    if (this.#changes.length === this.#most) {
      const text = `${this.#name}: no snapshot within ${this.#most} changes; waiting for another`;
      this.#host.notice('warning', 'BOOK_BUFFER_FULL', text);
      this.#changes = [];
    }
    this.#changes.push(change);
  }

  /** Hands over all of them in their order, while `use` is true; what is left waits for the next snapshot. */
  drain(use: (change: Change) => boolean): void {
    const changes = this.#changes;
    this.#changes = [];
    const last = changes.findIndex(change => !use(change));
    if (last !== -1) this.#changes.push(...changes.slice(last + 1));
  }

  clear(): void {
    this.#changes = [];
  }
}
