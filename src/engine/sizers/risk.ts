import { InputError, StrategyError } from '../../model/errors.ts';
import { isAgainst, type Sizer, type SizerInput } from './sizer.ts';

export interface RiskOptions {
  /** The share of the account's value that the stop-loss may cost, before fees: 0.01 for 1 %. */
  readonly fraction: number;
  /** What a position on a perpetual may be worth at most, as a multiple of the account's value; default 1. */
  readonly leverage?: number;
}

/** The share of the cash that is left to a size in base units: the rest is for fees and for a gap at the open. */
const ROOM = 0.99;

/**
 * As much as loses `fraction` of the account's value if the bracket's stop-loss is filled at its price, and no more than
 * the account can pay for; against a position, the whole of it. An order that takes nearly all of the cash is sized in
 * quote, so that neither its fee nor a gap at the open makes it too dear. Throws `SIZER_STOP_MISSING` for an order without
 * a stop-loss.
 */
export function riskOf({ fraction, leverage = 1 }: RiskOptions): Sizer {
  if (!(fraction > 0 && fraction < 1)) {
    throw new InputError('SIZER_INVALID', `the fraction at risk was ${fraction}`, {
      value: fraction,
      limit: 'above 0 and below 1',
      fix: 'give a fraction of the account, such as 0.01 for 1 %',
    });
  }
  if (!(leverage > 0 && leverage < Number.POSITIVE_INFINITY)) {
    throw new InputError('SIZER_INVALID', `the leverage was ${leverage}`, {
      value: leverage,
      limit: 'a finite number above 0',
      fix: 'give the largest position as a multiple of the account: 1 for none of it borrowed',
    });
  }
  return {
    label: `risk ${fraction}${leverage === 1 ? '' : `, leverage ${leverage}`}`,
    size: input => {
      if (isAgainst(input)) return { size: Math.abs(input.position) };
      const { entry, stopDistance, value } = input;
      if (!(stopDistance > 0)) throw stopMissing(input);
      const size = Math.max(0, value * fraction) / stopDistance;
      const most = Math.max(0, affordable(input, leverage));
      const notional = size * entry;
      return notional <= most * ROOM ? { size } : { quote: Math.min(notional, most) };
    },
  };
}

/** What the order may be worth, in quote. */
function affordable({ instrument, cash, value, position, price }: SizerInput, leverage: number): number {
  return instrument.market === 'spot' ? cash : value * leverage - Math.abs(position) * price;
}

function stopMissing({ side, stopDistance, entry }: SizerInput): StrategyError {
  const method = side === 'buy' ? 'buyBracket' : 'sellBracket';
  const none = Number.isNaN(stopDistance);
  const problem = none ? 'finds no stop-loss' : `finds the stop-loss on the wrong side of the price ${entry}`;
  return new StrategyError('SIZER_STOP_MISSING', `${side}() names no size, and the risk sizer ${problem}`, {
    value: stopDistance,
    limit: 'a distance above 0',
    fix: none
      ? `order with ${method}({ stopLoss }), or give a size`
      : `give a stop-loss ${side === 'buy' ? 'below' : 'above'} it, { distance } or { percent }`,
  });
}
