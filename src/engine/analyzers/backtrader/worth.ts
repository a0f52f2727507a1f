import type { Account } from '../../../brokers/account.ts';
import type { RunStart } from '../analyzer.ts';

/** What backtrader makes the first share cost. */
const FIRST_SHARE = 100;

/** Shares of the account; of one that counts none: those that its starting cash bought. */
export function sharesOf(account: Account): number {
  return account.fundShares ?? account.startCash / FIRST_SHARE;
}

export function shareValueOf(account: Account): number {
  return account.fundValue ?? account.value / sharesOf(account);
}

/** What an analyzer measures: the account's value, or what one share of it is worth. */
export class Worth {
  readonly isFund: boolean;
  readonly #account: Account;

  constructor({ account, fundMode }: RunStart, fund: boolean | null | undefined) {
    this.#account = account;
    this.isFund = fund ?? fundMode;
  }

  get value(): number {
    return this.isFund ? shareValueOf(this.#account) : this.#account.value;
  }
}
