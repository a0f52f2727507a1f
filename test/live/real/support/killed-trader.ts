import { type Bracket, int, strategy } from 'qt-trader';
import { mulberry32 } from '../../../support/random-walk.ts';

/** Brackets and other orders until the bar of that number; what each bracket's orders are it logs. Exits are left alone. */
export default class KilledTrader extends strategy({ seed: int(1), quietAfter: int(1000), from: int(0) }) {
  readonly #random = mulberry32(this.params.seed);
  readonly #exits = new Set<number>();

  next() {
    if (this.time >= (this.params.from + this.params.quietAfter) * 60_000) return;
    const random = this.#random;
    for (const order of this.openOrders) {
      if (!this.#exits.has(order.id) && random() < 0.3) this.cancel(order);
    }
    if (this.openOrders.length > 6 || random() < 0.3) return;
    const { close } = this.bar;
    const near = (share: number) => Math.round(close * share * 100) / 100;
    const size = Math.ceil(random() * 200) / 100;
    const dice = random();
    const [down, up] = [0.004 + random() * 0.01, 0.004 + random() * 0.01];
    if (dice < 0.3) {
      this.#promise(this.buyBracket({ size, stopLoss: { percent: down }, takeProfit: { percent: up } }));
    } else if (dice < 0.7) {
      const [limit, stopLoss, takeProfit] = [near(0.999), near(0.998 - down), near(1 + up)];
      this.#promise(this.buyBracket({ size, limit, stopLoss, takeProfit }));
    } else if (dice < 0.8) this.buy({ size, limit: near(0.997) });
    else if (this.position.size > 0.1) this.sell({ size: this.position.size / 2, limit: near(1.002) });
  }

  #promise({ entry, stopLoss, takeProfit }: Bracket) {
    this.#exits.add(stopLoss!.id).add(takeProfit!.id);
    this.log(`bracket ${entry.id} ${stopLoss!.id} ${takeProfit!.id}`);
  }
}
