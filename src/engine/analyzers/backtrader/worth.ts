import type { Account } from '../../../brokers/account.ts';

/** What backtrader makes the first share cost. */
const FIRST_SHARE = 100;

/** Shares of an account that counts none. */
export function sharesOf(account: Account): number {
  return account.fund?.shares ?? account.startCash / FIRST_SHARE;
}

export function shareValueOf(account: Account): number {
  return account.fund?.value ?? account.value / sharesOf(account);
}

/** What an analyzer measures: the account's value, or what one share of it is worth. */
export class Worth {
  readonly isFund: boolean;
  readonly #account: Account;

  constructor(account: Account, fund: boolean | null | undefined) {
    this.#account = account;
    this.isFund = fund ?? account.fund?.mode ?? false;
  }

  get value(): number {
    return this.isFund ? shareValueOf(this.#account) : this.#account.value;
  }
}
