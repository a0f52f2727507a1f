import { DataError } from '../../../model/errors.ts';
import type { AccountEvent, ExchangeTrade } from '../port.ts';
import { readBalance } from './decode-account.ts';
import { readReason } from './decode-orders.ts';
import { Fields } from './fields.ts';
import { readRateLimits, type ToldLimit } from './rate-limits.ts';
import { ORDER_STATUSES, ORDER_TYPES, SIDES } from './wire-names.ts';

/** What a message of the WebSocket API's connection says. */
export type StreamMessage =
  | { readonly kind: 'event'; readonly event: AccountEvent; readonly time: number }
  /** A moment of a local exchange in lockstep is complete. */
  | { readonly kind: 'tick'; readonly time: number; readonly n: number; readonly end: boolean }
  /** The server is about to go. */
  | { readonly kind: 'shutdown' }
  /** Nothing more will come on this subscription. */
  | { readonly kind: 'terminated' }
  | {
      readonly kind: 'reply';
      readonly id: string;
      readonly status: number;
      /** As REST has it: `{code, msg}`; undefined when it was granted. */
      readonly error: unknown;
      /** Epoch ms UTC by the exchange's clock; NaN where it does not say. */
      readonly retryAt: number;
      readonly limits: readonly ToldLimit[];
    }
  /** Something else that may be said. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Reads a message. Never throws: what cannot be read is `unreadable`. Source: spot API, "User Data Streams", "WebSocket API". */
export function readStreamMessage(text: string): StreamMessage {
  try {
    const message = new Fields(JSON.parse(text), 'a message');
    if (message.has('event')) return readEvent(message.object('event'));
    return message.has('id') || message.has('status') ? readReply(message) : { kind: 'other' };
  } catch (error) {
    // What the parser says quotes the text.
    return { kind: 'unreadable', problem: error instanceof DataError ? error.message : 'it is no JSON' };
  }
}

function readEvent(event: Fields): StreamMessage {
  switch (event.raw('e')) {
    case 'executionReport':
      return { kind: 'event', event: readReport(event), time: event.whole('E') };
    case 'outboundAccountPosition': {
      const balances = event.list('B').map(entry => readBalance(entry, 'a', 'f', 'l'));
      const time = event.wholeOr('u', event.whole('E'));
      return { kind: 'event', event: { kind: 'balances', balances, time }, time: event.whole('E') };
    }
    case 'replay':
      return { kind: 'tick', time: event.whole('E'), n: event.whole('n'), end: event.flagOr('end', false) };
    case 'serverShutdown':
      return { kind: 'shutdown' };
    case 'eventStreamTerminated':
      return { kind: 'terminated' };
    default:
      // balanceUpdate and externalLockUpdate come with a position, listStatus with reports of its orders.
      return { kind: 'other' };
  }
}

function readReport(event: Fields): AccountEvent {
  const symbol = event.text('s');
  const orderId = event.whole('i');
  const time = event.whole('T');
  const original = event.textOr('C', '');
  const trade: ExchangeTrade | undefined =
    event.text('x') === 'TRADE'
      ? {
          symbol,
          tradeId: event.whole('t'),
          orderId,
          price: event.decimal('L'),
          quantity: event.decimal('l'),
          quoteQuantity: event.decimal('Y'),
          commission: event.decimal('n'),
          commissionAsset: event.textOr('N', ''),
          maker: event.flag('m'),
          time,
        }
      : undefined;
  return {
    kind: 'order',
    order: {
      symbol,
      // When it was cancelled or amended, `c` is the id of that.
      clientOrderId: original === '' ? event.text('c') : original,
      orderId,
      orderListId: event.wholeOr('g', -1),
      side: event.oneOf('S', SIDES),
      type: event.oneOf('o', ORDER_TYPES),
      status: event.oneOf('X', ORDER_STATUSES),
      quantity: event.decimalOr('q', '0.00000000'),
      price: event.decimal('p'),
      stopPrice: event.decimal('P'),
      executed: event.decimal('z'),
      executedQuote: event.decimal('Z'),
      time,
      reason: readReason(event, ['r', 'eR']),
    },
    trade,
  };
}

function readReply(message: Fields): StreamMessage {
  const error = message.has('error') ? message.object('error') : undefined;
  const data = error?.has('data') === true ? error.object('data') : undefined;
  return {
    kind: 'reply',
    id: String(message.raw('id') ?? ''),
    status: message.wholeOr('status', 200),
    error: message.raw('error') ?? undefined,
    retryAt: data?.wholeOr('retryAfter', Number.NaN) ?? Number.NaN,
    limits: message.has('rateLimits') ? readRateLimits(message.list('rateLimits')) : [],
  };
}
