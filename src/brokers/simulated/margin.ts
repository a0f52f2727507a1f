import { InputError } from '../../model/errors.ts';
import type { Ledger } from '../ledger.ts';
import { Funding, type FundingTerms } from './funding.ts';

/** The terms of perpetuals; on spot they mean nothing. */
export interface MarginOptions {
  /** Positions may be worth this many times the account; default 1. */
  readonly leverage?: number | undefined;
  /** The account must keep this share of what its positions are worth, as a fraction; default 0.005. */
  readonly maintenance?: number | undefined;
  /** Of a liquidated position's value, as a fraction; default 0.005. */
  readonly liquidationFee?: number | undefined;
  /** Default: none. */
  readonly funding?: FundingTerms | undefined;
}

/** The most that an exchange lends: 125 times, on Binance. */
const MOST_LEVERAGE = 125;

/** Margin of perpetuals: cross, on one account, at one rate whatever the size of a position. */
export class Margin {
  readonly leverage: number;
  readonly maintenance: number;
  readonly liquidationFee: number;
  readonly funding: Funding | undefined;
  /** In reports. */
  readonly label: string;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger, options: MarginOptions) {
    const { leverage = 1, maintenance = 0.005, liquidationFee = 0.005, funding } = options;
    check('LEVERAGE_INVALID', 'leverage', leverage, leverage >= 1 && leverage <= MOST_LEVERAGE, '1 … 125');
    const least = 1 / leverage;
    check(
      'MAINTENANCE_INVALID',
      'maintenance margin rate',
      maintenance,
      maintenance >= 0 && maintenance < least,
      `0 … 1 ÷ leverage = ${least}`,
    );
    check(
      'LIQUIDATION_FEE_INVALID',
      'liquidation fee',
      liquidationFee,
      liquidationFee >= 0 && liquidationFee < 1,
      '0 … 1',
    );
    this.#ledger = ledger;
    this.leverage = leverage;
    this.maintenance = maintenance;
    this.liquidationFee = liquidationFee;
    this.funding = funding === undefined ? undefined : new Funding(ledger, funding);
    const parts = [`leverage ${leverage}`, `maintenance ${percent(maintenance)}`];
    parts.push(`liquidation fee ${percent(liquidationFee)}`);
    if (this.funding !== undefined) parts.push(`funding ${this.funding.label}`);
    this.label = parts.join(', ');
  }

  /**
   * The price of an instrument, its other positions at their marks, at which the account is worth no more than the margin
   * that must be kept. NaN without a position, and where no price above 0 is.
   */
  liquidationPrice(instrument: number): number {
    const { sizes, marks } = this.#ledger;
    const size = sizes[instrument];
    if (size === 0) return Number.NaN;
    let rest = this.#ledger.cash;
    for (let i = 0; i < sizes.length; i++) {
      if (i === instrument || sizes[i] === 0) continue;
      rest += sizes[i] * marks[i] - Math.abs(sizes[i]) * marks[i] * this.maintenance;
    }
    // rest + size × price = maintenance × |size| × price
    const price = rest / (Math.abs(size) * this.maintenance - size);
    return price > 0 ? price : size < 0 ? Number.MIN_VALUE : Number.NaN;
  }

  /** The price at which nothing is left of the account. */
  bankruptcyPrice(instrument: number): number {
    const { sizes, marks } = this.#ledger;
    return (
      (marks[instrument] * sizes[instrument] - this.#ledger.valuationAt(instrument, marks[instrument])) /
      sizes[instrument]
    );
  }
}

function check(code: string, name: string, value: number, good: boolean, limit: string): void {
  if (good) return;
  const fix = name === 'leverage' ? `give a factor, ${limit}` : `give a fraction, ${limit}: 0.005 is 0.5 %`;
  throw new InputError(code, `the ${name} was ${value}`, { value, limit, fix });
}

function percent(rate: number): string {
  return `${Number((rate * 100).toPrecision(6))} %`;
}
