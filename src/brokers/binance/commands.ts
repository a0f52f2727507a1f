import type { Broker } from '../broker.ts';
import type { Decimal } from './decimal.ts';
import type { BrokerNotice } from './notices.ts';
import type { ExchangeTrade, NewOrder, NewOrderList, OrderSnapshot } from './port.ts';

/**
 * What the broker wants done at the exchange. Commands follow from what the strategy decided and what the exchange said,
 * and from nothing else: a run that lives through its journal again wants the same ones, with the same ids. They are kept
 * before they are sent.
 */
export type Command =
  | {
      readonly kind: 'place';
      readonly order: NewOrder;
      /** It protects a position, or closes one: sent before others, and also after its time. */
      readonly protective: boolean;
      /** Orders that may exist or not, in whose stead it is: the exchange must not be able to take both. */
      readonly instead?: readonly string[];
    }
  | {
      readonly kind: 'placeList';
      readonly list: NewOrderList;
      readonly protective: boolean;
      readonly instead?: readonly string[];
    }
  | { readonly kind: 'cancel'; readonly symbol: string; readonly clientOrderId: string }
  | { readonly kind: 'cancelList'; readonly symbol: string; readonly listClientOrderId: string };

/**
 * What the exchange says, as the broker is told it and the journal keeps it. May come twice, out of order, and with
 * parts missing; the broker makes the same of it.
 */
export type AccountInput =
  | {
      readonly kind: 'order';
      /** When it was heard of, epoch ms UTC by the exchange's clock. */
      readonly time: number;
      readonly order: OrderSnapshot;
      /** Executions of this order that are known with it. */
      readonly trades: readonly PricedTrade[];
    }
  /** The order (or each order of the list) is certain not to exist. */
  | {
      readonly kind: 'refused';
      readonly time: number;
      readonly clientOrderIds: readonly string[];
      /** As order reasons have it: `EXCHANGE_REJECTED`, `NOT_SENT`, … */
      readonly code: string;
      readonly message: string;
    }
  /**
   * Nobody knows yet whether these sales exist, and others may be placed in their stead: the account does not hold enough for
   * both, so that the exchange takes one of them at most.
   */
  | { readonly kind: 'doubtful'; readonly time: number; readonly clientOrderIds: readonly string[] }
  /** Nothing but cancelling and protecting is to be done from now on, or orders are to be taken again. */
  | { readonly kind: 'halt'; readonly time: number; readonly code: string; readonly message: string }
  | { readonly kind: 'resume'; readonly time: number };

/** An execution, and what a unit of the asset that its fee was taken in is worth in quote; 1 for the quote itself. */
export interface PricedTrade extends ExchangeTrade {
  readonly commissionPrice: number;
}

/** An order at the exchange, as far as it is known. */
export interface KnownOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
  /** Of the list it belongs to; empty without one. */
  readonly listClientOrderId: string;
  /** `sent`: nothing has been heard of it. `ended`: and all its executions are booked. */
  readonly state: 'sent' | 'alive' | 'ended';
  /** NaN before the exchange has told it. */
  readonly orderId: number;
  /** True when more was executed than the executions that are known: they have to be asked for. */
  readonly missesTrades: boolean;
  readonly protective: boolean;
  /** True when others may be placed in its stead, for nobody knows whether it exists. */
  readonly doubtful: boolean;
}

/** What a session has of a symbol, in base units. */
export interface Holdings {
  readonly held: Decimal;
  /** Held, and not locked by an order that is known to be open. */
  readonly unlocked: Decimal;
  /** Orders that have not ended, and may still bring more, or have done so without its having been told. */
  readonly purchases: readonly string[];
}

/** A broker whose orders are executed at an exchange. It asks nobody: what it wants it says, and what happens it is told. */
export interface ExchangeBroker extends Broker {
  /** What is wanted and has not been handed over yet, in order. To be kept before it is sent. */
  takeCommands(): Command[];
  /** Takes what the exchange says: the account has it at once, the strategy hears of it at the next step. */
  take(input: AccountInput): void;
  /** All orders that have not ended, and perhaps others. */
  known(): Iterable<KnownOrder>;
  /** The strategy's order that an order at the exchange was placed for; undefined for one of others, or of long ago. */
  orderOf(clientOrderId: string): number | undefined;
  /** What the session has of a symbol. */
  holdings(symbol: string): Holdings;
  /** Why only cancelling and protecting is done; undefined while it trades. */
  readonly halted: { readonly code: string; readonly message: string } | undefined;
  /** What people should hear of since this was last asked. */
  takeNotices(): readonly BrokerNotice[];
}

export function isExchangeBroker(broker: Broker): broker is ExchangeBroker {
  return 'takeCommands' in broker;
}
