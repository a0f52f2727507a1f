import { InputError } from '../../model/errors.ts';
import { isAgainst, type Sizer, type SizerInput } from './sizer.ts';

/** The least share of the account that is worth an order. */
const DUST = 1e-9;

/** `percent` of the account's value, at most the free cash; against a position, the whole of it. */
export function percentOfValue(percent: number): Sizer {
  checkPercent(percent, 100);
  const opening = (input: SizerInput) => {
    const amount = (input.value * percent) / 100;
    const free = input.instrument.market === 'spot' ? Math.min(amount, input.cash) : amount;
    // What rounding left of the cash after an all-in order is nothing to order with.
    return free > DUST * input.value ? free : 0;
  };
  return {
    label: percent === 100 ? 'all in' : `${percent} % of value`,
    size: input => (isAgainst(input) ? { size: Math.abs(input.position) } : { quote: opening(input) }),
  };
}

/** Everything there is. */
export function allIn(): Sizer {
  return percentOfValue(100);
}

export interface PercentOfCashOptions {
  /** Whole units only, rounded towards 0; default false. */
  readonly whole?: boolean;
}

/**
 * The units that `percent` of the cash buys at the last close, fees not counted; with a position open, as many units as it
 * has, whatever the side of the order. 100 % of the cash pays for no commission, and for no open above the last close.
 */
export function percentOfCash(percent: number, { whole = false }: PercentOfCashOptions = {}): Sizer {
  checkPercent(percent, Number.POSITIVE_INFINITY);
  return {
    label: `${percent} % of cash${whole ? ', whole units' : ''}`,
    size: ({ position, cash, price }) => {
      const units = position === 0 ? (cash / price) * (percent / 100) : position;
      return { size: Math.abs(whole ? Math.trunc(units) : units) };
    },
  };
}

function checkPercent(percent: number, most: number): void {
  if (percent > 0 && percent <= most && percent < Number.POSITIVE_INFINITY) return;
  throw new InputError('SIZER_INVALID', `the percentage was ${percent}`, {
    value: percent,
    limit: most === 100 ? '0 … 100' : 'a finite number above 0',
    fix:
      most === 100
        ? 'give a percentage of the account above 0 and up to 100'
        : 'give a percentage of the cash: 50 for half of it',
  });
}
