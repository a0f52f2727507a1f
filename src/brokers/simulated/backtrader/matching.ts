import type { BarSlippage } from '../slippage.ts';
import type { LastBar } from './last-bars.ts';
import type { WorkingOrder } from './working-order.ts';

/** What a bar does with an order. */
export interface Match {
  /** NaN when it is not filled on this bar. */
  price: number;
  /** True for a fill at the close of the bar before. */
  late: boolean;
}

export interface MatchingOptions {
  readonly slippage: BarSlippage | undefined;
  readonly cheatOnClose: boolean;
  readonly cheatOnOpen: boolean;
}

/** At what price a bar fills an order of each type; docs/fills-backtrader.md has the rules as a table. */
export class Matching {
  readonly #slippage: BarSlippage | undefined;
  readonly #cheatOnClose: boolean;
  readonly #cheatOnOpen: boolean;
  /** Filled in anew for each order. */
  readonly #match: Match = { price: Number.NaN, late: false };

  constructor(options: MatchingOptions) {
    this.#slippage = options.slippage;
    this.#cheatOnClose = options.cheatOnClose;
    this.#cheatOnOpen = options.cheatOnOpen;
  }

  /** The bar may change the order: it may set it off, or leave a close with it. */
  match(order: WorkingOrder, bar: LastBar): Readonly<Match> {
    this.#match.late = false;
    this.#match.price = this.#price(order, bar);
    return this.#match;
  }

  #price(order: WorkingOrder, bar: LastBar): number {
    switch (order.type) {
      case 'market':
        return this.#market(order, bar);
      case 'close':
        return this.#close(order, bar);
      case 'limit':
        return this.#limit(order, bar);
      case 'stop':
      case 'stopTrail':
        return this.#stop(order, bar);
      case 'stopLimit':
      case 'stopTrailLimit':
        return order.triggered ? this.#limit(order, bar) : this.#stopLimit(order, bar);
    }
  }

  #market(order: WorkingOrder, bar: LastBar): number {
    if (this.#cheatOnClose) return this.#slip(order, order.placedClose, edge(order, bar), true, false);
    if (!this.#cheatOnOpen && !isAfter(bar.time, order.placedAt)) return Number.NaN;
    return this.#slip(order, bar.open, edge(order, bar), true, false);
  }

  /** At the close of the first bar that reaches the session's end, or at the last close before one that is beyond it. */
  #close(order: WorkingOrder, bar: LastBar): number {
    if (!(isAfter(bar.time, order.placedAt) && bar.time >= order.sessionEnd)) {
      order.sessionClose = bar.close;
      return Number.NaN;
    }
    if (bar.time === order.sessionEnd || Number.isNaN(order.sessionClose)) return bar.close;
    this.#match.late = true;
    return order.sessionClose;
  }

  /** At the open if that is no worse than the limit, else at the limit if the bar reaches it. */
  #limit(order: WorkingOrder, bar: LastBar): number {
    const { sell, limit } = order;
    if (sell ? limit <= bar.open : limit >= bar.open) {
      // A sale is cut back to its limit alone, a purchase to the bar's high, too.
      const bound = sell ? limit : Math.min(bar.high, limit);
      return this.#slip(order, bar.open, bound, true, true);
    }
    return (sell ? limit <= bar.high : limit >= bar.low) ? limit : Number.NaN;
  }

  /** At the open if that is beyond the trigger, else at the trigger if the bar reaches it. */
  #stop(order: WorkingOrder, bar: LastBar): number {
    const { sell, price } = order;
    if (sell ? bar.open <= price : bar.open >= price) {
      return this.#slip(order, bar.open, edge(order, bar), true, false);
    }
    const reached = sell ? bar.low <= price : bar.high >= price;
    return reached ? this.#slip(order, price, edge(order, bar), false, false) : Number.NaN;
  }

  /**
   * A limit order once the trigger is reached. Within the bar that reaches it, the way of the price from there on is read off
   * open and close.
   */
  #stopLimit(order: WorkingOrder, bar: LastBar): number {
    const { sell, price, limit } = order;
    if (sell ? bar.open <= price : bar.open >= price) {
      order.triggered = true;
      return this.#limit(order, bar);
    }
    if (!(sell ? bar.low <= price : bar.high >= price)) return Number.NaN;
    order.triggered = true;
    if (sell ? limit <= price : limit >= price)
      return this.#slip(order, price, edge(order, bar), false, true);
    const returns = sell
      ? bar.open <= bar.close && limit <= bar.close
      : bar.open > bar.close && limit >= bar.close;
    return returns ? limit : Number.NaN;
  }

  #slip(order: WorkingOrder, price: number, bound: number, opening: boolean, limit: boolean): number {
    if (this.#slippage === undefined) return price;
    return this.#slippage.price(order.sell ? 'sell' : 'buy', price, bound, opening, limit);
  }
}

/** The worst price of the bar for the order. */
function edge(order: WorkingOrder, bar: LastBar): number {
  return order.sell ? bar.low : bar.high;
}

/** backtrader's times are days in doubles, which tell 0.01 ms apart; bars with the same stamp may stand closer together here. */
function isAfter(time: number, other: number): boolean {
  return time > other + 0.005;
}
