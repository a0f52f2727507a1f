import { InputError } from '../../../model/errors.ts';
import { floorDivide } from '../../../model/floor-divide.ts';

/** What trading and holding an instrument costs, with backtrader's words and defaults. */
export interface CommissionOptions {
  /** The instrument that it is for; default: all that have none of their own. */
  readonly symbol?: string | undefined;
  /** A fraction of the traded value, a percentage of it, or quote a unit: see the next two. Default 0. */
  readonly commission?: number | undefined;
  /** `fixed`: quote a unit. Default: `fixed` with a margin, else `percent`. */
  readonly type?: 'percent' | 'fixed' | undefined;
  /** True: 0.001 is 0.1 %. False: 0.1 is. Default true. */
  readonly percentAbsolute?: boolean | undefined;
  /** True: a position costs what it is worth. False: its margin. Default: without margin true, with `type` false. */
  readonly stocklike?: boolean | undefined;
  /** Quote that a unit of a futures position keeps. */
  readonly margin?: number | undefined;
  /** The margin follows the price: times this; a negative one stands for the multiplier. Default: it does not. */
  readonly automargin?: number | undefined;
  /** What a move of the price by 1 makes of a unit, in quote; default 1. */
  readonly multiplier?: number | undefined;
  /** A long position takes this part of its worth of the cash; default 1. */
  readonly leverage?: number | undefined;
  /** Interest on short positions, a fraction a year; default 0. */
  readonly interest?: number | undefined;
  /** Long positions bear interest, too; default false. */
  readonly interestLong?: boolean | undefined;
}

/** The terms of one instrument's account; money is in quote, sizes are negative for shorts. */
export class CommissionTerms {
  readonly label: string;
  readonly stocklike: boolean;
  readonly multiplier: number;
  readonly leverage: number;
  readonly #fixed: boolean;
  /** Quote a unit, or a fraction of the traded value. */
  readonly #rate: number;
  readonly #margin: number;
  readonly #automargin: number;
  readonly #interest: number;
  readonly #interestLong: boolean;

  constructor(options: CommissionOptions) {
    const {
      commission = 0,
      margin = 0,
      automargin = 0,
      multiplier = 1,
      leverage = 1,
      interest = 0,
    } = options;
    check('commission', commission, true);
    check('margin', margin, margin >= 0);
    check('automargin', automargin, true);
    check('multiplier', multiplier, multiplier > 0);
    check('leverage', leverage, leverage > 0);
    check('interest', interest, true);
    this.stocklike = options.type === undefined ? margin === 0 : (options.stocklike ?? false);
    this.#fixed = (options.type ?? (margin === 0 ? 'percent' : 'fixed')) === 'fixed';
    this.#rate = this.#fixed || options.percentAbsolute !== false ? commission : commission / 100;
    this.#margin = this.stocklike || margin > 0 ? margin : 1;
    this.#automargin = automargin;
    this.multiplier = multiplier;
    this.leverage = leverage;
    this.#interest = interest / 365;
    this.#interestLong = options.interestLong ?? false;
    this.label = this.#label(interest);
  }

  #label(interest: number): string {
    const { leverage } = this;
    const rate = this.#rate;
    const parts = [this.#fixed ? `${rate} a unit` : `${Number((rate * 100).toPrecision(6))} %`];
    if (!this.stocklike) parts.push(`margin ${this.#automargin === 0 ? this.#margin : 'by the price'}`);
    if (this.multiplier !== 1) parts.push(`multiplier ${this.multiplier}`);
    if (leverage !== 1) parts.push(`leverage ${leverage}`);
    if (interest !== 0) parts.push(`interest ${interest} a year`);
    return parts.join(', ');
  }

  fee(size: number, price: number): number {
    const charged = Math.abs(size) * this.#rate;
    return this.#fixed ? charged : charged * price;
  }

  /** What a unit of a position keeps of the cash. */
  unit(price: number): number {
    if (this.stocklike) return price;
    if (this.#automargin === 0) return this.#margin;
    return price * (this.#automargin < 0 ? this.multiplier : this.#automargin);
  }

  /** What a position is worth as such; a short one of a stock is worth less than nothing. */
  worth(size: number, price: number): number {
    return (this.stocklike ? size : Math.abs(size)) * this.unit(price);
  }

  /** What it takes to open or to give back, whichever side it is on. */
  cost(size: number, price: number): number {
    return Math.abs(size) * this.unit(price);
  }

  /** What a short position of a stock is worth to an account that has paid for it: what it cost, and its result. */
  worthOfPosition(size: number, average: number, price: number): number {
    if (size >= 0 || !this.stocklike) return this.worth(size, price);
    return average * size + (average - price) * size;
  }

  /** The part of a worth that is taken from the cash, or given back to it. */
  levered(worth: number): number {
    return worth > 0 ? worth / this.leverage : worth;
  }

  pnl(size: number, from: number, to: number): number {
    return size * (to - from) * this.multiplier;
  }

  /** What a position settles in cash when the price moves: a future does at every bar. */
  settlement(size: number, from: number, to: number): number {
    return this.stocklike ? 0 : this.pnl(size, from, to);
  }

  /** Interest for whole days at the average price of the position. */
  interest(size: number, average: number, days: number): number {
    if (this.#interest === 0 || (size > 0 && !this.#interestLong)) return 0;
    return days * this.#interest * Math.abs(size) * average;
  }

  /** The whole units that `amount` can hold. */
  sizeFor(amount: number, price: number): number {
    return Math.trunc(this.leverage * floorDivide(amount, this.unit(price)));
  }
}

function check(name: string, value: number, valid: boolean): void {
  if (valid && Number.isFinite(value)) return;
  throw new InputError('COMMISSION_INVALID', `the ${name} was ${value}`, {
    value,
    limit: name === 'margin' ? '0 or more' : 'a finite number above 0',
    fix: `give the ${name} as a number, or leave it out`,
  });
}
