import type { Run } from '../../backtest/run.ts';
import type { Order, OrderType, Side } from '../../model/order.ts';
import type { JournalEntry } from '../../store/journal.ts';

/** An order as a run placed it, and what became of it. */
export interface PlacedOrder {
  readonly id: number;
  /** The moment that it was decided for, epoch ms UTC: that of the bar, however late the bar came. */
  readonly time: number;
  readonly symbol: string;
  readonly side: Side;
  readonly type: string;
  /** Base units asked for; NaN for an order in quote. */
  readonly size: number;
  /** Quote to spend; NaN for an order in base units. */
  readonly quote: number;
  /** NaN for an order without one, and for one that moved or followed from a fill. */
  readonly limit: number;
  /** The trigger; NaN as for `limit`. */
  readonly stop: number;
  /** How far the trigger trails behind, in quote or as a fraction; NaN for both when it does not. */
  readonly trailAmount: number;
  readonly trailPercent: number;
  /** Ids; 0 for none. */
  readonly parentId: number;
  readonly ocoId: number;
  readonly timeInForce: string;
  readonly tag: string;
  readonly status: string;
  /** Code of the reason for which it ended without a fill, or ''. */
  readonly reason: string;
  readonly fill: PlacedFill | undefined;
}

/** All fills of an order as one. */
export interface PlacedFill {
  /** Of the last, epoch ms UTC. */
  readonly time: number;
  /** Base units by which the position moved, always positive. */
  readonly size: number;
  readonly price: number;
  /** Its value in quote. */
  readonly fee: number;
  /** True for an order that rested in the book; undefined where nobody wrote it down. */
  readonly maker: boolean | undefined;
}

/** The orders of a run by the moment they were decided for, made when they are asked for. */
export interface PlacedOrders {
  readonly length: number;
  time(index: number): number;
  at(index: number): PlacedOrder;
}

/** The orders of a run. `timeOf`: the moment that an order was decided for, where that is not when it was placed. */
export function ordersOf(run: Run, timeOf?: (id: number) => number | undefined): PlacedOrders {
  const { orders, account } = run.broker;
  const { fills } = account;
  /** The first fill of each order, and the others of those that have more. */
  const rows = new Int32Array(orders.length + 1).fill(-1);
  const more = new Map<number, number[]>();
  for (let row = 0; row < fills.length; row++) {
    const id = fills.orderId(row);
    if (rows[id] < 0) rows[id] = row;
    else more.set(id, [...(more.get(id) ?? []), row]);
  }
  const times = new Float64Array(orders.length);
  const ids = new Uint32Array(orders.length);
  for (let i = 0; i < orders.length; i++) {
    ids[i] = i + 1;
    times[i] = timeOf?.(i + 1) ?? orders.createdAt(i + 1);
  }
  ids.sort((a, b) => times[a - 1] - times[b - 1] || a - b);
  return {
    length: ids.length,
    time: index => times[ids[index] - 1],
    at: index => {
      const id = ids[index];
      const row = rows[id];
      const order = orders.view(id);
      const { symbol, side, type, quote, tag, status, reason, timeInForce } = order;
      let fill: PlacedFill | undefined;
      for (const one of row < 0 ? [] : [row, ...(more.get(id) ?? [])]) {
        const amounts = { size: fills.size(one), price: fills.price(one), fee: fills.fee(one) };
        fill = { ...added(fill, { time: fills.time(one), ...amounts }), maker: order.maker };
      }
      return {
        id,
        time: times[id - 1],
        symbol,
        side,
        type,
        size: Number.isNaN(quote) ? order.size : Number.NaN,
        quote,
        ...pricesOf(order),
        timeInForce: timeInForce ?? '',
        tag,
        status,
        reason: reason?.code ?? '',
        fill,
      };
    },
  };
}

/** What an order was placed with; what moves with the market, or follows from a fill, is no part of the decision. */
function pricesOf(
  order: Pick<Order, 'type' | 'limit' | 'stop' | 'trailAmount' | 'trailPercent' | 'parentId' | 'ocoId'>,
) {
  const { type, trailAmount, trailPercent, parentId, ocoId } = order;
  const moves = type === 'stopTrail' || type === 'stopTrailLimit' || parentId !== 0;
  const [limit, stop] = moves ? [Number.NaN, Number.NaN] : [order.limit, order.stop];
  return { limit, stop, trailAmount, trailPercent, parentId, ocoId };
}

/** The orders that a journal tells of. */
export function recordedOrders(entries: Iterable<JournalEntry>): PlacedOrders {
  const all: { -readonly [K in keyof PlacedOrder]: PlacedOrder[K] }[] = [];
  const byId = new Map<number, (typeof all)[number]>();
  for (const entry of entries) {
    if (entry.kind === 'order') {
      const order = asked(entry);
      all.push(order);
      byId.set(order.id, order);
    } else if (entry.kind === 'fill') {
      const order = byId.get(entry.orderId);
      if (order !== undefined) order.fill = added(order.fill, entry);
    } else if (entry.kind === 'ended') {
      const order = byId.get(entry.id);
      if (order === undefined) continue;
      order.status = entry.status;
      order.reason = entry.reason;
      byId.delete(entry.id);
    }
  }
  return { length: all.length, time: index => all[index].time, at: index => all[index] };
}

function asked({ id, time, order }: Extract<JournalEntry, { kind: 'order' }>): PlacedOrder {
  // NaN is null in JSON.
  const placed = JSON.parse(order) as Record<string, unknown>;
  const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
  const quote = number(placed.quote);
  return {
    id,
    time,
    symbol: placed.symbol as string,
    side: placed.side as Side,
    type: placed.type as string,
    size: Number.isNaN(quote) ? number(placed.size) : Number.NaN,
    quote,
    ...pricesOf({
      type: placed.type as OrderType,
      limit: number(placed.limit),
      stop: number(placed.stop),
      trailAmount: number(placed.trailAmount),
      trailPercent: number(placed.trailPercent),
      parentId: number(placed.parentId) || 0,
      ocoId: number(placed.ocoId) || 0,
    }),
    timeInForce: (placed.timeInForce as string | undefined) ?? '',
    tag: placed.tag as string,
    status: 'accepted',
    reason: '',
    fill: undefined,
  };
}

function added(
  before: PlacedFill | undefined,
  {
    time,
    size,
    price,
    fee,
  }: Pick<Extract<JournalEntry, { kind: 'fill' }>, 'time' | 'size' | 'price' | 'fee'>,
): PlacedFill {
  const amount = Math.abs(size);
  if (before === undefined) return { time, size: amount, price, fee, maker: undefined };
  const whole = before.size + amount;
  return {
    time,
    size: whole,
    price: (before.price * before.size + price * amount) / whole,
    fee: before.fee + fee,
    maker: undefined,
  };
}

/** True while an order could still change. */
export function isOpen({ status }: PlacedOrder): boolean {
  return ['created', 'submitted', 'accepted', 'partial'].includes(status);
}
