import { backtest, memoryFeed, type Order, type Strategy, strategy } from 'qt-trader';

export const START = Date.UTC(2024, 0, 1);
export const MINUTE = 60_000;
export const free = { commission: 0, slippage: 0 };

/** Open, high, low, close. */
export type Row = readonly [number, number, number, number];

/** Minutes as `[open, high, low, close]`. */
export function bars(...rows: Row[]) {
  const column = (at: number) => rows.map(row => row[at]!);
  return {
    time: rows.map((_, i) => START + i * MINUTE),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
  };
}

export const flat = (price: number): Row => [price, price, price, price];

export type Plan = Record<number, (self: Strategy) => void>;

/** Does `plan[bar]` at each bar, counted from 0, and keeps what it is told as `bar: id status`. */
export async function planned(plan: Plan, rows: readonly Row[], more: object = {}) {
  const told: string[] = [];
  class Planned extends strategy() {
    next() {
      plan[this.data.length - 1]?.(this);
    }
    override notifyOrder({ id, status }: Order) {
      told.push(`${this.data.length - 1}: ${id} ${status}`);
    }
  }
  const { data = memoryFeed(bars(...rows), { symbol: 'BTCUSDT' }), ...settings } = more as { data?: never };
  const result = await backtest({ strategy: Planned, data, ...free, ...settings });
  const fills = [...result.fills].map(
    ({ orderId, side, size, price, time, maker }) =>
      `${orderId} ${side} ${size} at ${price} in ${(time - START) / MINUTE} as ${maker ? 'maker' : 'taker'}`,
  );
  const ends = [...result.orders].map(({ status, reason }) => `${status} ${reason?.code ?? ''}`.trim());
  return { result, told, fills, ends };
}
