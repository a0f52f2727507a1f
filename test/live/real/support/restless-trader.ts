import { type Bracket, type Data, type Order, type StrategyClass, strategy } from 'qt-trader';
import { mulberry32 } from '../../../support/random-walk.ts';

/** A bracket as the strategy placed it: numbers of its orders. */
export interface Promised {
  readonly entry: number;
  readonly stopLoss: number | undefined;
  readonly takeProfit: number | undefined;
}

/** What a strategy was promised to be protected by, and when it wanted that no more. */
export class Promises {
  readonly brackets = new Map<number, Promised>();
  /** When a bracket's exits were cancelled by the strategy, by the entry's number; epoch ms UTC of this machine's clock. */
  readonly released = new Map<number, number>();
  /** Moments of what has been decided, which a later life lives through again. */
  readonly #first = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A strategy begins: what it decides counts, and not what an earlier life may have decided without keeping it. */
  begin(): void {
    this.brackets.clear();
    this.released.clear();
  }

  add({ entry, stopLoss, takeProfit }: Bracket): void {
    this.brackets.set(entry.id, { entry: entry.id, stopLoss: stopLoss?.id, takeProfit: takeProfit?.id });
  }

  entryOf(id: number): number | undefined {
    for (const { entry, stopLoss, takeProfit } of this.brackets.values())
      if (stopLoss === id || takeProfit === id) return entry;
    return undefined;
  }

  /** The strategy cancels an order at a step; if it is an exit, its partner goes with it. */
  cancelled({ id }: Order, step: number): void {
    const entry = this.entryOf(id);
    if (entry === undefined || this.released.has(entry)) return;
    const key = `${id} ${step}`;
    const first = this.#first.get(key) ?? this.#now();
    this.#first.set(key, first);
    this.released.set(entry, first);
  }
}

/**
 * Orders of all kinds at random, until `quietFrom` (epoch ms UTC, the market's time); `bracketsOnly`: nothing but brackets, one at
 * a time on each symbol, whose exits are left alone.
 */
export function restlessTrader(
  seed: number,
  promises: Promises,
  { quietFrom, bracketsOnly }: { readonly quietFrom: number; readonly bracketsOnly: boolean },
): StrategyClass {
  return class RestlessTrader extends strategy() {
    readonly #random = mulberry32(seed);

    override init() {
      promises.begin();
    }

    next() {
      if (this.time >= quietFrom) return;
      const random = this.#random;
      const data = this.datas[Math.floor(random() * this.datas.length)]!;
      for (const order of this.openOrders) {
        // Exits are left alone more often than not.
        const isExit = promises.entryOf(order.id) !== undefined;
        if (random() >= (isExit ? 0.03 : 0.2) || (isExit && bracketsOnly)) continue;
        promises.cancelled(order, this.time);
        this.cancel(order);
      }
      if (this.openOrders.length > 8 || random() < 0.25) return;
      if (bracketsOnly && this.openOrders.some(order => order.symbol === data.instrument.symbol)) return;
      this.#order(data);
    }

    #order(data: Data) {
      const random = this.#random;
      const { close } = data.bar;
      const near = (share: number) => Math.round(close * share * 100) / 100;
      const size = Math.ceil(1 + random() * 300) / 100;
      const position = this.positionOf(data);
      const dice = random();
      if (dice < 0.42 || bracketsOnly) {
        promises.add(this.#bracket(data, size, near));
      } else if (position.isOpen && position.size > 0 && dice < 0.75) {
        const part = position.size * (0.3 + random() * 0.7);
        const how = random();
        if (how < 0.3) this.close({ data });
        else if (how < 0.45) this.close({ data, trailPercent: 0.002 + Math.round(random() * 100) / 10_000 });
        else if (how < 0.6) this.sell({ data, size: part, stop: near(0.995 - random() * 0.01) });
        else if (how < 0.75) this.sell({ data, size: part, limit: near(1.001 + random() * 0.01) });
        else if (how < 0.9) {
          const low = this.sell({ data, size: part, stop: near(0.99) });
          this.sell({ data, size: part, limit: near(1.01), oco: low });
        } else this.sell({ data, size: part });
      } else if (dice < 0.82) {
        const low = this.buy({ data, size, limit: near(0.994) });
        this.buy({ data, size, stop: near(1.006), oco: low });
      } else if (dice < 0.9) {
        const timeInForce = (['GTC', 'IOC', 'FOK'] as const)[Math.floor(random() * 3)]!;
        this.buy({ data, size, limit: near(0.995 + random() * 0.01), timeInForce });
      } else if (random() < 0.5) this.buy({ data, size });
      else this.buy({ data, quote: 50 + Math.round(random() * 400) });
    }

    #bracket(data: Data, size: number, near: (share: number) => number): Bracket {
      const random = this.#random;
      const [down, up] = [0.004 + random() * 0.012, 0.004 + random() * 0.012];
      const trail = { trailPercent: 0.003 + Math.round(random() * 100) / 10_000 };
      const kind = random();
      if (kind < 0.3) {
        const stopLoss = random() < 0.3 ? trail : { percent: down };
        const entry = random() < 0.3 ? { quote: 60 + Math.round(random() * 300) } : { size };
        return this.buyBracket({ data, ...entry, stopLoss, takeProfit: { percent: up } });
      }
      const entry = near(0.995 + random() * 0.006);
      const at = (share: number) => Math.round(entry * share * 100) / 100;
      const takeProfit = at(1 + up);
      if (kind < 0.75)
        return this.buyBracket({ data, size, limit: entry, stopLoss: at(1 - down), takeProfit });
      if (kind < 0.9) return this.buyBracket({ data, size, limit: entry, stopLoss: trail, takeProfit });
      return this.buyBracket({ data, size, limit: entry, stopLoss: at(1 - down) });
    }
  };
}
