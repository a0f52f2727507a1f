import type { Order } from '../../model/order.ts';
import type { Trade } from '../../model/trade.ts';
import type { RunStart, WatchedData } from '../analyzers/analyzer.ts';
import { withDefaults } from '../analyzers/backtrader/parameters.ts';
import { namesOf } from '../analyzers/backtrader/positions.ts';
import type { Observer } from './observer.ts';

export interface BuySellParameters {
  /** Number of the data; default the first. */
  readonly data?: number | undefined;
  /** Below the low and above the high of the bar in place of the price. */
  readonly barplot?: boolean | undefined;
  /** How far below or above, as a fraction; default 0.015. */
  readonly bardist?: number | undefined;
}

/** BuySell: the average price at which orders on a data bought and sold in the step. */
export class BuySell implements Observer {
  readonly name = 'BuySell';
  readonly #p;
  #data!: WatchedData;
  #instrument = 0;
  /** Average prices of the orders told so far in this step: bought, sold. */
  readonly #bought: number[] = [];
  readonly #sold: number[] = [];

  constructor(parameters: BuySellParameters = {}) {
    this.#p = withDefaults('BuySell', { data: 0, barplot: false, bardist: 0.015 }, parameters);
  }

  begin(start: RunStart): readonly string[] {
    this.#data = start.datas[this.#p.data];
    this.#instrument = start.instruments[this.#p.data];
    return ['buy', 'sell'];
  }

  order(order: Order): void {
    if (order.instrument !== this.#instrument || !(order.filled > 0)) return;
    (order.side === 'buy' ? this.#bought : this.#sold).push(order.price);
  }

  step(values: Float64Array): void {
    const { barplot, bardist } = this.#p;
    const { low, high } = this.#data.bar;
    if (this.#bought.length > 0) values[0] = barplot ? low * (1 - bardist) : average(this.#bought);
    if (this.#sold.length > 0) values[1] = barplot ? high * (1 + bardist) : average(this.#sold);
    this.#bought.length = 0;
    this.#sold.length = 0;
  }
}

function average(prices: readonly number[]): number {
  return prices.reduce((sum, price) => sum + price, 0) / prices.length;
}

/** Trades: the result of a trade that closed in the step: a gain or a loss. Of several, the last. */
export class Trades implements Observer {
  readonly name = 'Trades';
  readonly #p;
  #plus = Number.NaN;
  #minus = Number.NaN;

  /** `pnlcomm`: after fees; default true. */
  constructor(parameters: { readonly pnlcomm?: boolean | undefined } = {}) {
    this.#p = withDefaults('Trades', { pnlcomm: true }, parameters);
  }

  begin(): readonly string[] {
    return ['pnlplus', 'pnlminus'];
  }

  trade(trade: Trade): void {
    if (trade.open) return;
    const result = this.#p.pnlcomm ? trade.net : trade.pnl;
    if (result >= 0) this.#plus = result;
    else this.#minus = result;
  }

  step(values: Float64Array): void {
    values[0] = this.#plus;
    values[1] = this.#minus;
    this.#plus = Number.NaN;
    this.#minus = Number.NaN;
  }
}

/** DataTrades: the result before fees of a trade that closed in the step, a line a data. */
export class DataTrades implements Observer {
  readonly name = 'DataTrades';
  readonly #p;
  #symbols: readonly string[] = [];
  readonly #results = new Map<string, number>();

  /** `usenames`: call the lines as the datas are called (default), not `data0`, `data1`, … */
  constructor(parameters: { readonly usenames?: boolean | undefined } = {}) {
    this.#p = withDefaults('DataTrades', { usenames: true }, parameters);
  }

  begin(start: RunStart): readonly string[] {
    const { account, datas, instruments } = start;
    this.#symbols = instruments.map(instrument => account.instruments[instrument].symbol);
    return this.#p.usenames ? namesOf(start) : datas.map((_, i) => `data${i}`);
  }

  trade(trade: Trade): void {
    if (!trade.open) this.#results.set(trade.symbol, trade.pnl);
  }

  step(values: Float64Array): void {
    for (const [i, symbol] of this.#symbols.entries()) {
      // Of several datas of one instrument the first has its trades.
      if (this.#symbols.indexOf(symbol) === i) values[i] = this.#results.get(symbol) ?? Number.NaN;
    }
    this.#results.clear();
  }
}
