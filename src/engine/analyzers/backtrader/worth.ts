import type { Account } from '../../../brokers/account.ts';

/** What an analyzer measures: the account's value, or what one share of it is worth. */
export class Worth {
  readonly isFund: boolean;
  readonly #account: Account;

  constructor(account: Account, fund: boolean | null | undefined) {
    this.#account = account;
    this.isFund = fund ?? account.fundMode ?? false;
  }

  get value(): number {
    return this.isFund ? this.#account.fundValue : this.#account.value;
  }
}
