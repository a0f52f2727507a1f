import type { Account } from '../../../brokers/account.ts';
import type { RunStart } from '../analyzer.ts';

/** What an analyzer measures: the account's value, or what one share of it is worth. */
export class Worth {
  readonly isFund: boolean;
  readonly #account: Account;

  constructor({ account }: RunStart, fund: boolean | null | undefined) {
    this.#account = account;
    this.isFund = fund ?? account.fund.mode;
  }

  get value(): number {
    return this.isFund ? this.#account.fund.value : this.#account.value;
  }
}
