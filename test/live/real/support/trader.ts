import { type StrategyClass, strategy } from 'qt-trader';
import { mulberry32 } from '../../../support/random-walk.ts';

/** Market and limit orders at random, some of them cancelled, never more than it has. */
export function trader(seed: number): StrategyClass {
  return class Trader extends strategy() {
    readonly #random = mulberry32(seed);

    next() {
      const random = this.#random;
      for (const order of this.openOrders) if (random() < 0.3) this.cancel(order);
      if (this.openOrders.length > 2) return;
      const { close } = this.bar;
      const dice = random();
      const held = Math.floor(this.position.size * 1000) / 1000;
      const open = this.openOrders.reduce((sum, order) => sum + (order.side === 'sell' ? order.size : 0), 0);
      const size = Math.ceil(random() * 2000) / 1000;
      if (dice < 0.35) this.buy({ size });
      else if (dice < 0.55)
        this.buy({ size, limit: Math.round(close * (0.985 + random() * 0.02) * 100) / 100 });
      else if (held - open >= 0.002) {
        const part = Math.max(0.001, Math.floor((held - open) * random() * 1000) / 1000);
        if (dice < 0.8) this.sell({ size: part });
        else this.sell({ size: part, limit: Math.round(close * (0.995 + random() * 0.02) * 100) / 100 });
      }
    }
  };
}
