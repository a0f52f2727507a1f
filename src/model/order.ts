export type Side = 'buy' | 'sell';

export type OrderType = 'market' | 'limit';

/**
 * How long a limit order stays in force: until it is cancelled (`GTC`), or only for the first price it meets, where the
 * rest (`IOC`) or all of it (`FOK`) is dropped when it cannot be filled.
 */
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';

/**
 * created → submitted → accepted → (partial)* → completed | canceled | expired | margin | rejected.
 * `margin`: the account could not pay for it. `rejected`: the terms of the instrument or the market forbid it.
 */
export type OrderStatus =
  | 'created'
  | 'submitted'
  | 'accepted'
  | 'partial'
  | 'completed'
  | 'canceled'
  | 'expired'
  | 'margin'
  | 'rejected';

/** Why an order ended without (all of) its fills. */
export interface OrderReason {
  /** Stable, may be matched on: `INSUFFICIENT_CASH`, `SPOT_SHORT`, `SIZE_ZERO`, … */
  readonly code: string;
  /** One line: what was wrong, then the fix. */
  readonly message: string;
}

/**
 * An order as the strategy that placed it knows it. The same object is returned by buy() and given to notifyOrder;
 * it changes only just before a notification, at the same point of the cycle in every mode.
 */
export interface Order {
  /** Counted from 1 in each run. */
  readonly id: number;
  /** Index of the instrument in the run. */
  readonly instrument: number;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  /** In base units, positive; a limit order's is in whole lots, a market order's given in quote is NaN until it fills. */
  readonly size: number;
  /** What to spend, fees included, in quote; NaN for an order given in base units. */
  readonly quote: number;
  /** The worst price at which it may fill, on the tick; NaN for a market order. */
  readonly limit: number;
  /** Undefined for a market order. */
  readonly timeInForce: TimeInForce | undefined;
  readonly tag: string;
  /** When it was placed, epoch ms UTC. */
  readonly createdAt: number;
  readonly status: OrderStatus;
  /** True while the order can still change. */
  readonly alive: boolean;
  /** Base units filled so far, before a fee that is taken off them. */
  readonly filled: number;
  /** Average fill price; NaN before the first fill. */
  readonly price: number;
  /** In quote, all fills so far. */
  readonly fees: number;
  /** True when it was filled while it rested in the book. */
  readonly maker: boolean;
  readonly reason: OrderReason | undefined;
}

/** One execution. */
export interface Fill {
  readonly orderId: number;
  readonly instrument: number;
  readonly side: Side;
  /** By how much the position moved: what was bought, less a fee taken off it. */
  readonly size: number;
  readonly price: number;
  /** Its value in quote, whatever it was taken in. */
  readonly fee: number;
  /** What the fee was taken in. */
  readonly feeAsset: 'quote' | 'base';
  /** True for an order that rested in the book. */
  readonly maker: boolean;
  /** Epoch ms UTC. */
  readonly time: number;
}
