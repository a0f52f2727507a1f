export type Side = 'buy' | 'sell';

/**
 * `market`: at the first price it meets. `close`: at the close of the bar, or of the session. `limit`: at its limit or
 * better. `stop`: at the market once its trigger is reached; `stopLimit`: at its limit from then on. `stopTrail`,
 * `stopTrailLimit`: the same with a trigger (and a limit) that follow the price in the order's favour.
 */
export type OrderType = 'market' | 'close' | 'limit' | 'stop' | 'stopLimit' | 'stopTrail' | 'stopTrailLimit';

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
  /** The worst price at which it may fill, on the tick; NaN for an order without one. A trailing one moves. */
  readonly limit: number;
  /** The price that triggers a stop, NaN for other orders; a trailing one moves. */
  readonly stop: number;
  /** How far the trigger follows behind the price, in quote; NaN unless it trails by an amount. */
  readonly trailAmount: number;
  /** The same as a fraction of the price, 0.05 for 5 %; NaN unless it trails by a fraction. */
  readonly trailPercent: number;
  /** Undefined for an order without a limit. */
  readonly timeInForce: TimeInForce | undefined;
  /** True for a limit order that may only rest: it is rejected if it would take from the book. */
  readonly postOnly: boolean;
  /** It expires after this moment, epoch ms UTC; Infinity for one that stays until it is filled or cancelled. */
  readonly validUntil: number;
  /** The trade that its fills belong to: trades of different numbers are kept apart; default 0. */
  readonly tradeId: number;
  /** Id of the order whose fill brings this one into force; 0 without one. */
  readonly parentId: number;
  /** Id of the order of its one-cancels-other group that was named when it was placed; 0 without one. */
  readonly ocoId: number;
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

/**
 * Everything an order was placed with. What it does not have is NaN, 0 for ids, Infinity for `validUntil`. Brokers get
 * it as a row of the order table; this is the form in which the row is written.
 */
export interface OrderTerms {
  instrument: number;
  side: Side;
  type: OrderType;
  /** Base units; NaN for an order in quote. */
  size: number;
  /** To spend, fees included; NaN for an order in base units. */
  quote: number;
  /** Of a `limit`, `stopLimit` or `stopTrailLimit`. */
  limit: number;
  /** The trigger; for a trailing order the price from which it begins to trail, NaN for the last close. */
  stop: number;
  /** Of an order without a price: what the cash is checked at, NaN for the last close. */
  checkPrice: number;
  trailAmount: number;
  trailPercent: number;
  timeInForce: TimeInForce;
  /** Of a limit order: it is rejected if the first price it meets would fill it. */
  postOnly: boolean;
  /** Epoch ms UTC. */
  validUntil: number;
  /** True for an order of the day: the broker says when the day ends, which it writes to `validUntil`. */
  day: boolean;
  tradeId: number;
  parentId: number;
  ocoId: number;
  /** False for an order that waits for another one of its family to be placed before the broker takes it. */
  transmit: boolean;
  /**
   * Of a child whose price follows from its parent's fill: that price plus this, in quote; NaN for none. It becomes the
   * limit of a limit order, else the stop.
   */
  fillOffset: number;
  /** The same as a fraction of the parent's fill price. */
  fillOffsetPercent: number;
  /** It closes what is there when it fills, at most, and never opens. */
  reduce: boolean;
  tag: string;
  /** When it is placed, epoch ms UTC. */
  createdAt: number;
  /** The earliest open time of a bar on which it may fill, epoch ms UTC. */
  notBefore: number;
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
