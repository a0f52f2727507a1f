import { InputError } from '../model/errors.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Side } from '../model/order.ts';

/** What a sizer may base its decision on; valid during the call only. */
export interface SizerInput {
  readonly side: Side;
  readonly instrument: Instrument;
  /** The last close. */
  readonly price: number;
  /** Free cash, in quote. */
  readonly cash: number;
  /** Cash and positions, in quote. */
  readonly value: number;
  /** Base units held; negative for a short. */
  readonly position: number;
}

/** A size in base units, or an amount of quote to spend with fees included, which no gap at the open can overdraw. */
export type Sizing = { readonly size: number } | { readonly quote: number };

/** Decides how much an order is for that says nothing about it. */
export interface Sizer {
  /** Shown in reports. */
  readonly label: string;
  size(input: SizerInput): Sizing;
}

/** Always `stake` base units. */
export function fixedSize(stake: number): Sizer {
  if (!(stake > 0 && stake < Number.POSITIVE_INFINITY)) {
    throw new InputError('SIZER_INVALID', `the fixed size was ${stake}`, {
      value: stake,
      limit: 'more than 0',
      fix: 'give a positive number of base units',
    });
  }
  const sizing = { size: stake };
  return { label: `fixed ${stake}`, size: () => sizing };
}

/** The least share of the account that is worth an order. */
const DUST = 1e-9;

/** `percent` of the account's value, at most the free cash; against a position, the whole of it. */
export function percentOfValue(percent: number): Sizer {
  if (!(percent > 0 && percent <= 100)) {
    throw new InputError('SIZER_INVALID', `the percentage was ${percent}`, {
      value: percent,
      limit: '0 … 100',
      fix: 'give a percentage of the account above 0 and up to 100',
    });
  }
  const opening = (input: SizerInput) => {
    const amount = (input.value * percent) / 100;
    const free = input.instrument.market === 'spot' ? Math.min(amount, input.cash) : amount;
    // What rounding left of the cash after an all-in order is nothing to order with.
    return free > DUST * input.value ? free : 0;
  };
  return {
    label: percent === 100 ? 'all in' : `${percent} % of value`,
    size: input => {
      const against = input.side === 'buy' ? input.position < 0 : input.position > 0;
      return against ? { size: Math.abs(input.position) } : { quote: opening(input) };
    },
  };
}

/** Everything there is. */
export function allIn(): Sizer {
  return percentOfValue(100);
}
