import { Decimal } from '../decimal.ts';
import type { ExchangeTrade, NewOrderList, OrderSnapshot, Placed } from '../port.ts';
import { Fields, listOf, unreadable } from './fields.ts';
import { ORDER_STATUSES, ORDER_TYPES, SIDES } from './wire-names.ts';

const NOTHING = '0.00000000';

/** An order of an answer by REST or the WebSocket API. Throws DataError `ANSWER_UNREADABLE`, as all here do. */
export function readOrder(json: unknown): OrderSnapshot {
  const fields = new Fields(json, 'an order');
  return {
    symbol: fields.text('symbol'),
    // A cancel's answer has its own id in `clientOrderId`.
    clientOrderId: fields.textOr('origClientOrderId', fields.textOr('clientOrderId', '')),
    orderId: fields.whole('orderId'),
    orderListId: fields.wholeOr('orderListId', -1),
    side: fields.oneOf('side', SIDES),
    type: fields.oneOf('type', ORDER_TYPES),
    status: fields.oneOf('status', ORDER_STATUSES),
    // Pending orders of `opo` lists have none yet; amended ones spell two names in a way of their own.
    quantity: fields.decimalOr('origQty', fields.decimalOr('qty', NOTHING)),
    price: fields.decimalOr('price', NOTHING),
    stopPrice: fields.decimalOr('stopPrice', NOTHING),
    executed: fields.decimal('executedQty'),
    executedQuote: fields.has('cumulativeQuoteQty')
      ? fields.decimal('cumulativeQuoteQty')
      : fields.decimal('cummulativeQuoteQty'),
    time: fields.wholeOr('transactTime', fields.wholeOr('updateTime', fields.wholeOr('time', Number.NaN))),
    reason: readReason(fields, ['rejectReason', 'expiryReason']),
  };
}

/** The first of these fields that names a reason. */
export function readReason(fields: Fields, names: readonly string[]): string {
  for (const name of names) {
    const value = fields.raw(name);
    if (value === undefined || value === null || value === '' || value === 'NONE') continue;
    // On the stream reasons of expiry are numbers.
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return '';
}

export function readOrders(json: unknown): OrderSnapshot[] {
  return listOf(json, 'the orders').map(readOrder);
}

/** What placing one order was answered with. */
export function readPlaced(json: unknown): Placed {
  return { orders: [readOrder(json)], trades: readFills(json) };
}

/** What placing a list was answered with, in the order of the list. */
export function readPlacedList(json: unknown, list: NewOrderList): Placed {
  const reports = new Fields(json, 'an order list').list('orderReports');
  const orders = reports.map(readOrder);
  return {
    orders: list.orders.map(({ clientOrderId }) => {
      const found = orders.find(order => order.clientOrderId === clientOrderId);
      if (found === undefined) throw unreadable('an order list: one of its orders is missing');
      return found;
    }),
    trades: reports.flatMap(readFills),
  };
}

/** What cancelling was answered with: an order, or the list that it belonged to. */
export function readCancelled(json: unknown): OrderSnapshot[] {
  const fields = new Fields(json, 'what was cancelled');
  return fields.has('orderReports') ? fields.list('orderReports').map(readOrder) : [readOrder(json)];
}

/** Who belongs to an order list. */
export function readListMembers(
  json: unknown,
): { readonly orderId: number; readonly clientOrderId: string }[] {
  return new Fields(json, 'an order list').list('orders').map(entry => {
    const fields = new Fields(entry, 'an order of a list');
    return { orderId: fields.whole('orderId'), clientOrderId: fields.text('clientOrderId') };
  });
}

/** The executions that an order's answer tells. They happened as it arrived, so that it took. */
function readFills(json: unknown): ExchangeTrade[] {
  const fields = new Fields(json, 'an order');
  if (!fields.has('fills')) return [];
  return fields.list('fills').map(entry => {
    const fill = new Fields(entry, 'a fill');
    const price = fill.decimal('price');
    const quantity = fill.decimal('qty');
    return {
      symbol: fields.text('symbol'),
      tradeId: fill.whole('tradeId'),
      orderId: fields.whole('orderId'),
      price,
      quantity,
      quoteQuantity: Decimal.of(price).times(Decimal.of(quantity)).toString(),
      commission: fill.decimal('commission'),
      commissionAsset: fill.textOr('commissionAsset', ''),
      maker: false,
      time: fields.whole('transactTime'),
    };
  });
}

/** Executions of `GET /api/v3/myTrades`. */
export function readTrades(json: unknown): ExchangeTrade[] {
  return listOf(json, 'the trades').map(entry => {
    const fields = new Fields(entry, 'a trade');
    return {
      symbol: fields.text('symbol'),
      tradeId: fields.whole('id'),
      orderId: fields.whole('orderId'),
      price: fields.decimal('price'),
      quantity: fields.decimal('qty'),
      quoteQuantity: fields.decimal('quoteQty'),
      commission: fields.decimal('commission'),
      commissionAsset: fields.text('commissionAsset'),
      maker: fields.flag('isMaker'),
      time: fields.whole('time'),
    };
  });
}
