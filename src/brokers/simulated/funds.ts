import { InputError } from '../../model/errors.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { Commission } from './commission.ts';
import { refusal } from './refusal.ts';

/** What a purchase's fee is taken in; a sale's is always taken in quote. */
export type FeeAsset = 'quote' | 'base';

/** What rounding may take, relative: far below any exchange's step. */
export const ROUNDING = 1e-12;

/** What fills cost, and whether the account can bear them. */
export class Funds {
  readonly #ledger: Ledger;
  readonly #commission: Commission;
  readonly #feeIn: FeeAsset;
  readonly #leverage: number;

  /** `leverage`: of perpetuals. */
  constructor(ledger: Ledger, commission: Commission, feeIn: FeeAsset, leverage = 1) {
    this.#ledger = ledger;
    this.#commission = commission;
    this.#feeIn = feeIn;
    this.#leverage = leverage;
  }

  /** The fee of a fill, in quote. */
  fee(size: number, price: number, maker: boolean): number {
    return this.#commission.fee(size, price, maker);
  }

  /** True when the fee is taken off what was bought, as spot exchanges do. */
  takesBase(instrument: number, buys: boolean): boolean {
    return this.#feeIn === 'base' && buys && this.#ledger.instruments[instrument].market === 'spot';
  }

  /** What a purchase takes from the cash, in quote, by what {@link Ledger.book} will compute. */
  cost(size: number, price: number, fee: number, inBase: boolean): number {
    return (inBase ? size - fee / price : size) * price + fee;
  }

  /** What a limit order to buy has to keep, whichever way it will be filled. */
  mostCost(size: number, limit: number, inBase: boolean): number {
    return Math.max(
      this.cost(size, limit, this.fee(size, limit, true), inBase),
      this.cost(size, limit, this.fee(size, limit, false), inBase),
    );
  }

  /** The size that `quote` buys with its fee, made smaller until rounding cannot overdraw it. */
  affordable(quote: number, price: number, maker: boolean, inBase: boolean): number {
    const commission = this.#commission;
    const affordable = inBase ? quote / price : commission.affordable(quote, price, maker);
    let size = affordable;
    while (this.cost(size, price, commission.fee(size, price, maker), inBase) > quote) {
      size *= 1 - Number.EPSILON;
      if (size < affordable * (1 - ROUNDING)) {
        const cost = affordable * price + commission.fee(affordable, price, maker);
        throw new InputError(
          'COMMISSION_INCONSISTENT',
          `the commission "${commission.label}" says that ${quote} buys ${affordable} at ${price}, with its fee that costs ${cost}`,
          { value: cost, limit: quote, fix: 'let affordable() leave room for what fee() takes' },
        );
      }
    }
    return size;
  }

  /**
   * Why the account cannot bear a fill that moves the position by `size` base units (negative for a sale), if so. `slack`:
   * what may be missing, as a share of all cash.
   */
  refuse(instrument: number, size: number, price: number, fee: number, slack = 0): OrderReason | undefined {
    const ledger = this.#ledger;
    const { market, base, quote } = ledger.instruments[instrument];
    if (market === 'spot') {
      if (size < 0) return this.refuseSale(instrument, -size);
      const cost = size * price + fee;
      const free = ledger.freeCash;
      if (cost <= free || cost <= free + slack * ledger.cash) return undefined;
      return insufficientCash(`buying ${size} ${base} at ${price} costs ${cost} with fees`, ledger, quote);
    }
    // All positions together may be worth at most what the account is, times the leverage.
    const held = ledger.sizes[instrument];
    const after = held + size;
    const equity = ledger.valuationAt(instrument, price) - fee;
    const exposure = ledger.exposureWithout(instrument) + Math.abs(after) * price;
    if (Math.abs(after) > Math.abs(held) && exposure > equity * this.#leverage * (1 + ROUNDING)) {
      const times = this.#leverage === 1 ? '' : `, with leverage ${equity * this.#leverage}`;
      return refusal(
        'INSUFFICIENT_CASH',
        `with ${after} ${base} at ${price} all positions are worth ${exposure} ${quote}, the account ${equity}${times}`,
        'order less',
      );
    }
    return undefined;
  }

  /** Why a sale of `size` base units is not covered by what is free of the position, if so. */
  refuseSale(instrument: number, size: number): OrderReason | undefined {
    const ledger = this.#ledger;
    const held = ledger.sizes[instrument];
    const free = ledger.freeSize(instrument);
    if (size - free <= ROUNDING * held) return undefined;
    const { base } = ledger.instruments[instrument];
    const reserved = ledger.reservedSizes[instrument].total;
    if (reserved === 0) {
      return refusal(
        'SPOT_SHORT',
        `selling ${size} ${base} with ${held} held would be a short, which spot does not have`,
        `sell at most ${held}, or run with market: 'usdm'`,
      );
    }
    return refusal(
      'SPOT_SHORT',
      `selling ${size} ${base} with ${held} held, ${reserved} of it reserved by resting orders, would be a short`,
      'cancel a resting order before selling what it reserves',
    );
  }

  /** Why `cost` cannot be reserved for a limit order to buy `size`, if so. */
  refusePurchase(instrument: number, size: number, limit: number, cost: number): OrderReason | undefined {
    const ledger = this.#ledger;
    if (cost <= ledger.freeCash) return undefined;
    const { base, quote } = ledger.instruments[instrument];
    return insufficientCash(`buying ${size} ${base} at ${limit} may cost ${cost} with fees`, ledger, quote);
  }
}

function insufficientCash(problem: string, ledger: Ledger, quote: string): OrderReason {
  const reserved = ledger.reservedCash.total;
  const rest = reserved === 0 ? '' : `, ${reserved} is reserved by resting orders`;
  return refusal(
    'INSUFFICIENT_CASH',
    `${problem}, ${ledger.freeCash} ${quote} is free${rest}`,
    'order less, or size in quote: buy({ quote })',
  );
}
