import type { PlacedOrder } from './orders.ts';

/** Prices at which orders were executed, beside those of a backtest. */
export interface Slippage {
  /** Orders that both runs filled. */
  readonly orders: number;
  /** What they were worth, in quote, at the backtest's prices. */
  readonly traded: number;
  /** How much dearer the session bought, and cheaper it sold, in quote; negative when it did better. */
  readonly cost: number;
  /** The same of the order that cost most; 0 when none did. */
  readonly worst: number;
  /** Orders filled at a worse price, and at a better one. */
  readonly worse: number;
  readonly better: number;
}

export class SlippageSum implements Slippage {
  orders = 0;
  traded = 0;
  cost = 0;
  worst = 0;
  worse = 0;
  better = 0;

  /** Of orders that were filled for different sizes the smaller one counts. */
  add(left: PlacedOrder, right: PlacedOrder): void {
    const [fill, expected] = [left.fill, right.fill];
    if (fill === undefined || expected === undefined) return;
    const size = Math.min(fill.size, expected.size);
    const cost = size * (fill.price - expected.price) * (left.side === 'buy' ? 1 : -1);
    this.orders++;
    this.traded += size * expected.price;
    // Averages of the same prices may differ in their last places.
    if (Math.abs(fill.price - expected.price) <= 1e-9 * expected.price) return;
    this.cost += cost;
    this.worst = Math.max(this.worst, cost);
    if (cost > 0) this.worse++;
    else this.better++;
  }
}
