import { type Order, strategy } from 'qt-trader';
import { mulberry32 } from './random-walk.ts';

/** Buys and sells at random, in quote and in base, and cancels; its fields decide, so they must survive a restart. */
export class Restless extends strategy() {
  #random = mulberry32(7);
  #told = 0;

  next() {
    const [dice, amount] = [this.#random(), this.#random()];
    const data = this.datas[Math.floor(this.#random() * this.datas.length)]!;
    if (dice < 0.15) this.buy({ data, quote: 500 + 3000 * amount });
    else if (dice < 0.3) this.sell({ data, size: 20 * amount });
    else if (dice < 0.4) this.close({ data });
    else if (dice < 0.45 && this.openOrders.length > 0) this.cancel(this.openOrders[0]!);
    if (dice > 0.98) this.log(`${this.#told} told`);
  }
  override notifyOrder(order: Order) {
    this.#told += order.id;
  }
}
