import { restErrors } from '../rest-errors.ts';
import { amountText } from './amount.ts';
import { findOrder, pageOf, readNamed, readPage } from './lookup.ts';
import { type Call, isSeen, type Operation } from './operation.ts';
import {
  accountPayload,
  commissionPayload,
  executionPayload,
  listPayload,
  orderPayload,
} from './payloads.ts';
import { tradingErrors } from './trading-errors.ts';

/** What an account may ask about itself. */
export const QUERIES: readonly Operation[] = [
  query('order.status', 'GET /api/v3/order', 4, order),
  query('openOrders.status', 'GET /api/v3/openOrders', asked => (asked.has('symbol') ? 6 : 80), openOrders),
  query('allOrders', 'GET /api/v3/allOrders', 20, allOrders),
  query('orderList.status', 'GET /api/v3/orderList', 4, orderList),
  query('openOrderLists.status', 'GET /api/v3/openOrderList', 6, openOrderLists),
  query('allOrderLists', 'GET /api/v3/allOrderList', 20, allOrderLists),
  query('myTrades', 'GET /api/v3/myTrades', asked => (asked.has('orderId') ? 5 : 20), trades),
  query('account.status', 'GET /api/v3/account', 20, account),
  query('account.commission', 'GET /api/v3/account/commission', 20, commission),
  query('account.rateLimits.orders', 'GET /api/v3/rateLimit/order', 40, orderRates),
  query('myFilters', 'GET /api/v3/myFilters', 40, filters),
  query('myPreventedMatches', 'GET /api/v3/myPreventedMatches', 20, nothing),
  query('myAllocations', 'GET /api/v3/myAllocations', 20, nothing),
  query('account.apiRestrictions', 'GET /sapi/v1/account/apiRestrictions', 1, restrictions),
  // Clients that know more than spot ask for these before anything else.
  query('coins', 'GET /sapi/v1/capital/config/getall', 10, coins),
  query('margin.allPairs', 'GET /sapi/v1/margin/allPairs', 1, () => []),
  query('margin.isolated.allPairs', 'GET /sapi/v1/margin/isolated/allPairs', 10, () => []),
];

function query(name: string, route: string, weight: Operation['weight'], run: Operation['run']): Operation {
  return { name, route, security: 'USER_DATA', weight, acts: false, run };
}

function symbolOf({ engine, parameters }: Call) {
  parameters.mandatory('symbol');
  return engine.symbol(parameters.symbol()!);
}

function order(call: Call): unknown {
  const symbol = symbolOf(call);
  const named = readNamed(call.parameters, 'orderId', 'origClientOrderId');
  const found = findOrder(call.records, symbol, named, one => isSeen(one, call));
  if (found === undefined) throw tradingErrors.noSuchOrder();
  return orderPayload(found);
}

function openOrders(call: Call): unknown {
  const name = call.parameters.symbol();
  const symbol = name === undefined ? undefined : call.engine.symbol(name);
  return call.engine
    .open(call.account, symbol)
    .filter(one => isSeen(one, call))
    .map(orderPayload);
}

function allOrders(call: Call): unknown {
  const symbol = symbolOf(call);
  const page = readPage(call.parameters, 'orderId');
  const orders = [...call.records.orders].filter(one => one.symbol === symbol.name && isSeen(one, call));
  return pageOf(orders, page, { id: ({ id }) => id, time: ({ time }) => time }).map(orderPayload);
}

function listsOf(call: Call) {
  return [...call.records.lists].filter(({ orders }) => orders.every(one => isSeen(one, call)));
}

function orderList(call: Call): unknown {
  const { id, clientId } = readNamed(call.parameters, 'orderListId', 'origClientOrderId');
  const list = listsOf(call).findLast(one =>
    id === undefined ? one.clientOrderId === clientId : one.id === id,
  );
  if (list === undefined) throw tradingErrors.noSuchList();
  return listPayload(list);
}

function openOrderLists(call: Call): unknown {
  return listsOf(call)
    .filter(({ isDone }) => !isDone)
    .map(listPayload);
}

function allOrderLists(call: Call): unknown {
  const page = readPage(call.parameters, 'fromId');
  if (page.fromId !== undefined && (page.startTime !== undefined || page.endTime !== undefined)) {
    throw restErrors.combination('fromId and startTime or endTime');
  }
  return pageOf(listsOf(call), page, { id: ({ id }) => id, time: ({ time }) => time }).map(listPayload);
}

function trades(call: Call): unknown {
  const symbol = symbolOf(call);
  const orderId = call.parameters.count('orderId');
  const page = readPage(call.parameters, 'fromId');
  if (page.fromId !== undefined && (page.startTime !== undefined || page.endTime !== undefined)) {
    throw restErrors.combination('fromId and startTime or endTime');
  }
  const executions = [...call.records.executions].filter(
    ({ order: of }) =>
      of.symbol === symbol.name && (orderId === undefined || of.id === orderId) && isSeen(of, call),
  );
  return pageOf(executions, page, { id: ({ id }) => id, time: ({ time }) => time }).map(executionPayload);
}

function account(call: Call): unknown {
  const omitZero = call.parameters.text('omitZeroBalances') === 'true';
  return accountPayload(call.account, call.assets, omitZero);
}

function commission(call: Call): unknown {
  return commissionPayload(symbolOf(call).name, call.account);
}

function orderRates({ account: { rate }, real }: Call): unknown {
  return rate.usages(real()).map(({ interval, intervalNum, limit, count }) => ({
    rateLimitType: 'ORDERS',
    ...{ interval, intervalNum, limit, count },
  }));
}

function filters(call: Call): unknown {
  const { terms } = symbolOf(call);
  const limits = ['MAX_NUM_ORDERS', 'MAX_NUM_ALGO_ORDERS', 'MAX_NUM_ORDER_LISTS', 'MAX_POSITION'];
  return {
    exchangeFilters: [],
    symbolFilters: limits.flatMap(name => terms.filter(name) ?? []),
    assetFilters: [],
  };
}

/** Nobody trades with himself here, and no order is routed elsewhere. */
function nothing(call: Call): unknown {
  symbolOf(call);
  for (const name of ['preventedMatchId', 'orderId', 'fromPreventedMatchId', 'fromAllocationId']) {
    call.parameters.count(name);
  }
  readPage(call.parameters, 'fromId');
  return [];
}

/** Assets, none of which can be paid in or out over a network. */
function coins({ account: { wallet }, assets }: Call): unknown {
  const zero = amountText(0n);
  return [...new Set([...wallet.assets, ...assets])].map(coin => ({
    ...{
      coin,
      name: coin,
      depositAllEnable: false,
      withdrawAllEnable: false,
      trading: true,
      isLegalMoney: false,
    },
    ...{ free: amountText(wallet.free(coin)), locked: amountText(wallet.locked(coin)) },
    ...{ freeze: zero, withdrawing: zero, ipoing: zero, ipoable: zero, storage: zero, networkList: [] },
  }));
}

function restrictions({ account: of }: Call): unknown {
  return {
    ipRestrict: of.ipRestricted,
    createTime: 0,
    enableReading: true,
    enableSpotAndMarginTrading: of.mayTrade,
    enableWithdrawals: of.mayWithdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enablePortfolioMarginTrading: false,
  };
}
