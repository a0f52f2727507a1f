import { InputError } from '../../model/errors.ts';

/** What an execution costs. A model that knows no difference leaves `maker` out. */
export interface Commission {
  /** Shown in reports. */
  readonly label: string;
  /** In quote. `maker`: the order rested in the book when it was filled; a market order never does. */
  fee(size: number, price: number, maker: boolean): number;
  /** The size that `quote` buys at `price`, fee included. */
  affordable(quote: number, price: number, maker: boolean): number;
}

/** A fraction of the traded value: 0.001 is 0.1 %, Binance's spot fee without discounts. */
export function percentCommission(rate: number): Commission {
  checkRate(rate, 'the commission');
  return {
    label: percent(rate),
    fee: (size, price) => size * price * rate,
    affordable: (quote, price) => quote / (price * (1 + rate)),
  };
}

/** Two fractions of the traded value: one for orders that rested in the book, one for those that took from it. */
export function makerTakerCommission({ maker, taker }: { maker: number; taker: number }): Commission {
  checkRate(maker, 'the commission of makers');
  checkRate(taker, 'the commission of takers');
  return {
    label: `maker ${percent(maker)}, taker ${percent(taker)}`,
    fee: (size, price, resting) => size * price * (resting ? maker : taker),
    affordable: (quote, price, resting) => quote / (price * (1 + (resting ? maker : taker))),
  };
}

function checkRate(rate: number, name: string): void {
  if (rate >= 0 && rate < 1) return;
  throw new InputError('COMMISSION_INVALID', `${name} was ${rate}`, {
    value: rate,
    limit: '0 … 1',
    fix: 'give it as a fraction: 0.001 is 0.1 %',
  });
}

function percent(rate: number): string {
  return `${Number((rate * 100).toPrecision(6))} %`;
}

/** An amount of quote for each base unit (share, contract). */
export function fixedCommission(amount: number): Commission {
  if (!(amount >= 0 && amount < Number.POSITIVE_INFINITY)) {
    throw new InputError('COMMISSION_INVALID', `the commission a unit was ${amount}`, {
      value: amount,
      limit: '0 or more',
      fix: 'give an amount of quote for each base unit',
    });
  }
  return {
    label: `${amount} a unit`,
    fee: size => size * amount,
    affordable: (quote, price) => quote / (price + amount),
  };
}
