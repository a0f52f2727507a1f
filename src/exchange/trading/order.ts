import type { Account } from './account.ts';
import type { Amount } from './amount.ts';
import type { Reservation } from './wallet.ts';

export const ORDER_TYPES = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];
export type Side = 'BUY' | 'SELL';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';
export type OrderStatus =
  | 'NEW'
  | 'PENDING_NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'REJECTED'
  | 'EXPIRED';

/** Binance's reasons. */
export type ExpiryReason =
  | 'REJECTED'
  | 'OCO_TRIGGER'
  | 'OTO_PHASE_ONE_EXPIRED'
  | 'UNFILLED_IOC_QUANTITY_EXPIRED'
  | 'UNFILLED_FOK_ORDER_EXPIRED'
  | 'INSUFFICIENT_LIQUIDITY'
  | 'EXECUTION_RULE_PRICE_RANGE_EXCEEDED';

/** What an order asks for. Amounts of 0 are not there. */
export interface OrderTerms {
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Base; 0 of an order in quote, and of one that gets what another has brought. */
  readonly quantity: Amount;
  /** Quote. */
  readonly quoteQuantity: Amount;
  readonly price: Amount;
  readonly stopPrice: Amount;
  /** Basis points. */
  readonly trailingDelta: number | undefined;
  readonly icebergQuantity: Amount | undefined;
  readonly clientOrderId: string;
  readonly strategyId: number | undefined;
  readonly strategyType: number | undefined;
  readonly selfTradePrevention: string;
}

/** An order as it is. */
export interface Order {
  readonly terms: OrderTerms;
  readonly account: Account;
  readonly symbol: string;
  /** Counted over a symbol. */
  readonly id: number;
  readonly list: OrderList | undefined;
  clientOrderId: string;
  quantity: Amount;
  status: OrderStatus;
  executed: Amount;
  executedQuote: Amount;
  /** Epoch ms UTC, by the exchange's clock, as all times of it. */
  readonly time: number;
  updateTime: number;
  /** -1 before it is in the book. */
  workingTime: number;
  /** Of trailing orders: since when they follow the price; -1 before. */
  trailingTime: number;
  expiryReason: ExpiryReason | undefined;
  reservation: Reservation | undefined;
  /** Waits for its trigger. */
  armed: boolean;
  /** Of trailing orders that follow the price: the best since then. */
  extreme: Amount | undefined;
  /** Its symbol's bar whose open it need not wait for, since it was judged by it when it came. */
  joined: number;
  /** Not to be executed before this walk of the price has begun; Infinity for never. */
  heldUntil: number;
  /** Queries do not know it before this, epoch ms UTC of real time. */
  unseenUntil: number;
}

export function isLive({ status }: Order): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED' || status === 'PENDING_NEW';
}

export function isBuy({ terms }: Order): boolean {
  return terms.side === 'BUY';
}

export function remaining({ quantity, executed }: Order): Amount {
  return quantity - executed;
}

/** True for an order that waits for a trigger before it goes into the book. */
export function isContingent(type: OrderType): boolean {
  return type.startsWith('STOP_LOSS') || type.startsWith('TAKE_PROFIT');
}

/** True for a type with a limit. */
export function hasLimit(type: OrderType): boolean {
  return type.includes('LIMIT');
}

/** Orders that belong together. */
export interface OrderList {
  /** Counted over the exchange, from 0. */
  readonly id: number;
  readonly account: Account;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly contingency: 'OCO' | 'OTO';
  /** The pending orders get what the working one has brought. */
  readonly paysOther: boolean;
  /** All, in the order in which they are told. */
  readonly orders: Order[];
  /** Of an OTO: the one that goes into the book first. */
  working: Order | undefined;
  /** Orders that wait for it; empty once they are in force. */
  pending: Order[];
  isDone: boolean;
  /** When it last changed, epoch ms UTC. */
  time: number;
}

/** Orders of the same list of which one cancels the others. */
export function partnersOf(order: Order): readonly Order[] {
  const { list } = order;
  if (list === undefined || order === list.working) return [];
  return list.orders.filter(other => other !== order && other !== list.working && isLive(other));
}
