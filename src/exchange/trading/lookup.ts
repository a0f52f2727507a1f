import type { Parameters } from '../parameters.ts';
import { restErrors } from '../rest-errors.ts';
import { isLive, type Order } from './order.ts';
import type { Records } from './records.ts';
import type { TradedSymbol } from './traded-symbol.ts';
import { tradingErrors } from './trading-errors.ts';

export interface Named {
  readonly id: number | undefined;
  readonly clientId: string | undefined;
}

/** Reads which order, or list, is meant; throws a RestError when neither parameter is there. */
export function readNamed(parameters: Parameters, idName: string, clientIdName: string): Named {
  const id = parameters.count(idName);
  const clientId = parameters.text(clientIdName);
  if (id === undefined && clientId === undefined) throw tradingErrors.eitherMissing(clientIdName, idName);
  return { id, clientId };
}

/** The order that is meant, of several with one client id the latest; undefined when there is none. */
export function findOrder(
  records: Records,
  symbol: TradedSymbol,
  { id, clientId }: Named,
  isMeant: (order: Order) => boolean = () => true,
): Order | undefined {
  const isIt = (order: Order) =>
    order.symbol === symbol.name && (id === undefined ? order.clientOrderId === clientId : order.id === id);
  for (const order of records.open) if (isIt(order) && isMeant(order)) return matching(order, id, clientId);
  const closed = records.orders.findLast(order => isIt(order) && isMeant(order));
  return closed === undefined ? undefined : matching(closed, id, clientId);
}

function matching(order: Order, id: number | undefined, clientId: string | undefined): Order {
  if (id !== undefined && clientId !== undefined && order.clientOrderId !== clientId) {
    throw tradingErrors.idOfOther();
  }
  return order;
}

/** The order to be cancelled; throws when it is not alive. */
export function openOrder(records: Records, symbol: TradedSymbol, named: Named): Order {
  const order = findOrder(records, symbol, named, isLive);
  if (order === undefined) throw tradingErrors.unknownOrder();
  return order;
}

/** Which of many rows are asked for. */
export interface Page {
  readonly fromId: number | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly limit: number;
}

const DAY = 86_400_000;

/** Reads `startTime`, `endTime` and `limit`; `fromName` is the parameter with the first number. */
export function readPage(parameters: Parameters, fromName: string): Page {
  const page = {
    fromId: parameters.count(fromName),
    startTime: parameters.count('startTime'),
    endTime: parameters.count('endTime'),
    limit: parameters.limit(500, 1000),
  };
  const { startTime, endTime } = page;
  if (startTime !== undefined && endTime !== undefined) {
    if (endTime < startTime) throw restErrors.value('startTime');
    if (endTime - startTime > DAY) throw tradingErrors.hours();
  }
  return page;
}

/** Those asked for, oldest first: from a number or a time on the oldest, else the most recent ones. */
export function pageOf<T>(
  rows: Iterable<T>,
  { fromId, startTime, endTime, limit }: Page,
  of: { readonly id: (row: T) => number; readonly time: (row: T) => number },
): T[] {
  const found: T[] = [];
  const isFirst = fromId !== undefined || startTime !== undefined;
  for (const row of rows) {
    if (fromId !== undefined && of.id(row) < fromId) continue;
    if (startTime !== undefined && of.time(row) < startTime) continue;
    if (endTime !== undefined && of.time(row) > endTime) continue;
    found.push(row);
    if (isFirst && found.length === limit) break;
  }
  return isFirst ? found : found.slice(-limit);
}
