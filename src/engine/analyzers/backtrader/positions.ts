import type { Analyzer, RunStart } from '../analyzer.ts';
import {
  FUND,
  type FundParameters,
  PERIODS,
  type PeriodParameters,
  type TimeFrame,
  withDefaults,
} from './parameters.ts';
import { isDaily, isoDate, isoTime, Periods } from './periods.ts';
import { type ByPeriod, TimeReturn } from './returns.ts';
import { Worth } from './worth.ts';

/**
 * GrossLeverage: the share of the value that is not in cash, by step, as the account is when it is told: before the strategy
 * acts, which may bring cash in.
 */
export class GrossLeverage implements Analyzer<ByPeriod> {
  readonly #p;
  readonly #leverages: ByPeriod = {};
  #start!: RunStart;
  #worth!: Worth;
  #leverage = 0;

  constructor(parameters: FundParameters = {}) {
    this.#p = withDefaults('GrossLeverage', FUND, parameters);
  }

  begin(start: RunStart): void {
    this.#start = start;
    this.#worth = new Worth(start, this.#p.fund);
  }

  told(): void {
    const { value } = this.#worth;
    this.#leverage = value === 0 ? 0 : (value - this.#start.account.cash) / value;
  }

  step(): void {
    const { closeTime } = this.#start.datas[0].bar;
    // A step before the first data's first bar has no moment of its own.
    if (!Number.isNaN(closeTime)) this.#leverages[isoTime(closeTime)] = this.#leverage;
  }

  end(): ByPeriod {
    return this.#leverages;
  }
}

export interface PositionsValueParameters {
  /** Begin with the names, under the key `Datetime`. */
  readonly headers?: boolean | undefined;
  /** Add the account's cash to each row. */
  readonly cash?: boolean | undefined;
}

/** What the datas are called: by their symbols, and by symbol and interval where several have the same. */
export function namesOf({ account, datas, instruments }: RunStart): string[] {
  return instruments.map((instrument, i) =>
    instruments.indexOf(instrument) === instruments.lastIndexOf(instrument)
      ? account.instruments[instrument].symbol
      : datas[i].name,
  );
}

/** The instruments by data: each at the first of its datas, where its position is told. */
function holders({ instruments }: RunStart): (number | undefined)[] {
  return instruments.map((instrument, i) => (instruments.indexOf(instrument) === i ? instrument : undefined));
}

/**
 * PositionsValue: what the position on each data is worth, by step; by date where the first data's bars are days or
 * longer. A position in an instrument with several datas is told at the first of them.
 */
export class PositionsValue implements Analyzer<Record<string, (number | string)[]>> {
  readonly #p;
  readonly #rows: Record<string, (number | string)[]> = {};
  #start!: RunStart;
  #holders: (number | undefined)[] = [];
  #byDate = false;

  constructor(parameters: PositionsValueParameters = {}) {
    this.#p = withDefaults('PositionsValue', { headers: false, cash: false }, parameters);
  }

  begin(start: RunStart): void {
    this.#start = start;
    this.#holders = holders(start);
    this.#byDate = isDaily(new Periods(start, {}).timeframe);
    const { headers, cash } = this.#p;
    if (headers) this.#rows.Datetime = [...namesOf(start), ...(cash ? ['cash'] : [])];
  }

  step(time: number): void {
    const { account, midnight, positionValue } = this.#start;
    const row = this.#holders.map(instrument => (instrument === undefined ? 0 : positionValue(instrument)));
    if (this.#p.cash) row.push(account.cash + (account.pendingCash ?? 0));
    const key = this.#byDate ? isoDate(midnight === 'ends' ? time - 1 : time) : isoTime(time);
    this.#rows[key] = row;
  }

  end(): Record<string, (number | string)[]> {
    return this.#rows;
  }
}

/** Size (negative for a sale), price, number and name of the data, and what it brought in: quote, negative when bought. */
export type Transaction = [amount: number, price: number, sid: number, symbol: string, value: number];

export interface TransactionsParameters {
  /** Begin with the names of the columns, under the key `date`. */
  readonly headers?: boolean | undefined;
}

/**
 * Transactions: by step, what its fills came to on each data: their net size, at the average price of a position that
 * they would build from nothing.
 */
export class Transactions implements Analyzer<Record<string, (Transaction | string[])[]>> {
  readonly #p;
  readonly #rows: Record<string, (Transaction | string[])[]> = {};
  #start!: RunStart;
  #holders: (number | undefined)[] = [];
  #names: readonly string[] = [];
  /** Fills seen so far. */
  #seen = 0;

