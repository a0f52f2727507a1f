import { LevelMarket } from './level-market.ts';
import type { MarketOptions, MarketSymbol } from './market.ts';
import { OrderMarket } from './order-market.ts';

/** What is traded at a simulated venue. */
export class SimulatedMarket {
  readonly symbols: ReadonlyMap<string, MarketSymbol>;

  constructor(symbols: readonly string[], random: () => number, time: number, options: MarketOptions = {}) {
    const kind = options.isOfOrders ? OrderMarket : LevelMarket;
    this.symbols = new Map(symbols.map(symbol => [symbol, new kind(symbol, random, time, options)]));
  }

  of(symbol: string): MarketSymbol {
    return this.symbols.get(symbol)!;
  }
}
