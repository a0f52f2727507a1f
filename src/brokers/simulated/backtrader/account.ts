import type { Instrument } from '../../../model/instrument.ts';
import type { Account, Fund } from '../../account.ts';
import { FillTable } from '../../fills.ts';
import { TradeBook } from '../../trades.ts';
import { type Division, Executions } from './executions.ts';
import type { CommissionTerms } from './terms.ts';
import { dayStart } from './working-order.ts';

const CASH = 0;
const FEES = 1;
const TURNOVER = 2;
const VALUE = 3;
const FUND_SHARES = 4;
const FUND_VALUE = 5;

export interface AccountOptions {
  readonly instruments: readonly Instrument[];
  readonly cash: number;
  readonly terms: readonly CommissionTerms[];
  readonly shortCash: boolean;
  readonly interestToResult: boolean;
  readonly fundStart: number;
  readonly fundMode: boolean;
}

/**
 * backtrader's account: cash, positions at average cost, futures that settle at every bar, interest, and a fund whose
 * shares are made and taken back as cash comes and goes. The value is that of the last step.
 */
export class BacktraderAccount implements Account {
  readonly linear = false;
  readonly instruments: readonly Instrument[];
  readonly startCash: number;
  readonly sizes: Float64Array;
  readonly averages: Float64Array;
  readonly marks: Float64Array;
  readonly fills = new FillTable();
  readonly trades: TradeBook;
  /** How each fill divided into closing and opening: row `n` belongs to fill `n`. */
  readonly executions = new Executions();
  readonly fund: Fund;
  openPositions = 0;
  readonly #terms: readonly CommissionTerms[];
  readonly #shortCash: boolean;
  readonly #interestToResult: boolean;
  /** An array, because numbers in fields are boxed when they change. */
  readonly #totals: Float64Array;
  /** Prices at which the positions in futures were last settled. */
  readonly #settled: Float64Array;
  /** The days, as their first ms, up to which interest was charged. */
  readonly #charged: Float64Array;
  /** Interest charged since the last fill that closed something. */
  readonly #interest: Float64Array;
  readonly #deposits: number[] = [];
  /** Filled in anew for each fill. */
  readonly #division: Division = {
    closed: 0,
    opened: 0,
    closedValue: 0,
    openedValue: 0,
    closedFee: 0,
    openedFee: 0,
    pnl: 0,
    positionSize: 0,
    positionPrice: 0,
  };

  constructor(options: AccountOptions) {
    const { instruments, cash, fundStart } = options;
    this.instruments = instruments;
    this.startCash = cash;
    this.#terms = options.terms;
    this.#shortCash = options.shortCash;
    this.#interestToResult = options.interestToResult;
    this.#totals = Float64Array.of(cash, 0, 0, cash, cash / fundStart, fundStart);
    const totals = this.#totals;
    this.fund = {
      mode: options.fundMode,
      get shares() {
        return totals[FUND_SHARES];
      },
      get value() {
        return totals[FUND_VALUE];
      },
    };
    const { length } = instruments;
    this.sizes = new Float64Array(length);
    this.averages = new Float64Array(length).fill(Number.NaN);
    this.marks = new Float64Array(length).fill(Number.NaN);
    this.#settled = new Float64Array(length);
    this.#charged = new Float64Array(length);
    this.#interest = new Float64Array(length);
    this.trades = new TradeBook(instruments, this.fills, this.averages);
  }

  get cash(): number {
    return this.#totals[CASH];
  }

  get freeCash(): number {
    return this.#totals[CASH];
  }

  freeSize(instrument: number): number {
    return this.sizes[instrument];
  }

  get fees(): number {
    return this.#totals[FEES];
  }

  /** There is none here: interest is part of the cash. */
  readonly funding = 0;

  get turnover(): number {
    return this.#totals[TURNOVER];
  }

  /** Cash and positions at the end of the last step. */
  get value(): number {
    return this.#totals[VALUE];
  }

  get pendingCash(): number {
    let sum = 0;
    for (const amount of this.#deposits) sum += amount;
    return sum;
  }

  /** Cash that comes in, or goes, when the account is valued next. */
  deposit(amount: number): void {
    this.#deposits.push(amount);
  }

  /**
   * Books an execution of `size` base units (negative for a sale) as far as the cash allows: what it closes always, what
   * it opens only if that leaves the cash at 0 or more. Returns the division; `opened` is 0 for what could not be paid.
   */
  execute(instrument: number, size: number, price: number): Division {
    const terms = this.#terms[instrument];
    const totals = this.#totals;
    const division = this.#division;
    const held = this.sizes[instrument];
    const average = this.averages[instrument];
    divide(division, held, average, size, price);
    const { closed, opened } = division;
    let cash = totals[CASH];
    division.pnl = 0;
    division.closedValue = 0;
    division.closedFee = 0;
    if (closed !== 0) {
      const worth = this.#worth(terms, -closed, closed, average);
      division.pnl = terms.pnl(-closed, average, price);
      cash += terms.levered(worth) + (terms.stocklike ? division.pnl : 0);
      division.closedFee = terms.fee(closed, price);
      cash -= division.closedFee;
      cash += terms.settlement(-closed, this.#settled[instrument], price);
      division.closedValue = worth;
      totals[CASH] = cash;
    }
    division.openedValue = 0;
    division.openedFee = 0;
    if (opened !== 0) {
      const worth = this.#worth(terms, opened, opened, price);
      const fee = terms.fee(opened, price);
      cash -= terms.levered(worth);
      cash -= fee;
      if (cash < 0) division.opened = 0;
      else {
        division.openedValue = worth;
        division.openedFee = fee;
        // What was held before is settled at the price of what comes to it, so that both have one base.
        const before = division.positionSize - opened;
        if (Math.abs(division.positionSize) > Math.abs(opened))
          cash += terms.settlement(before, this.#settled[instrument], price);
        this.#settled[instrument] = price;
        totals[CASH] = cash;
      }
    }
    return division;
  }

  /** What the position is worth of which `held` is a part that `ordered` base units open or close. */
  #worth(terms: CommissionTerms, held: number, ordered: number, price: number): number {
    return this.#shortCash ? terms.worth(held, price) : terms.cost(ordered, price);
  }

  /**
   * Enters the division that {@link execute} returned last as a fill. `time`: of the fill; `now`: of the instrument's last
   * bar; `number`: of the trade.
   */
  book(
    orderId: number,
    instrument: number,
    price: number,
    time: number,
    now: number,
    bar: number,
    number: number,
    tag: string,
  ): void {
    const division = this.#division;
    const { sizes, averages } = this;
    const size = division.closed + division.opened;
    const held = sizes[instrument];
    const after = held + size;
    if (division.closed !== 0 && this.#interestToResult) {
      division.closedFee += this.#interest[instrument];
      this.#interest[instrument] = 0;
    }
    const fee = division.closedFee + division.openedFee;
    const totals = this.#totals;
    totals[FEES] += fee;
    totals[TURNOVER] += Math.abs(size) * price;
    this.#charged[instrument] = dayStart(now);
    const row = this.fills.add(orderId, instrument, size, price, fee, time, false, false);
    this.executions.add(division);
    this.trades.bookDivided(row, number, division, this.#terms[instrument].multiplier, now, bar, tag);
    sizes[instrument] = after;
    if (after === 0) averages[instrument] = Number.NaN;
    else if (division.opened !== 0) averages[instrument] = division.positionPrice;
    this.openPositions += (after === 0 ? 0 : 1) - (held === 0 ? 0 : 1);
  }

  /** Takes interest for the days since it was taken last; `time`: the time of the instrument's last bar. */
  chargeInterest(instrument: number, time: number): number {
    const size = this.sizes[instrument];
    if (size === 0) return 0;
    const today = dayStart(time);
    const days = Math.round((today - this.#charged[instrument]) / 86_400_000);
    this.#charged[instrument] = today;
    if (!(days > 0)) return 0;
    const interest = this.#terms[instrument].interest(size, this.averages[instrument], days);
    this.#interest[instrument] += interest;
    return interest;
  }

  withdraw(amount: number): void {
    this.#totals[CASH] -= amount;
  }

  /** Settles a position in futures at the close of the bar. */
  settle(instrument: number, close: number): void {
    const size = this.sizes[instrument];
    if (size === 0) return;
    this.#totals[CASH] += this.#terms[instrument].settlement(size, this.#settled[instrument], close);
    this.#settled[instrument] = close;
  }

  /** What `size` base units are worth as such at `price`; futures are worth their margin. */
  worth(instrument: number, size: number, price: number): number {
    return this.#terms[instrument].worth(size, price);
  }

  /** What the position in an instrument is worth at `price`. */
  valueOf(instrument: number, price: number): number {
    const size = this.sizes[instrument];
    if (size === 0) return 0;
    const terms = this.#terms[instrument];
    if (this.#shortCash) return terms.worth(size, price);
    return terms.worthOfPosition(size, this.averages[instrument], price);
  }

  /** Lets in the cash that waits: it buys shares of the fund at their last value. */
  takeDeposits(): void {
    const totals = this.#totals;
    for (const amount of this.#deposits.splice(0)) {
      totals[FUND_SHARES] += amount / totals[FUND_VALUE];
      totals[CASH] += amount;
    }
  }

  /** Values the account at these closes, one an instrument. */
  revalue(closeOf: (instrument: number) => number): void {
    if (this.#deposits.length > 0) this.takeDeposits();
    const totals = this.#totals;
    let positions = 0;
    for (let i = 0; i < this.sizes.length; i++) {
      const size = this.sizes[i];
      if (size === 0) continue;
      const terms = this.#terms[i];
      const close = closeOf(i);
      const worth = this.valueOf(i, close);
      const value = this.#shortCash ? worth : Math.abs(worth);
      const pnl = value > 0 ? terms.pnl(size, this.averages[i], close) : 0;
      // What was paid for the position without the lender's part, then its result.
      positions += value > 0 ? (value - pnl) / terms.leverage : value;
      positions += pnl;
    }
    totals[VALUE] = totals[CASH] + positions;
    totals[FUND_VALUE] = totals[VALUE] / totals[FUND_SHARES];
  }
}

/** Splits an order into what it closes and what it opens, and says what position it leads to. */
export function divide(
  division: Pick<Division, 'closed' | 'opened' | 'positionSize' | 'positionPrice'>,
  held: number,
  average: number,
  size: number,
  price: number,
): void {
  const after = held + size;
  const reverses = after !== 0 && held !== 0 && after > 0 !== held > 0;
  const adds = held === 0 || held > 0 === size > 0;
  division.positionSize = after;
  if (reverses) {
    division.closed = -held;
    division.opened = after;
    division.positionPrice = price;
  } else if (adds) {
    division.closed = 0;
    division.opened = size;
    division.positionPrice = held === 0 ? price : (average * held + size * price) / after;
  } else {
    division.closed = size;
    division.opened = 0;
    division.positionPrice = after === 0 ? 0 : average;
  }
}
