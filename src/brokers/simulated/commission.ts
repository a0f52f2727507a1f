import { InputError } from '../../model/errors.ts';

/** What an execution costs, in quote. */
export interface Commission {
  /** Shown in reports. */
  readonly label: string;
  fee(size: number, price: number): number;
  /** The size that `quote` buys at `price`, fee included. */
  affordable(quote: number, price: number): number;
}

/** A fraction of the traded value, taken in quote: 0.001 is 0.1 %, Binance's spot fee without discounts. */
export function percentCommission(rate: number): Commission {
  if (!(rate >= 0 && rate < 1)) {
    throw new InputError('COMMISSION_INVALID', `the commission was ${rate}`, {
      value: rate,
      limit: '0 … 1',
      fix: 'give it as a fraction: 0.001 is 0.1 %',
    });
  }
  return {
    label: `${Number((rate * 100).toPrecision(6))} %`,
    fee: (size, price) => size * price * rate,
    affordable: (quote, price) => quote / (price * (1 + rate)),
  };
}
