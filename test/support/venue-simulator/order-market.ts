import { MovingMarket } from './level-market.ts';
import type { BookChange, MarketOptions, MarketOrder, OrderEvent, Ticks } from './market.ts';

const FIRST_ID = 700_000;
const FEWEST_ORDERS = 12;

/** A market of which every resting order is known. */
export class OrderMarket extends MovingMarket {
  /** In the order of their arrival; one that grows arrives anew. */
  readonly #orders = new Map<number, MarketOrder>();
  readonly #isSingle: boolean;
  readonly #neverGrows: boolean;
  #id = FIRST_ID;

  constructor(symbol: string, random: () => number, time: number, options: MarketOptions) {
    super(symbol, random, options);
    this.#isSingle = options.isSingle === true;
    this.#neverGrows = options.neverGrows === true;
    for (let at = 0; at < 80; at++) this.#add(at % 2 === 0);
    this.#keep(time);
  }

  step(time: number): BookChange {
    const events: OrderEvent[] = [];
    const limit = this.#isSingle ? 1 : Number.POSITIVE_INFINITY;
    if (this.random() < 0.3) {
      const middle = this.middle + (this.random() < 0.5 ? -1 : 1);
      const inTheWay = [...this.#orders.values()].filter(({ price }) => price === middle);
      for (const order of inTheWay.slice(0, limit)) events.push(this.#delete(order));
      if (inTheWay.length <= limit) this.middle = middle;
    }
    const count = this.#isSingle ? 1 : 1 + this.below(3);
    while (events.length < count) {
      const isBid = this.random() < 0.5;
      const own = [...this.#orders.values()].filter(order => order.isBid === isBid);
      const order = own[this.below(own.length)];
      const chance = this.random();
      // An order is told of once a message.
      if (chance < 0.5 || own.length < FEWEST_ORDERS || events.some(one => one.order.id === order.id)) {
        events.push({ kind: 'add', order: this.#add(isBid) });
      } else if (chance < 0.75) events.push(this.#delete(order));
      else if (this.#neverGrows && order.size < 2) events.push(this.#delete(order));
      else events.push(this.#modify(order));
    }
    const previous = this.last;
    this.last += 1 + this.below(3);
    this.#keep(time);
    const { symbol } = this;
    const levels = { bids: [] as Ticks[], asks: [] as Ticks[] };
    return {
      ...{ symbol, version: this.now.version, first: previous + 1, last: this.last, previous, time },
      ...{ ...levels, orders: events },
    };
  }

  #add(isBid: boolean): MarketOrder {
    const order = { id: this.#id++, isBid, price: this.away(isBid), size: 2 + this.below(5000) };
    this.#orders.set(order.id, order);
    return order;
  }

  #delete(order: MarketOrder): OrderEvent {
    this.#orders.delete(order.id);
    return { kind: 'delete', order };
  }

  #modify(order: MarketOrder): OrderEvent {
    const grows = !this.#neverGrows && (this.random() < 0.2 || order.size < 2);
    const size = grows ? order.size + 1 + this.below(100) : 1 + this.below(order.size - 1);
    const changed = { ...order, size };
    if (grows) this.#orders.delete(order.id);
    this.#orders.set(order.id, changed);
    return { kind: 'modify', order: changed };
  }

  #keep(time: number): void {
    const version = this.history.length;
    const all = [...this.#orders.values()];
    const bidOrders = all.filter(({ isBid }) => isBid).sort((one, other) => other.price - one.price);
    const askOrders = all.filter(({ isBid }) => !isBid).sort((one, other) => one.price - other.price);
    const sides = { bids: levelsOf(bidOrders), asks: levelsOf(askOrders), bidOrders, askOrders };
    this.history.push({ version, last: this.last, time, ...sides });
  }
}

function levelsOf(orders: readonly MarketOrder[]): Ticks[] {
  const sizes = new Map<number, number>();
  for (const { price, size } of orders) sizes.set(price, (sizes.get(price) ?? 0) + size);
  return [...sizes];
}
