export interface BackOffOptions {
  /** The longest first pause, ms. */
  readonly first: number;
  /** The longest pause of all, ms. */
  readonly most: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Pauses between attempts that grow twofold, each drawn between nothing and its bound ("full jitter"), so that many
 * clients that lost the same server do not come back at the same moment.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  #attempts = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** Attempts since the start or the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next pause, ms. */
  next(): number {
    const { first, most, random } = this.#options;
    // 2^30 is beyond any bound; a larger power would overflow in the end.
    const bound = Math.min(most, first * 2 ** Math.min(this.#attempts++, 30));
    return Math.round(bound * random());
  }

  reset(): void {
    this.#attempts = 0;
  }
}
