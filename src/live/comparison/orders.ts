import type { SimulatedRun } from '../../backtest/run.ts';
import type { Side } from '../../model/order.ts';
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
  /** NaN for a market order. */
  readonly limit: number;
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
export function ordersOf(run: SimulatedRun, timeOf?: (id: number) => number | undefined): PlacedOrders {
  const { orders, account } = run.broker;
  const { fills } = account;
  const rows = new Int32Array(orders.length + 1).fill(-1);
  // Simulated orders fill whole: one row each.
  for (let row = 0; row < fills.length; row++) rows[fills.orderId(row)] = row;
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
      const { symbol, side, type, quote, tag, status, reason, limit, timeInForce } = order;
      return {
        id,
        time: times[id - 1],
        symbol,
        side,
        type,
        size: Number.isNaN(quote) ? order.size : Number.NaN,
        quote,
        limit,
        timeInForce: timeInForce ?? '',
        tag,
        status,
        reason: reason?.code ?? '',
        fill:
          row < 0
            ? undefined
            : {
                time: fills.time(row),
                size: Math.abs(fills.size(row)),
                price: fills.price(row),
                fee: fills.fee(row),
                maker: order.maker,
              },
      };
    },
  };
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
    limit: number(placed.limit),
    timeInForce: (placed.timeInForce as string | undefined) ?? '',
    tag: placed.tag as string,
    status: 'accepted',
    reason: '',
    fill: undefined,
  };
}

function added(
  before: PlacedFill | undefined,
  { time, size, price, fee }: Extract<JournalEntry, { kind: 'fill' }>,
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
