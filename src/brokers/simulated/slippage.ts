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

/**
 * Slippage that knows how far the bar went: what it would move beyond that is cut back to the bar, left there, or does
 * not fill.
 */
export interface BarSlippage {
  /** Shown in reports. */
  readonly label: string;
  /**
   * What `price` becomes; NaN when the order does not fill on this bar. `bound`: the worst price that the bar and the order
   * allow. `opening`: the price is the open. `limit`: the order has a limit.
   */
  price(side: Side, price: number, bound: number, opening: boolean, limit: boolean): number;
}

export interface BarSlippageOptions {
  /** Fills at the open slip, too; default true. */
  readonly open?: boolean;
  /** What slips beyond the bar fills at its edge, else not on this bar; default true. */
  readonly match?: boolean;
  /** The same for orders with a limit where `match` is false; default true. */
  readonly limit?: boolean;
  /** What slips beyond the bar fills there, at a price that never was; default false. */
  readonly out?: boolean;
}

/** A fraction of the price. */
export function percentBarSlippage(rate: number, options: BarSlippageOptions = {}): BarSlippage {
  checkSlippage(rate, 1, 'give it as a fraction: 0.0005 is 0.05 %');
  return barSlippage(`${Number((rate * 100).toPrecision(6))} %`, options, (side, price) =>
    side === 'buy' ? price * (1 + rate) : price * (1 - rate),
  );
}

/** An amount of quote. */
export function fixedBarSlippage(amount: number, options: BarSlippageOptions = {}): BarSlippage {
  checkSlippage(amount, Number.POSITIVE_INFINITY, 'give it in quote, above 0');
  return barSlippage(`${amount}`, options, (side, price) =>
    side === 'buy' ? price + amount : price - amount,
  );
}

function barSlippage(
  label: string,
  { open = true, match = true, limit = true, out = false }: BarSlippageOptions,
  slip: (side: Side, price: number) => number,
): BarSlippage {
  return {
    label,
    price: (side, price, bound, opening, limited) => {
      if (opening && !open) return price;
      const slipped = slip(side, price);
      if (side === 'buy' ? slipped <= bound : slipped >= bound) return slipped;
      if (!match && !(limited && limit)) return Number.NaN;
      return out ? slipped : bound;
    },
  };
}

function checkSlippage(value: number, most: number, fix: string): void {
  if (value >= 0 && value < most) return;
  throw new InputError('SLIPPAGE_INVALID', `the slippage was ${value}`, {
    value,
    limit: `0 … ${most}`,
    fix,
  });
}
