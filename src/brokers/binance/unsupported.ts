import type { OrderReason } from '../../model/order.ts';
import type { OrderTable } from '../orders.ts';
import { refusal } from '../simulated/refusal.ts';
import type { TradingSymbol } from './port.ts';

const CODE = 'UNSUPPORTED_LIVE';

/** Why an order cannot be had on a real exchange, neither as such nor by other means, if so. */
export function refuseType(orders: OrderTable, id: number, terms: TradingSymbol): OrderReason | undefined {
  const type = orders.type(id);
  if (type === 'close') {
    return refusal(CODE, 'an exchange that never closes has no orders for the close', 'order at the market');
  }
  if (type.startsWith('stop') && !has(terms, 'STOP_LOSS') && !has(terms, 'STOP_LOSS_LIMIT')) {
    const problem = `${terms.symbol} has neither STOP_LOSS nor STOP_LOSS_LIMIT orders`;
    return refusal(CODE, problem, 'trade another symbol, or order without a stop');
  }
  if (type === 'limit' && !has(terms, orders.isPostOnly(id) ? 'LIMIT_MAKER' : 'LIMIT')) {
    return refusal(CODE, `${terms.symbol} has no such limit orders`, 'trade another symbol');
  }
  return undefined;
}

/** Why two orders cannot be a pair of which one cancels the other, if so; `inLots` rounds a size to the lot step. */
export function refusePair(
  orders: OrderTable,
  first: number,
  second: number,
  terms: TradingSymbol,
  inLots: (size: number) => number,
): OrderReason | undefined {
  const ids = [first, second];
  const [kinds, sides, symbols] = [
    ids.map(id => orders.type(id)),
    ids.map(id => orders.isSell(id)),
    ids.map(id => orders.instrument(id)),
  ];
  const limits = kinds.filter(type => type === 'limit').length;
  const stops = kinds.filter(type => type.startsWith('stop')).length;
  const alike = sides[0] === sides[1] && symbols[0] === symbols[1];
  if (!alike || limits !== 1 || stops !== 1) {
    const problem =
      'of two orders of which one cancels the other, an exchange takes a limit order and a stop';
    return refusal(CODE, problem, 'give both the same symbol and side, one a limit and the other a stop');
  }
  const limit = ids[kinds.indexOf('limit')];
  if (orders.timeInForce(limit) !== 'GTC') {
    return refusal(CODE, 'an order of a pair has to rest', 'leave timeInForce at GTC');
  }
  const [one, other] = ids.map(id => inLots(orders.size(id)));
  if (!(one === other || (Number.isNaN(one) && Number.isNaN(other)))) {
    const problem = `the two orders of a pair are of one size, not ${one} and ${other}`;
    return refusal(CODE, problem, 'give both the same size');
  }
  if (!terms.ocoAllowed || !has(terms, 'LIMIT_MAKER')) {
    return refusal(CODE, `${terms.symbol} takes no pairs of orders`, 'give one order without the other');
  }
  return undefined;
}

/** Why an order cannot be one more of a family, if so. */
export function tooMany(what: string): OrderReason {
  return refusal(CODE, what, 'give an entry at most a stop and a limit order as exits, and those no exits');
}

function has(terms: TradingSymbol, type: TradingSymbol['orderTypes'][number]): boolean {
  return terms.orderTypes.includes(type);
}
