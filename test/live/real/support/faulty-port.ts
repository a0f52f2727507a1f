import type {
  AccountEvent,
  AccountStream,
  AccountStreamHandlers,
  Answer,
  Failure,
  FailureClass,
  NewOrder,
  OrderSnapshot,
  Placed,
  TradingPort,
  TradingSymbol,
} from '../../../../src/brokers/binance/port.ts';
import type { Timers } from '../../../../src/net/network.ts';
import { isOpen, type MemoryExchange, Refusal } from './exchange.ts';
import type { Life } from './life.ts';

/** How often things go wrong, 0 … 1. */
export interface Faults {
  /** The request never arrives, and nobody says so. */
  readonly lostBefore: number;
  /** The answer never arrives. */
  readonly lostAfter: number;
  /** -1007, and it is executed seconds later. */
  readonly late: number;
  /** 503, and nothing has happened. */
  readonly broken: number;
  readonly limits: number;
  readonly time: number;
  /** Orders that questions do not find for a while. */
  readonly unseen: number;
  /** Questions that are not answered. */
  readonly deaf: number;
  readonly duplicate: number;
  readonly drop: number;
  /** Cuts of the stream a minute. */
  readonly cuts: number;
}

export const NO_FAULTS: Faults = {
  ...{ lostBefore: 0, lostAfter: 0, late: 0, broken: 0, limits: 0, time: 0, unseen: 0, deaf: 0 },
  ...{ duplicate: 0, drop: 0, cuts: 0 },
};

export interface PortOptions {
  readonly exchange: MemoryExchange;
  readonly timers: Timers;
  readonly random: () => number;
  readonly faults: Faults;
  readonly symbols: readonly TradingSymbol[];
  readonly life: Life;
  readonly hidden: Map<number, number>;
}

const RECV_MS = 5000;
const TIMEOUT_MS = 15_000;

/** A connection to the exchange that loses, delays, duplicates and hides. It belongs to one life of a process. */
export class FaultyPort implements TradingPort {
  readonly name = 'memory';
  readonly recvWindowMs = RECV_MS;
  readonly #options: PortOptions;
  /** How far this machine's clock is said to be off, ms. */
  offsetMs = 0;
  listed: string[] = [];

  constructor(options: PortOptions) {
    this.#options = options;
  }

  now(): number {
    return this.#options.timers.now();
  }

  syncClock() {
    return this.#ask(() => ({ offsetMs: this.offsetMs, errorMs: 20 }));
  }

  symbols(names: readonly string[]) {
    return this.#ask(() => this.#options.symbols.filter(one => names.includes(one.symbol)));
  }

