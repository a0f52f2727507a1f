import { type Order, type StrategyClass, sma, strategy, type Trade } from 'qt-trader';
import { mulberry32 } from './random-walk.ts';

/** Orders of all kinds at random, from wherever orders may come from; what it has heard decides, too. */
export function chaos(seed: number, period: number): StrategyClass {
  return class Chaos extends strategy() {
    readonly #random = mulberry32(seed);
    #heard = 0;

    override init() {
      for (const data of this.datas) sma(data.close, period);
    }

    next() {
      this.#decide(0.4);
    }
    override notifyOrder(order: Order) {
      this.#heard = (this.#heard * 31 + order.id * 7 + order.status.length) % 1009;
      if (this.#heard % 11 === 0) this.#decide(0.5);
    }
    override notifyTrade(trade: Trade) {
      this.#heard = (this.#heard * 17 + trade.id) % 1009;
      if (this.#heard % 5 === 0) this.log(`${trade.net}`);
      if (this.#heard % 7 === 0) this.#decide(0.5);
    }
    #decide(share: number) {
      const random = this.#random;
      if (random() > share) return;
      const data = this.datas[Math.floor(random() * this.datas.length)]!;
      const kind = (this.#heard + Math.floor(random() * 10)) % 10;
      const amount = random();
      const { close } = data.bar;
      const limit = close * (1 + (random() - 0.5) * 0.03);
      const timeInForce = (['GTC', 'GTC', 'IOC', 'FOK'] as const)[Math.floor(random() * 4)]!;
      const limited = random() < 0.5 && data.length > 0 ? { limit, timeInForce } : {};
      if (kind < 3) this.buy({ data, quote: 200 + 3000 * amount, ...limited });
      else if (kind < 4) this.buy({ data, size: 20 * amount + 0.001, ...limited });
      else if (kind < 6) this.sell({ data, size: 20 * amount + 0.001, ...limited });
      else if (kind < 7) this.close({ data });
      else if (kind < 9 && this.openOrders.length > 0) {
        this.cancel(this.openOrders[Math.floor(amount * this.openOrders.length)]!);
      } else this.log(`${this.cash} ${this.#heard}`);
    }
  };
}
