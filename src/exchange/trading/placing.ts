import type { Parameters } from '../parameters.ts';
import { RestError, restErrors } from '../rest-errors.ts';
import { LIST_KINDS, type ListKind, readList, readOldOco } from './list-form.ts';
import { openOrder, readNamed } from './lookup.ts';
import type { NewList } from './matching-engine.ts';
import type { Call, Operation } from './operation.ts';
import type { OrderList } from './order.ts';
import { isLive, type Order } from './order.ts';
import { readAmount, readId, readOrder, readSelfTradePrevention } from './order-form.ts';
import {
  amendedPayload,
  cancelledPayload,
  listPayload,
  orderCommissionPayload,
  placedPayload,
  RESPONSE_TYPES,
  type ResponseType,
} from './payloads.ts';
import type { TradedSymbol } from './traded-symbol.ts';
import { tradingErrors } from './trading-errors.ts';

/** What an account may do. */
export const ACTIONS: readonly Operation[] = [
  action('order.place', 'POST /api/v3/order', 1, place),
  { ...action('order.test', 'POST /api/v3/order/test', testWeight, test), acts: false },
  action('order.cancel', 'DELETE /api/v3/order', 1, cancel),
  action('order.cancelReplace', 'POST /api/v3/order/cancelReplace', 1, cancelReplace),
  action('order.amend.keepPriority', 'PUT /api/v3/order/amend/keepPriority', 4, amend),
  action('openOrders.cancelAll', 'DELETE /api/v3/openOrders', 1, cancelAll),
  action('orderList.place', 'POST /api/v3/order/oco', 1, call => placeList(call, readOldOco)),
  ...LIST_KINDS.map(kind =>
    action(`orderList.place.${kind}`, `POST /api/v3/orderList/${kind}`, 1, call =>
      placeList(call, (parameters, options) => readList(parameters, kind, options), kind),
    ),
  ),
  action('orderList.cancel', 'DELETE /api/v3/orderList', 1, cancelList),
];

function action(name: string, route: string, weight: Operation['weight'], run: Operation['run']): Operation {
  return { name, route, security: 'TRADE', weight, acts: true, run };
}

function testWeight(asked: ReadonlyMap<string, string>): number {
  return asked.get('computeCommissionRates') === 'true' ? 20 : 1;
}

function symbolOf({ engine, parameters }: Call): TradedSymbol {
  parameters.mandatory('symbol');
  return engine.symbol(parameters.symbol()!);
}

function readTerms({ parameters, makeId }: Call, symbol: TradedSymbol) {
  const selfTradePrevention = readSelfTradePrevention(parameters, symbol.terms.selfTradePrevention);
  return readOrder(parameters, { prefix: '', makeId, selfTradePrevention });
}

function readResponseType(parameters: Parameters): ResponseType | undefined {
  const text = parameters.text('newOrderRespType');
  const type = RESPONSE_TYPES.find(known => known === text);
  if (text !== undefined && type === undefined) throw restErrors.value('newOrderRespType');
  return type;
}

