import type { Account } from './account.ts';
import { type Amount, amountText } from './amount.ts';
import { discountPayload, rateOf, ratesPayload } from './commission.ts';
import type { Execution } from './execution.ts';
import type { OrderList } from './order.ts';
import { isBuy, isContingent, type Order, type OrderTerms } from './order.ts';

export const RESPONSE_TYPES = ['ACK', 'RESULT', 'FULL'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** The answer to a placed order. */
export function placedPayload(order: Order, type: ResponseType, executions: readonly Execution[]): object {
  const { terms, symbol, id, list, clientOrderId, updateTime } = order;
  const acknowledged = {
    symbol,
    orderId: id,
    orderListId: list?.id ?? -1,
    clientOrderId,
    transactTime: updateTime,
  };
  if (type === 'ACK') return acknowledged;
  const result = {
    ...acknowledged,
    ...amounts(order),
    status: order.status,
    timeInForce: terms.timeInForce,
    type: terms.type,
    side: terms.side,
    ...stop(order),
    workingTime: order.workingTime,
    ...(type === 'FULL' ? { fills: executions.map(fillPayload) } : {}),
    ...conditional(order),
    selfTradePreventionMode: terms.selfTradePrevention,
  };
  return result;
}

function amounts(order: Order): object {
  const { terms, quantity, executed, executedQuote } = order;
  // What an order gets that another one pays is not known before.
  const isUnsized = order.list?.paysOther === true && order !== order.list.working && quantity === 0n;
  return {
    price: amountText(terms.price),
    ...(isUnsized ? {} : { origQty: amountText(quantity) }),
    executedQty: amountText(executed),
    origQuoteOrderQty: amountText(terms.quoteQuantity),
    cummulativeQuoteQty: amountText(executedQuote),
  };
}

function stop({ terms }: Order): object {
  return isContingent(terms.type) ? { stopPrice: amountText(terms.stopPrice) } : {};
}

/** Fields that are there only when an order has what they tell. */
function conditional(order: Order): object {
  const { terms, trailingTime, expiryReason } = order;
  const { trailingDelta, icebergQuantity, strategyId, strategyType } = terms;
  return {
    ...(trailingDelta === undefined ? {} : { trailingDelta, trailingTime }),
    ...(icebergQuantity === undefined ? {} : { icebergQty: amountText(icebergQuantity) }),
    ...(strategyId === undefined ? {} : { strategyId }),
    ...(strategyType === undefined ? {} : { strategyType }),
    ...(expiryReason === undefined ? {} : { expiryReason }),
  };
}

function fillPayload({ price, quantity, charge, id }: Execution): object {
  return {
    price: amountText(price),
    qty: amountText(quantity),
    commission: amountText(charge.amount),
    commissionAsset: charge.asset,
    tradeId: id,
  };
}

/** An order as a query tells it. */
export function orderPayload(order: Order): object {
  const { terms } = order;
  return {
    symbol: order.symbol,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    clientOrderId: order.clientOrderId,
    ...amounts(order),
    status: order.status,
    timeInForce: terms.timeInForce,
    type: terms.type,
    side: terms.side,
    stopPrice: amountText(terms.stopPrice),
    icebergQty: amountText(terms.icebergQuantity ?? 0n),
    time: order.time,
    updateTime: order.updateTime,
    isWorking: order.workingTime !== -1,
    workingTime: order.workingTime,
    ...conditional({ ...order, terms: { ...terms, icebergQuantity: undefined } }),
    selfTradePreventionMode: terms.selfTradePrevention,
  };
}

export function cancelledPayload(order: Order, cancelId: string): object {
  const { terms } = order;
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    clientOrderId: cancelId,
    transactTime: order.updateTime,
    ...amounts(order),
    status: order.status,
    timeInForce: terms.timeInForce,
    type: terms.type,
    side: terms.side,
    ...stop(order),
    ...conditional(order),
    selfTradePreventionMode: terms.selfTradePrevention,
  };
}