  constructor(parameters: TransactionsParameters = {}) {
    this.#p = withDefaults('Transactions', { headers: false }, parameters);
  }

  begin(start: RunStart): void {
    this.#start = start;
    this.#holders = holders(start);
    this.#names = namesOf(start);
    this.#seen = start.account.fills.length;
    if (this.#p.headers) this.#rows.date = [['amount', 'price', 'sid', 'symbol', 'value']];
  }

  step(time: number): void {
    const { account } = this.#start;
    const { fills } = account;
    if (fills.length === this.#seen) return;
    const sizes = new Map<number, number>();
    const prices = new Map<number, number>();
    for (; this.#seen < fills.length; this.#seen++) {
      const instrument = fills.instrument(this.#seen);
      const held = sizes.get(instrument) ?? 0;
      const size = fills.size(this.#seen);
      const price = fills.price(this.#seen);
      prices.set(instrument, averagePrice(held, prices.get(instrument) ?? 0, size, price));
      sizes.set(instrument, held + size);
    }
    const row: Transaction[] = [];
    for (const [i, instrument] of this.#holders.entries()) {
      if (instrument === undefined) continue;
      const size = sizes.get(instrument) ?? 0;
      const price = prices.get(instrument) ?? 0;
      if (size !== 0) row.push([size, price, i, this.#names[i], -size * price]);
    }
    if (row.length > 0) this.#rows[isoTime(time)] = row;
  }

  end(): Record<string, (Transaction | string[])[]> {
    return this.#rows;
  }
}

/** The average price of a position of `held` at `average` after `size` more at `price`. */
function averagePrice(held: number, average: number, size: number, price: number): number {
  const after = held + size;
  if (held === 0 || (after !== 0 && after > 0 !== held > 0)) return price;
  if (after === 0) return 0;
  return held > 0 === size > 0 ? (average * held + size * price) / after : average;
}

export interface PyFolioResult {
  readonly returns: ByPeriod;
  readonly positions: Record<string, (number | string)[]>;
  readonly transactions: Record<string, (Transaction | string[])[]>;
  readonly gross_lev: ByPeriod;
}

/** PyFolio: TimeReturn, PositionsValue, Transactions and GrossLeverage together, as that library reads them. */
export class PyFolio implements Analyzer<PyFolioResult> {
  readonly #returns: TimeReturn;
  readonly #positions = new PositionsValue({ headers: true, cash: true });
  readonly #transactions = new Transactions({ headers: true });
  readonly #leverage = new GrossLeverage();

  constructor(parameters: Omit<PeriodParameters, '_doprenext'> = {}) {
    const defaults = { ...PERIODS, timeframe: 'Days' as TimeFrame | null, compression: 1 as number | null };
    const { timeframe, compression } = withDefaults('PyFolio', defaults, parameters);
    this.#returns = new TimeReturn({ timeframe, compression });
  }

  begin(start: RunStart): void {
    for (const part of [this.#returns, this.#positions, this.#transactions, this.#leverage])
      part.begin(start);
  }

  told(): void {
    this.#leverage.told();
  }

  step(time: number, ready: boolean): void {
    this.#returns.step(time, ready);
    this.#positions.step(time);
    this.#transactions.step(time);
    this.#leverage.step();
  }

  end(): PyFolioResult {
    return {
      returns: this.#returns.end(),
      positions: this.#positions.end(),
      transactions: this.#transactions.end(),
      gross_lev: this.#leverage.end(),
    };
  }
}
