import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Account, Fund } from './account.ts';
import { FillTable } from './fills.ts';
import { Reserve } from './reserve.ts';
import { TradeBook } from './trades.ts';

const CASH = 0;
const FEES = 1;
const TURNOVER = 2;
const SHARES = 3;
const FUNDING = 4;
/** What a share of the fund is worth at the start, in quote. */
const FIRST_SHARE = 100;

/**
 * The session's account: cash, positions at average cost, marks, fees. Amounts are in quote, sizes in base units
 * and negative for shorts. Both kinds of broker keep it by telling it their fills.
 */
export class Ledger implements Account {
  readonly linear = true;
  readonly instruments: readonly Instrument[];
  readonly startCash: number;
  /** Sizes of the positions, one an instrument. */
  readonly sizes: Float64Array;
  /** Average entry prices; NaN when flat. */
  readonly averages: Float64Array;
  /** The last known close of each instrument; NaN before its first bar. */
  readonly marks: Float64Array;
  readonly trades: TradeBook;
  readonly fills: FillTable;
  /** How many instruments hold a position. */
  openPositions = 0;
  /** Cash that resting orders to buy on spot keep for themselves. */
  readonly reservedCash = new Reserve();
  /** Base units of each instrument that resting orders to sell on spot keep for themselves. */
  readonly reservedSizes: readonly Reserve[];
  /** Cash, fees, turnover, shares, funding: an array, because numbers in fields are boxed when they change. */
  readonly #totals: Float64Array;
  readonly fund: Fund;

  constructor(instruments: readonly Instrument[], startCash: number, arrays: Arrays = NEW_ARRAYS) {
    this.fills = new FillTable(arrays);
    this.instruments = instruments;
    this.startCash = startCash;
    this.#totals = Float64Array.of(startCash, 0, 0, startCash / FIRST_SHARE, 0);
    this.fund = this.#asFund();
    this.sizes = new Float64Array(instruments.length);
    this.averages = new Float64Array(instruments.length).fill(Number.NaN);
    this.marks = new Float64Array(instruments.length).fill(Number.NaN);
    this.reservedSizes = instruments.map(() => new Reserve());
    this.trades = new TradeBook(instruments, this.fills, this.averages, arrays);
  }

  /** All cash, whatever is reserved of it. */
  get cash(): number {
    return this.#totals[CASH];
  }

  /** Cash that no resting order has reserved: what a new order may spend. */
  get freeCash(): number {
    return this.#totals[CASH] - this.reservedCash.total;
  }

  /** Base units held that no resting order has reserved; negative for a short. */
  freeSize(instrument: number): number {
    return this.sizes[instrument] - this.reservedSizes[instrument].total;
  }

  /** Commissions paid so far. */
  get fees(): number {
    return this.#totals[FEES];
  }

  /** Sum of |size × price| over all fills. */
  get turnover(): number {
    return this.#totals[TURNOVER];
  }

  /** Funding paid so far, less what was received. */
  get funding(): number {
    return this.#totals[FUNDING];
  }

  /** Cash and all positions at their marks. */
  get value(): number {
    return this.valuation();
  }

  /** The same as {@link value}; V8 inlines a method into the hot loop where it would call a getter. */
  valuation(): number {
    const { sizes, marks } = this;
    let value = this.#totals[CASH];
    if (this.openPositions !== 0) {
      for (let i = 0; i < sizes.length; i++) if (sizes[i] !== 0) value += sizes[i] * marks[i];
    }
    return value;
  }

  /** The same with one instrument at `price` instead of its mark, which may be older or not be there yet. */
  valuationAt(instrument: number, price: number): number {
    const { sizes, marks } = this;
    let value = this.#totals[CASH];
    for (let i = 0; i < sizes.length; i++) {
      if (sizes[i] !== 0) value += sizes[i] * (i === instrument ? price : marks[i]);
    }
    return value;
  }

  /** What the positions in all other instruments are worth at their marks, shorts counted as positive. */
  exposureWithout(instrument: number): number {
    const { sizes, marks } = this;
    let exposure = 0;
    for (let i = 0; i < sizes.length; i++) {
      if (i !== instrument && sizes[i] !== 0) exposure += Math.abs(sizes[i]) * marks[i];
    }
    return exposure;
  }

  /** Adds cash, or takes it off if `amount` is negative. */
  deposit(amount: number): void {
    this.#totals[SHARES] += amount / this.fund.value;
    this.#totals[CASH] += amount;
  }

  #asFund(): Fund {
    const totals = this.#totals;
    const valuation = () => this.valuation();
    return {
      mode: false,
      get shares() {
        return totals[SHARES];
      },
      get value() {
        return valuation() / totals[SHARES];
      },
    };
  }

  /** Pays funding from the cash, or receives it if `amount` is negative. */
  payFunding(amount: number): void {
    this.#totals[CASH] -= amount;
    this.#totals[FUNDING] += amount;
  }

  /** Books fill number `row` of the table; `bar` is the matching feed's bar number, `tag` the order's. */
  book(row: number, bar: number, tag: string): void {
    const { fills, sizes, averages } = this;
    const instrument = fills.instrument(row);
    const size = fills.size(row);
    const price = fills.price(row);
    const fee = fills.fee(row);
    const before = sizes[instrument];
    const after = before + size;
    this.trades.book(row, before, bar, tag);
    const totals = this.#totals;
    totals[CASH] -= size * price + fee;
    totals[FEES] += fee;
    totals[TURNOVER] += Math.abs(size) * price;
    sizes[instrument] = after;
    if (after === 0) averages[instrument] = Number.NaN;
    else if (before === 0 || before > 0 !== after > 0) averages[instrument] = price;
    else if (before > 0 === size > 0) {
      averages[instrument] = (averages[instrument] * before + price * size) / after;
    }
    this.openPositions += (after === 0 ? 0 : 1) - (before === 0 ? 0 : 1);
  }
}
