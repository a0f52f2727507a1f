import type { Instrument } from '../../model/instrument.ts';
import type { Side } from '../../model/order.ts';

/** What a sizer may base its decision on; valid during the call only. */
export interface SizerInput {
  readonly side: Side;
  readonly instrument: Instrument;
  /** The last close. */
  readonly price: number;
  /** Where the order is likely to fill: its limit, else its trigger, else the last close. */
  readonly entry: number;
  /**
   * How far the stop-loss of the bracket lies from `entry`, in quote, positive; NaN for an order without one. A stop-loss
   * that trails by an amount or a fraction counts with the distance at which it begins.
   */
  readonly stopDistance: number;
  /** What the account calls cash, less what resting orders reserve of it, in quote. */
  readonly cash: number;
  /** Cash and positions, in quote. */
  readonly value: number;
  /** Base units held; negative for a short. */
  readonly position: number;
}

/**
 * A size in base units, or an amount of quote to spend with fees included, which no gap at the open can overdraw. In
 * the backtrader profile, which has no orders in quote, it is the units that the amount makes at the last close.
 */
export type Sizing = { readonly size: number } | { readonly quote: number };

/** Decides how much an order is for that says nothing about it. */
export interface Sizer {
  /** Shown in reports. */
  readonly label: string;
  size(input: SizerInput): Sizing;
}

/** True when the order makes a position smaller, or goes through it to the other side. */
export function isAgainst({ side, position }: SizerInput): boolean {
  return side === 'buy' ? position < 0 : position > 0;
}
