import type { RunStart } from '../analyzers/analyzer.ts';
import { FUND, type FundParameters, withDefaults } from '../analyzers/backtrader/parameters.ts';
import { Worth } from '../analyzers/backtrader/worth.ts';
import type { Observer } from './observer.ts';

/** Broker: cash and value. Where the worth of a share is told, there is no cash. */
export class Broker implements Observer {
  readonly name = 'Broker';
  readonly #p;
  #start!: RunStart;
  #worth!: Worth;

  constructor(parameters: FundParameters = {}) {
    this.#p = withDefaults('Broker', FUND, parameters);
  }

  begin(start: RunStart): readonly string[] {
    this.#start = start;
    this.#worth = new Worth(start, this.#p.fund);
    return ['cash', 'value'];
  }

  step(values: Float64Array): void {
    if (!this.#worth.isFund) values[0] = this.#start.account.cash;
    values[1] = this.#worth.value;
  }
}

/** Cash: the account's cash. */
export class Cash implements Observer {
  readonly name = 'Cash';
  #start!: RunStart;

  begin(start: RunStart): readonly string[] {
    this.#start = start;
    return ['cash'];
  }

  step(values: Float64Array): void {
    values[0] = this.#start.account.cash;
  }
}

/** Value: the account's value, or the worth of a share. */
export class Value implements Observer {
  readonly name = 'Value';
  readonly #p;
  #worth!: Worth;

  constructor(parameters: FundParameters = {}) {
    this.#p = withDefaults('Value', FUND, parameters);
  }

  begin(start: RunStart): readonly string[] {
    this.#worth = new Worth(start, this.#p.fund);
    return ['value'];
  }

  step(values: Float64Array): void {
    values[0] = this.#worth.value;
  }
}

/** FundValue: what one share of the account is worth. */
export class FundValue implements Observer {
  readonly name = 'FundValue';
  #start!: RunStart;

  begin(start: RunStart): readonly string[] {
    this.#start = start;
    return ['fundval'];
  }

  step(values: Float64Array): void {
    values[0] = this.#start.account.fund.value;
  }
}

/** FundShares: how many shares there are. */
export class FundShares implements Observer {
  readonly name = 'FundShares';
  #start!: RunStart;

  begin(start: RunStart): readonly string[] {
    this.#start = start;
    return ['fundshares'];
  }

  step(values: Float64Array): void {
    values[0] = this.#start.account.fund.shares;
  }
}
