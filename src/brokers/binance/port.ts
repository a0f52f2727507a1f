/**
 * What a spot exchange in Binance's manner is asked, and what it says. The gateway implements it; brokers, reconciliation
 * and sessions know nothing else of the exchange, so that another client library is another gateway. Amounts and prices
 * are decimal texts, exactly as they go over the wire.
 */
export interface TradingPort {
  /** Shown to people: `binance`, `testnet`, `demo`, or the host of a local exchange. */
  readonly name: string;
  /** Requests are valid for so long after their timestamp, ms of the exchange's clock. */
  readonly recvWindowMs: number;
  /** The exchange's clock now, epoch ms UTC, by the last {@link syncClock}. */
  now(): number;
  /** Measures the exchange's clock against this machine's. */
  syncClock(): Promise<Answer<ClockReading>>;
  /** Terms of symbols; one that is not traded is left out. */
  symbols(names: readonly string[]): Promise<Answer<readonly TradingSymbol[]>>;
  account(): Promise<Answer<AccountSnapshot>>;
  /** What the key may do; undefined where the exchange does not tell. */
  permissions(): Promise<Answer<KeyPermissions | undefined>>;
  /** What executions on a symbol cost this account. */
  commission(symbol: string): Promise<Answer<CommissionRates>>;
  /** The last price of a symbol: a decimal text. */
  price(symbol: string): Promise<Answer<string>>;
  openOrders(symbol: string): Promise<Answer<readonly OrderSnapshot[]>>;
  /** One order by the id that its client gave it. */
  order(symbol: string, clientOrderId: string): Promise<Answer<OrderSnapshot>>;
  /** The orders of a list, by the id that its client gave it. */
  orderList(symbol: string, listClientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>>;
  /** Executions of one order, or those from a number on, oldest first and all of them however many pages they are. */
  trades(
    symbol: string,
    of: { readonly orderId: number } | { readonly fromId: number },
  ): Promise<Answer<readonly ExchangeTrade[]>>;
  /** `urgent` orders (protection) may use the room that is kept below the exchange's limits. */
  place(order: NewOrder, urgent?: boolean): Promise<Answer<Placed>>;
  placeList(list: NewOrderList, urgent?: boolean): Promise<Answer<Placed>>;
  /** Has an order checked by the exchange without placing it. */
  test(order: NewOrder): Promise<Answer<undefined>>;
  /** Takes an order out of the book; of an order list that takes the whole list. */
  cancel(symbol: string, clientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>>;
  cancelList(symbol: string, listClientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>>;
  /**
   * Listens to the account. It connects, and connects again whenever the connection is lost, until it is closed; what was
   * missed meanwhile is not told, so whoever listens has to ask for it after each `connected`.
   */
  listen(handlers: AccountStreamHandlers): AccountStream;
}

/** Never a rejected promise: what an exchange or a network does is an answer. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/**
 * `unknown`: it may have happened or not, and only a query tells. `rejected`: it has not happened. `alive`: an order with
 * this id exists already. `race`: what was to be cancelled is not open any more. `notFound`: the exchange does not (yet) know it.
 * `time`: refused for its timestamp, so it has not happened. `limits`: refused for now, so it has not happened. `auth`: the
 * key or the signature is not accepted. `partial`: one of two things was done. `closed`: this side has stopped.
 */
export type FailureClass =
  | 'unknown'
  | 'rejected'
  | 'alive'
  | 'race'
  | 'notFound'
  | 'time'
  | 'limits'
  | 'auth'
  | 'partial'
  | 'closed';

export interface Failure {
  readonly class: FailureClass;
  /** The exchange's own code; undefined where it gave none. */
  readonly code: number | undefined;
  /** One line, without keys, signatures and query strings. */
  readonly message: string;
  /** The request's timestamp by the exchange's clock, epoch ms UTC; NaN for one that was never sent. */
  readonly sentAt: number;
  /** Of `limits`: not to be tried before `now()` plus the time that is left, which passes on this machine's clock; epoch ms UTC. */
  readonly retryAt?: number;
}

export interface ClockReading {
  /** How far the exchange's clock is ahead of this machine's, ms. */
  readonly offsetMs: number;
  /** Half of the round trip: how wrong the offset may be, ms. */
  readonly errorMs: number;
}

export type ExchangeSide = 'BUY' | 'SELL';
export type ExchangeOrderType =
  | 'LIMIT'
  | 'LIMIT_MAKER'
  | 'MARKET'
  | 'STOP_LOSS'
  | 'STOP_LOSS_LIMIT'
  | 'TAKE_PROFIT'
  | 'TAKE_PROFIT_LIMIT';

/** An order to place. What it does not have is left out. */
export interface NewOrder {
  readonly symbol: string;
  readonly side: ExchangeSide;
  readonly type: ExchangeOrderType;
  /** At most 36 letters, digits, `-` and `_`; never used twice. */
  readonly clientOrderId: string;
  /** Base units; a market order may have `quoteQuantity` instead. Of orders in `opo` and `opoco` lists the pending ones have none. */
  readonly quantity?: string;
  /** What a market order spends or brings, in quote. */
  readonly quoteQuantity?: string;
  readonly price?: string;
  readonly stopPrice?: string;
  /** Basis points by which the trigger trails. */
  readonly trailingDelta?: number;
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK';
}

/**
 * Orders that belong together. `oco`: the one above the price, the one below. `oto`, `opo`: working, pending. `otoco`,
 * `opoco`: working, pending above, pending below. In `opo` and `opoco` the pending ones get what the working one has brought.
 */
export interface NewOrderList {
  readonly kind: 'oco' | 'oto' | 'otoco' | 'opo' | 'opoco';
  readonly symbol: string;
  readonly listClientOrderId: string;
  readonly orders: readonly NewOrder[];
}

export type ExchangeOrderStatus =
  | 'NEW'
  | 'PENDING_NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'REJECTED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH';

/** An order as the exchange tells it, in an answer or on the stream. */
export interface OrderSnapshot {
  readonly symbol: string;
  /** The id it was placed with, also where it was cancelled under another one. */
  readonly clientOrderId: string;
  readonly orderId: number;
  /** -1 without one. */
  readonly orderListId: number;
  readonly side: ExchangeSide;
  readonly type: ExchangeOrderType;
  readonly status: ExchangeOrderStatus;
  readonly quantity: string;
  /** `0.00000000` without one. */
  readonly price: string;
  readonly stopPrice: string;
  /** Base units executed so far. */
  readonly executed: string;
  /** Quote executed so far. */
  readonly executedQuote: string;
  /** When it last changed, epoch ms UTC; NaN where that is not told. */
  readonly time: number;
  /** Why it was rejected or has expired; empty without a reason. */
  readonly reason: string;
}

/** One execution. */
export interface ExchangeTrade {
  readonly symbol: string;
  readonly tradeId: number;
  readonly orderId: number;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly maker: boolean;
  /** Epoch ms UTC. */
  readonly time: number;
}

/** What placing has led to. */
export interface Placed {
  /** One, or as many as the list has, in its order. */
  readonly orders: readonly OrderSnapshot[];
  /** Executions that the answer told; others may have happened as well. */
  readonly trades: readonly ExchangeTrade[];
}

/** The terms of a symbol beyond an {@link Instrument}'s. */
export interface TradingSymbol {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** `TRADING`, `HALT`, `BREAK`, `CANCEL_ONLY`. */
  readonly status: string;
  readonly orderTypes: readonly ExchangeOrderType[];
  /** Decimals of quantities where no step says otherwise; 8 where the exchange does not tell. */
  readonly basePrecision?: number;
  /** Decimals of amounts in quote; 8 where the exchange does not tell. */
  readonly quotePrecision?: number;
  readonly ocoAllowed: boolean;
  readonly otoAllowed: boolean;
  readonly opoAllowed: boolean;
  readonly trailingStopAllowed: boolean;
  readonly quoteQuantityAllowed: boolean;
  /** Decimal texts; undefined where the exchange has no such rule. */
  readonly filters: SymbolFilters;
}

export interface SymbolFilters {
  readonly minPrice?: string;
  readonly maxPrice?: string;
  readonly tickSize?: string;
  readonly minQuantity?: string;
  readonly maxQuantity?: string;
  readonly stepSize?: string;
  readonly minMarketQuantity?: string;
  readonly maxMarketQuantity?: string;
  readonly marketStepSize?: string;
  readonly minNotional?: string;
  readonly minNotionalOfMarket: boolean;
  readonly maxNotional?: string;
  readonly maxNotionalOfMarket: boolean;
  /** Prices at most so many times, and at least so many times, the average price; per side. */
  readonly percentPrice?: {
    readonly bidUp: string;
    readonly bidDown: string;
    readonly askUp: string;
    readonly askDown: string;
  };
  readonly maxOrders?: number;
  readonly maxAlgoOrders?: number;
  readonly maxOrderLists?: number;
  /** Base units that the account may hold. */
  readonly maxPosition?: string;
  /** Basis points. */
  readonly trailingDelta?: {
    readonly minAbove: number;
    readonly maxAbove: number;
    readonly minBelow: number;
    readonly maxBelow: number;
  };
}

export interface Balance {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

export interface AccountSnapshot {
  /** Shown to people, to tell accounts apart; empty where the exchange does not tell. */
  readonly uid: string;
  readonly canTrade: boolean;
  readonly balances: readonly Balance[];
  /** Epoch ms UTC. */
  readonly time: number;
}

export interface KeyPermissions {
  readonly spotTrading: boolean;
  readonly withdrawals: boolean;
  /** True when the key works from certain addresses only. */
  readonly ipRestricted: boolean;
}

/** Fractions: `0.00100000` is a tenth of a per cent. */
export interface CommissionRates {
  readonly maker: string;
  readonly taker: string;
  /** True when fees are taken in BNB, as far as there is some. */
  readonly inBnb: boolean;
}

/** An event of the account's stream. */
export type AccountEvent =
  /** An order was placed, executed, or has ended; `trade` for an execution. */
  | { readonly kind: 'order'; readonly order: OrderSnapshot; readonly trade: ExchangeTrade | undefined }
  /** Balances that have changed. */
  | { readonly kind: 'balances'; readonly balances: readonly Balance[]; readonly time: number };

export interface AccountStreamHandlers {
  onEvent(event: AccountEvent): void;
  /** Subscribed: from here on nothing is missed. Comes again after each reconnection. */
  onConnected(): void;
  /** One line that says why. */
  onDisconnected(reason: string): void;
  /** The key is refused: it does not connect any more. */
  onRefused(failure: Failure): void;
  /** Of a local exchange in lockstep: all events before `time` have been told. Time stands still until `done` is called. */
  onTick(time: number, end: boolean, done: () => void): void;
}

export interface AccountStream {
  close(): void;
}
