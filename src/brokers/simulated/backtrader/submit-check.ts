import { type BacktraderAccount, divide } from './account.ts';
import type { CommissionTerms } from './terms.ts';

/**
 * Tries out the orders of one step, one after the other, on a copy of cash and positions, at the prices they were placed
 * with. The cash of an order that cannot be paid is not given back: those after it in the same step have to do without.
 */
export class SubmitCheck {
  readonly #account: BacktraderAccount;
  readonly #terms: readonly CommissionTerms[];
  readonly #shortCash: boolean;
  #cash = 0;
  readonly #sizes: Float64Array;
  readonly #division = { closed: 0, opened: 0, positionSize: 0, positionPrice: 0 };

  constructor(account: BacktraderAccount, terms: readonly CommissionTerms[], shortCash: boolean) {
    this.#account = account;
    this.#terms = terms;
    this.#shortCash = shortCash;
    this.#sizes = new Float64Array(terms.length);
  }

  begin(): void {
    this.#cash = this.#account.cash;
    this.#sizes.set(this.#account.sizes);
  }

  /** True when the cash bears the order, of `size` base units (negative for a sale). */
  bears(instrument: number, size: number, price: number): boolean {
    const terms = this.#terms[instrument];
    const division = this.#division;
    divide(division, this.#sizes[instrument], price, size, price);
    const { closed, opened, positionSize } = division;
    this.#sizes[instrument] = positionSize;
    if (closed !== 0) {
      const worth = this.#shortCash ? terms.worth(-closed, price) : terms.cost(closed, price);
      this.#cash += terms.levered(worth);
      this.#cash -= terms.fee(closed, price);
    }
    if (opened !== 0) {
      const worth = this.#shortCash ? terms.worth(opened, price) : terms.cost(opened, price);
      this.#cash -= terms.levered(worth);
      this.#cash -= terms.fee(opened, price);
    }
    return this.#cash >= 0;
  }
}
