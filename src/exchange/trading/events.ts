import type { Account } from './account.ts';
import { amountText } from './amount.ts';
import type { Execution } from './execution.ts';
import type { ReportKind } from './matching-engine.ts';
import type { OrderList } from './order.ts';
import { isLive, type Order } from './order.ts';

/** Binance's `executionReport`; `time` is the exchange's clock, `number` counts the reports. */
export function executionReport(
  order: Order,
  kind: ReportKind,
  { execution, cancelId }: { execution?: Execution; cancelId?: string },
  time: number,
  number: number,
): object {
  const { terms } = order;
  const zero = amountText(0n);
  const isReplaced = kind === 'CANCELED' && cancelId !== undefined;
  return {
    e: 'executionReport',
    E: time,
    s: order.symbol,
    c: isReplaced ? cancelId : order.clientOrderId,
    S: terms.side,
    o: terms.type,
    f: terms.timeInForce,
    q: amountText(order.quantity),
    p: amountText(terms.price),
    P: amountText(terms.stopPrice),
    ...(terms.trailingDelta === undefined ? {} : { d: terms.trailingDelta, D: order.trailingTime }),
    F: amountText(terms.icebergQuantity ?? 0n),
    g: order.list?.id ?? -1,
    C: isReplaced ? order.clientOrderId : '',
    x: kind,
    X: order.status,
    r: 'NONE',
    i: order.id,
    l: execution === undefined ? zero : amountText(execution.quantity),
    z: amountText(order.executed),
    L: execution === undefined ? zero : amountText(execution.price),
    n: execution === undefined ? '0' : amountText(execution.charge.amount),
    N: execution?.charge.asset ?? null,
    T: order.updateTime,
    t: execution?.id ?? -1,
    I: number,
    w: order.workingTime !== -1 && isLive(order) && !order.armed,
    m: execution?.maker ?? false,
    M: execution !== undefined,
    O: order.time,
    Z: amountText(order.executedQuote),
    Y: execution === undefined ? zero : amountText(execution.quote),
    Q: amountText(terms.quoteQuantity),
    ...(order.workingTime === -1 ? {} : { W: order.workingTime }),
    V: terms.selfTradePrevention,
    ...(terms.strategyId === undefined ? {} : { j: terms.strategyId }),
    ...(terms.strategyType === undefined ? {} : { J: terms.strategyType }),
    ...(order.expiryReason === undefined ? {} : { eR: order.expiryReason }),
  };
}

export function listStatus(list: OrderList, time: number): object {
  return {
    e: 'listStatus',
    E: time,
    s: list.symbol,
    g: list.id,
    c: list.contingency,
    l: list.isDone ? 'ALL_DONE' : 'EXEC_STARTED',
    L: list.isDone ? 'ALL_DONE' : 'EXECUTING',
    r: 'NONE',
    C: list.clientOrderId,
    T: list.time,
    O: list.orders.map(({ symbol, id, clientOrderId }) => ({ s: symbol, i: id, c: clientOrderId })),
  };
}

export function accountPosition(
  { wallet, updateTime }: Account,
  assets: readonly string[],
  time: number,
): object {
  return {
    e: 'outboundAccountPosition',
    E: time,
    u: updateTime,
    B: assets.map(a => ({ a, f: amountText(wallet.free(a)), l: amountText(wallet.locked(a)) })),
  };
}

export function balanceUpdate(asset: string, delta: bigint, time: number): object {
  return { e: 'balanceUpdate', E: time, a: asset, d: amountText(delta), T: time };
}
