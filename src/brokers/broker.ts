import type { Bars } from '../model/bars.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import type { Ledger } from './ledger.ts';
import type { OrderEvents } from './order-events.ts';
import type { OrderRequest, OrderTable } from './orders.ts';

/**
 * Executes orders. The engine drives it: `match` for each closed bar of an instrument's matching feed, then `events`
 * is drained, then the strategy runs. The ledger is the session's: the capital given to the strategy.
 */
export interface Broker {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  /** Every order of the run, as the strategy knows it: the broker adds rows, the engine updates them from `events`. */
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  /** Orders that wait for a match or an answer. */
  readonly waiting: number;
  /** `onBar`: the matching feed closed a bar in the very step that places the order, so its next bar is in time. */
  submit(request: OrderRequest, time: number, onBar: boolean): Order;
  cancel(order: Order): void;
  /** Row `row` of `bars`, number `bar` of the instrument's matching feed, has closed; it opened at `openTime`. */
  match(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void;
}