/** Market and limit orders are told in full, all others with a word. */
function responseType(order: Order, asked: ResponseType | undefined): ResponseType {
  const { type } = order.terms;
  return asked ?? (type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK');
}

/** Executions that placing a list may lead to at once, at most: two an order, if chance splits them. */
const AT_ONCE = 6;

function placed({ records }: Call, order: Order, asked: ResponseType | undefined): object {
  const executions = records.executions.last(AT_ONCE).filter(execution => execution.order === order);
  return placedPayload(order, responseType(order, asked), executions);
}

function refuseTooMany({ account, limited, real }: Call, orders: number): void {
  const exceeded = limited ? account.rate.exceeded(orders, real()) : undefined;
  if (exceeded !== undefined)
    throw tradingErrors.tooManyOrders(exceeded.limit, exceeded.text, exceeded.retryAfter);
}

/** For some time queries do not know what was just placed. */
function conceal({ faults, real, time }: Call, orders: readonly Order[]): void {
  for (const order of orders) {
    const fault = faults.ofExecution('order-unseen', `order ${order.terms.clientOrderId}`);
    if (fault === undefined) continue;
    faults.record(fault, time(), order.terms.clientOrderId);
    order.unseenUntil = real() + fault.amount;
  }
}

function place(call: Call): unknown {
  const symbol = symbolOf(call);
  const terms = readTerms(call, symbol);
  const asked = readResponseType(call.parameters);
  call.parameters.end();
  refuseTooMany(call, 1);
  const order = call.engine.place(call.account, symbol, terms);
  conceal(call, [order]);
  return placed(call, order, asked);
}

function test(call: Call): unknown {
  const symbol = symbolOf(call);
  const terms = readTerms(call, symbol);
  readResponseType(call.parameters);
  const isPriced = call.parameters.text('computeCommissionRates') === 'true';
  call.parameters.end();
  call.engine.check(call.account, symbol, terms);
  return isPriced ? orderCommissionPayload(terms, call.account) : {};
}

type ReadList = (
  parameters: Parameters,
  options: { readonly makeId: Call['makeId']; readonly selfTradePrevention: string },
) => NewList;

function placeList(call: Call, read: ReadList, kind: ListKind = 'oco'): unknown {
  const { parameters, account, engine, makeId } = call;
  const symbol = symbolOf(call);
  const selfTradePrevention = readSelfTradePrevention(parameters, symbol.terms.selfTradePrevention);
  const asked = readResponseType(parameters) ?? 'RESULT';
  const wanted = read(parameters, { makeId, selfTradePrevention });
  parameters.end();
  if (kind !== 'oto' && kind !== 'opo' && !symbol.terms.allows('ocoAllowed'))
    throw tradingErrors.ocoNotSupported();
  if (kind !== 'oco' && !symbol.terms.allows('otoAllowed')) throw tradingErrors.otoNotSupported();
  if (kind.startsWith('opo') && !symbol.terms.allows('opoAllowed')) throw tradingErrors.opoNotSupported();
  refuseTooMany(call, wanted.orders.length);
  const list = engine.placeList(account, symbol, wanted);
  conceal(call, list.orders);
  return { ...listPayload(list), orderReports: list.orders.map(order => placed(call, order, asked)) };
}

function cancelId({ parameters, makeId }: Call, name = 'newClientOrderId'): string {
  return readId(parameters, name) ?? makeId();
}

/** Takes an order out; the answer is that of its list, where it has one. */
function cancelled(call: Call, order: Order, id: string): object {
  const { faults, engine, time } = call;
  const race = faults.ofExecution('order-race', `order ${order.terms.clientOrderId}`);
  if (race !== undefined && engine.overtake(order)) {
    faults.record(race, time(), order.terms.clientOrderId);
    throw tradingErrors.unknownOrder();
  }
  const orders = engine.cancel(order, id);
  return order.list === undefined ? cancelledPayload(order, id) : cancelledList(order.list, orders, id);
}

function cancelledList(list: OrderList, orders: readonly Order[], id: string): object {
  return { ...listPayload(list), orderReports: orders.map(order => cancelledPayload(order, id)) };
}

function refuseRestricted({ parameters }: Call, order: Order | undefined): void {
  const restriction = parameters.text('cancelRestrictions');
  if (restriction === undefined) return;
  if (restriction !== 'ONLY_NEW' && restriction !== 'ONLY_PARTIALLY_FILLED')
    throw tradingErrors.cancelRestrictions();
  const status = restriction === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED';
  if (order !== undefined && order.status !== status) throw tradingErrors.restricted();
}

function cancel(call: Call): unknown {
  const symbol = symbolOf(call);
  const named = readNamed(call.parameters, 'orderId', 'origClientOrderId');
  const id = cancelId(call);
  refuseRestricted(call, undefined);
  call.parameters.end();
  const order = openOrder(call.records, symbol, named);
  refuseRestricted(call, order);
  return cancelled(call, order, id);
}

function cancelAll(call: Call): unknown {
  const symbol = symbolOf(call);
  call.parameters.end();
  const open = call.engine.open(call.account, symbol);
  if (open.length === 0) throw tradingErrors.unknownOrder();
  const id = call.makeId();
  const answers: object[] = [];
  for (const order of open) if (isLive(order)) answers.push(cancelled(call, order, id));
  return answers;
}

function cancelList(call: Call): unknown {
  const symbol = symbolOf(call);
  const { id, clientId } = readNamed(call.parameters, 'orderListId', 'listClientOrderId');
  const cancelledBy = cancelId(call);
  call.parameters.end();
  const list = [...call.records.lists].findLast(
    one =>
      one.symbol === symbol.name &&
      !one.isDone &&
      (id === undefined || one.id === id) &&
      (clientId === undefined || one.clientOrderId === clientId),
  );
  const order = list?.orders.find(isLive);
  if (order === undefined) throw tradingErrors.unknownOrder();
  return cancelled(call, order, cancelledBy);
}

function amend(call: Call): unknown {
  const symbol = symbolOf(call);
  if (!symbol.terms.allows('amendAllowed')) throw tradingErrors.amendNotSupported();
  const named = readNamed(call.parameters, 'orderId', 'origClientOrderId');
  const quantity = readAmount(call.parameters, 'newQty');
  if (quantity === undefined) throw restErrors.missing('newQty');
  const id = cancelId(call);
  call.parameters.end();
  const order = openOrder(call.records, symbol, named);
  if (order.status === 'PENDING_NEW' && order.list?.paysOther) throw tradingErrors.amendPendingOpo();
  const before = order.clientOrderId;
  const number = call.engine.amend(order, quantity, id);
  return amendedPayload(order, before, number);
}

function cancelReplace(call: Call): unknown {
  const { parameters, account, engine } = call;
  const symbol = symbolOf(call);
  if (!symbol.terms.allows('cancelReplaceAllowed')) throw tradingErrors.cancelReplaceNotSupported();
  const mode = parameters.mandatory('cancelReplaceMode');
  if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') throw restErrors.value('cancelReplaceMode');
  const exceededMode = parameters.text('orderRateLimitExceededMode') ?? 'DO_NOTHING';
  if (exceededMode !== 'DO_NOTHING' && exceededMode !== 'CANCEL_ONLY') {
    throw restErrors.value('orderRateLimitExceededMode');
  }
  const named = readNamed(parameters, 'cancelOrderId', 'cancelOrigClientOrderId');
  const id = cancelId(call, 'cancelNewClientOrderId');
  refuseRestricted(call, undefined);
  const terms = readTerms(call, symbol);
  const asked = readResponseType(parameters);
  parameters.end();
  engine.check(account, symbol, terms);
  let limit: RestError | undefined;
  try {
    refuseTooMany(call, 1);
  } catch (error) {
    if (!(error instanceof RestError) || exceededMode === 'DO_NOTHING') throw error;
    limit = error;
  }
  const removed = attempt(() => {
    const order = openOrder(call.records, symbol, named);
    refuseRestricted(call, order);
    return cancelled(call, order, id);
  });
  if (removed.error !== undefined && mode === 'STOP_ON_FAILURE') {
    throw tradingErrors.notReplaced(limit === undefined ? 400 : 429, {
      cancelResult: 'FAILURE',
      newOrderResult: 'NOT_ATTEMPTED',
      cancelResponse: removed.answer,
      newOrderResponse: null,
    });
  }
  const created = attempt(() => {
    if (limit !== undefined) throw limit;
    const order = engine.place(account, symbol, terms);
    conceal(call, [order]);
    return placed(call, order, asked);
  });
  const data = {
    cancelResult: removed.error === undefined ? 'SUCCESS' : 'FAILURE',
    newOrderResult: created.error === undefined ? 'SUCCESS' : 'FAILURE',
    cancelResponse: removed.answer,
    newOrderResponse: created.answer,
  };
  if (removed.error === undefined && created.error === undefined) return data;
  const status = limit === undefined ? 409 : 429;
  if (removed.error !== undefined && created.error !== undefined) throw tradingErrors.notReplaced(400, data);
  throw tradingErrors.partlyReplaced(status, data);
}

function attempt(run: () => object): { readonly answer: object; readonly error: RestError | undefined } {
  try {
    return { answer: run(), error: undefined };
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return { answer: { code: error.code, msg: error.message }, error };
  }
}