  account() {
    return this.#question(() => {
      const { exchange } = this.#options;
      const balances = [...exchange.balances].map(([asset, total]) => {
        const free = exchange.free(asset);
        return { asset, free: free.toString(), locked: total.minus(free).toString() };
      });
      return { uid: '7', canTrade: true, balances, time: this.now() };
    });
  }

  permissions() {
    return this.#ask(() => undefined);
  }

  commission() {
    return this.#ask(() => ({ maker: '0.00100000', taker: '0.00100000', inBnb: false }));
  }

  price(symbol: string) {
    return this.#question(() => {
      const price = this.#options.exchange.prices.get(symbol);
      if (price === undefined) throw new Refusal(-1121, 'Invalid symbol.');
      return price.toString();
    });
  }

  openOrders(symbol: string) {
    return this.#question(() =>
      this.#options.exchange.orders
        .filter(one => one.asked.symbol === symbol && isOpen(one) && !this.#isHidden(one.orderId))
        .map(one => this.#options.exchange.snapshot(one)),
    );
  }

  order(symbol: string, clientOrderId: string) {
    return this.#question(() => {
      const found = this.#options.exchange.find(symbol, clientOrderId);
      if (found === undefined || this.#isHidden(found.orderId))
        throw new Refusal(-2013, 'Order does not exist.');
      return this.#options.exchange.snapshot(found);
    });
  }

  orderList(): Promise<Answer<readonly OrderSnapshot[]>> {
    return this.#question(() => {
      throw new Refusal(-2013, 'Order list does not exist.');
    });
  }

  trades(symbol: string, of: { readonly orderId: number } | { readonly fromId: number }) {
    return this.#question(() =>
      this.#options.exchange.trades.filter(
        trade =>
          trade.symbol === symbol &&
          ('orderId' in of ? trade.orderId === of.orderId : trade.tradeId >= of.fromId),
      ),
    );
  }

  place(order: NewOrder): Promise<Answer<Placed>> {
    return this.#act(() => {
      const { exchange, random, faults, timers, hidden } = this.#options;
      const placed = exchange.place(order, timers.now());
      if (random() < faults.unseen) hidden.set(placed.order.orderId, timers.now() + random() * 20_000);
      return { orders: [placed.order], trades: placed.trades };
    });
  }

  placeList(): Promise<Answer<Placed>> {
    throw new Error('there are no lists here');
  }

  test() {
    return this.#ask(() => undefined);
  }

  cancel(symbol: string, clientOrderId: string) {
    return this.#act(() => [
      this.#options.exchange.cancel(symbol, clientOrderId, this.#options.timers.now()),
    ]);
  }

  cancelList(): Promise<Answer<readonly OrderSnapshot[]>> {
    throw new Error('there are no lists here');
  }

  listen(handlers: AccountStreamHandlers): AccountStream {
    const { exchange, timers, random, faults, life } = this.#options;
    let isOpenStream = true;
    let connection = 0;
    const isLive = (number: number) => isOpenStream && connection === number && !life.dead;
    const connect = () => {
      if (!isOpenStream || life.dead) return;
      const number = ++connection;
      const listener = (event: AccountEvent) => {
        if (!isLive(number)) {
          exchange.listeners.delete(listener);
          return;
        }
        const times = random() < faults.drop ? 0 : random() < faults.duplicate ? 2 : 1;
        for (let i = 0; i < times; i++) {
          timers.after(random() * 300, () => {
            if (isLive(number) && life.touch(false)) handlers.onEvent(event);
          });
        }
      };
      exchange.listeners.add(listener);
      handlers.onConnected();
      if (faults.cuts === 0) return;
      timers.after((-Math.log(1 - random()) / faults.cuts) * 60_000, () => {
        if (!isLive(number)) return;
        connection++;
        handlers.onDisconnected('cut');
        timers.after(random() * 20_000, connect);
      });
    };
    timers.after(50, connect);
    return {
      close: () => {
        isOpenStream = false;
      },
    };
  }

  #isHidden(orderId: number): boolean {
    return (this.#options.hidden.get(orderId) ?? 0) > this.#options.timers.now();
  }

  /** A question that may not be answered. */
  #question<T>(answer: () => T): Promise<Answer<T>> {
    const { random, faults } = this.#options;
    if (random() < faults.deaf)
      return this.#later(random() * 3000, () => this.#failure('unknown', 'timeout', undefined));
    return this.#ask(answer);
  }

  async #ask<T>(answer: () => T): Promise<Answer<T>> {
    this.#options.life.touch();
    return this.#later(10 + this.#options.random() * 100, () => this.#answer(answer, this.now()));
  }

  /** Something that changes the account: it may fail in every way. */
  #act<T>(act: () => T): Promise<Answer<T>> {
    const { life, random, faults, timers } = this.#options;
    life.touch();
    const sentAt = this.now();
    let dice = random();
    const falls = (probability: number) => {
      dice -= probability;
      return dice < 0;
    };
    /** Whatever becomes of the process, what was sent arrives. */
    const arrives = (ms: number, then: (answer: Answer<T>) => void) =>
      timers.after(ms, () => then(this.#answer(act, sentAt)));
    const fails = (ms: number, kind: FailureClass, message: string, code?: number, retryAt?: number) =>
      this.#later<T>(ms, () => this.#failure(kind, message, code, sentAt, retryAt));
    if (falls(faults.lostBefore)) return fails(TIMEOUT_MS, 'unknown', 'timeout');
    if (falls(faults.broken)) return fails(100, 'unknown', 'Service Unavailable.');
    if (falls(faults.limits)) return fails(50, 'limits', 'Too many requests', -1003, sentAt + 4000);
    if (falls(faults.time)) return fails(50, 'time', 'Timestamp outside of the recvWindow.', -1021);
    if (falls(faults.lostAfter)) {
      arrives(random() * 1000, () => {});
      return fails(random() * TIMEOUT_MS, 'unknown', 'connection reset');
    }
    if (falls(faults.late)) {
      arrives(random() * (RECV_MS + 9000), () => {});
      return fails(10_000, 'unknown', 'Timeout waiting for response from backend server.', -1007);
    }
    return new Promise((resolve, reject) => {
      arrives(10 + random() * 100, answer => {
        this.#later(10 + random() * 100, () => answer).then(resolve, reject);
      });
    });
  }

  #later<T>(ms: number, answer: () => Answer<T>): Promise<Answer<T>> {
    const { timers, life } = this.#options;
    return new Promise((resolve, reject) => {
      timers.after(ms, () => {
        // Nobody waits for it any more.
        if (life.dead) return;
        try {
          const value = answer();
          life.touch();
          resolve(value);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #answer<T>(act: () => T, sentAt: number): Answer<T> {
    try {
      return { ok: true, value: act() };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const kind =
        error.code === -2013
          ? 'notFound'
          : error.code === -2011
            ? 'race'
            : /Duplicate/.test(error.message)
              ? 'alive'
              : 'rejected';
      return this.#failure(kind, error.message, error.code, sentAt);
    }
  }

  #failure(
    kind: FailureClass,
    message: string,
    code: number | undefined,
    sentAt = Number.NaN,
    retryAt?: number,
  ): { ok: false; failure: Failure } {
    return {
      ok: false,
      failure: { class: kind, code, message, sentAt, ...(retryAt === undefined ? {} : { retryAt }) },
    };
  }
}