export function listPayload(list: OrderList): object {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listStatusType: list.isDone ? 'ALL_DONE' : 'EXEC_STARTED',
    listOrderStatus: list.isDone ? 'ALL_DONE' : 'EXECUTING',
    listClientOrderId: list.clientOrderId,
    transactionTime: list.time,
    symbol: list.symbol,
    orders: list.orders.map(({ symbol, id, clientOrderId }) => ({ symbol, orderId: id, clientOrderId })),
  };
}

export function executionPayload({
  order,
  id,
  price,
  quantity,
  quote,
  charge,
  maker,
  time,
}: Execution): object {
  return {
    symbol: order.symbol,
    id,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    price: amountText(price),
    qty: amountText(quantity),
    quoteQty: amountText(quote),
    commission: amountText(charge.amount),
    commissionAsset: charge.asset,
    time,
    isBuyer: isBuy(order),
    isMaker: maker,
    isBestMatch: true,
  };
}

export function amendedPayload(order: Order, originalId: string, executionId: number): object {
  const { terms, list } = order;
  return {
    transactTime: order.updateTime,
    executionId,
    amendedOrder: {
      symbol: order.symbol,
      orderId: order.id,
      orderListId: list?.id ?? -1,
      origClientOrderId: originalId,
      clientOrderId: order.clientOrderId,
      price: amountText(terms.price),
      qty: amountText(order.quantity),
      executedQty: amountText(order.executed),
      preventedQty: amountText(0n),
      quoteOrderQty: amountText(terms.quoteQuantity),
      cumulativeQuoteQty: amountText(order.executedQuote),
      status: order.status,
      timeInForce: terms.timeInForce,
      type: terms.type,
      side: terms.side,
      ...stop(order),
      ...(order.workingTime === -1 ? {} : { workingTime: order.workingTime }),
      ...conditional(order),
      selfTradePreventionMode: terms.selfTradePrevention,
    },
    ...(list === undefined
      ? {}
      : {
          listStatus: {
            orderListId: list.id,
            contingencyType: list.contingency,
            listOrderStatus: list.isDone ? 'ALL_DONE' : 'EXECUTING',
            listClientOrderId: list.clientOrderId,
            symbol: list.symbol,
            orders: list.orders.map(({ symbol, id, clientOrderId }) => ({
              symbol,
              orderId: id,
              clientOrderId,
            })),
          },
        }),
  };
}

export function accountPayload(account: Account, assets: readonly string[], omitZero: boolean): object {
  const { wallet, commission } = account;
  const { maker, taker, buyer, seller } = commission.standard;
  const bips = (rate: Amount) => Number(rate) / 10_000;
  const balances = [...new Set([...wallet.assets, ...assets])].map(asset => ({
    asset,
    free: wallet.free(asset),
    locked: wallet.locked(asset),
  }));
  return {
    makerCommission: bips(maker),
    takerCommission: bips(taker),
    buyerCommission: bips(buyer),
    sellerCommission: bips(seller),
    commissionRates: ratesPayload(commission.standard),
    canTrade: account.mayTrade,
    canWithdraw: account.mayWithdraw,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: account.updateTime,
    accountType: 'SPOT',
    balances: balances
      .filter(({ free, locked }) => !omitZero || free > 0n || locked > 0n)
      .map(({ asset, free, locked }) => ({ asset, free: amountText(free), locked: amountText(locked) })),
    permissions: ['SPOT'],
    uid: account.uid,
  };
}

export function commissionPayload(symbol: string, { commission }: Account): object {
  return {
    symbol,
    standardCommission: ratesPayload(commission.standard),
    specialCommission: ratesPayload(commission.special),
    taxCommission: ratesPayload(commission.tax),
    discount: discountPayload(commission),
  };
}

/** What executions of an order would cost. */
export function orderCommissionPayload({ side }: OrderTerms, { commission }: Account): object {
  const of = (rates: typeof commission.standard) => ({
    maker: amountText(rateOf(rates, side === 'BUY', true)),
    taker: amountText(rateOf(rates, side === 'BUY', false)),
  });
  return {
    standardCommissionForOrder: of(commission.standard),
    specialCommissionForOrder: of(commission.special),
    taxCommissionForOrder: of(commission.tax),
    discount: discountPayload(commission),
  };
}
