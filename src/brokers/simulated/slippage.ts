import { InputError } from '../../model/errors.ts';
import type { Side } from '../../model/order.ts';

/** How much worse than the bar's price an order is filled. */
export interface Slippage {
  /** Shown in reports. */
  readonly label: string;
  price(side: Side, price: number): number;
}

/**
 * A fraction of the price, always against the trader. The result may lie outside the bar's range: a model that
 * cuts it there would fill for free on the bars where liquidity was worst.
 */
export function percentSlippage(rate: number): Slippage {
  if (!(rate >= 0 && rate < 1)) {
    throw new InputError('SLIPPAGE_INVALID', `the slippage was ${rate}`, {
      value: rate,
      limit: '0 … 1',
      fix: 'give it as a fraction: 0.0005 is 0.05 %',
    });
  }
  return {
    label: `${Number((rate * 100).toPrecision(6))} %`,
    price: (side, price) => (side === 'buy' ? price * (1 + rate) : price * (1 - rate)),
  };
}
