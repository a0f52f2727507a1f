import type { Bars } from '../model/bars.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order, OrderReason, OrderStatus, Side } from '../model/order.ts';
import type { Ledger } from './ledger.ts';

/** An order as its broker sees it; strategies get it as the read-only {@link Order}. */
export type WorkingOrder = { -readonly [K in keyof Order]: Order[K] } & {
  /** True when the matching feed closed a bar in the very step that placed the order. */
  placedOnBar: boolean;
};

export interface OrderRequest {
  readonly instrument: number;
  readonly side: Side;
  /** Base units, or NaN when `quote` is given. */
  readonly size: number;
  /** Quote to spend, fees included, or NaN when `size` is given. */
  readonly quote: number;
  readonly tag: string;
}

/** One change of an order, queued until the engine drains it. */
export interface OrderEvent {
  readonly order: WorkingOrder;
  readonly status: OrderStatus;
  readonly size: number;
  readonly filled: number;
  readonly price: number;
  readonly fees: number;
  readonly reason: OrderReason | undefined;
}

/**
 * Executes orders. The engine drives it: `match` for each closed bar of an instrument's matching feed, then
 * `events` is drained, then the strategy runs. The ledger is the session's: the capital given to the strategy.
 */
export interface Broker {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  /** Queued changes in the order in which they happened; the engine empties it. */
  readonly events: OrderEvent[];
  /** Orders that wait for a match or an answer. */
  readonly waiting: number;
  submit(request: OrderRequest, time: number, placedOnBar: boolean): WorkingOrder;
  cancel(order: Order): void;
  /** Row `row` of `bars`, number `bar` of the instrument's matching feed, has closed; it opened at `openTime`. */
  match(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void;
}
