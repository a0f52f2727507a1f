import type { AccountInput, PricedTrade } from '../../brokers/binance/commands.ts';
import { Decimal } from '../../brokers/binance/decimal.ts';
import type { ExchangeTrade, OrderSnapshot, TradingPort } from '../../brokers/binance/port.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import type { Notify } from './notice.ts';

export interface InboxOptions {
  readonly port: Pick<TradingPort, 'now' | 'price'>;
  readonly timers: Timers;
  readonly instruments: readonly Instrument[];
  /** Takes an input, keeps it, and lets what follows from it happen. */
  readonly deliver: (input: AccountInput) => void;
  readonly notice: Notify;
  readonly fail: (error: unknown) => void;
}

/** A price of a fee's asset is good for so long, ms. */
const PRICE_AGE_MS = 60_000;
/** Questions for a price before the last known one is taken, and the pause between them, ms. */
const PRICE_TRIES = 3;
const PRICE_PAUSE_MS = 1000;
/** An execution waits no longer than this for the price of its fee, ms: what it bought is to be protected. */
const PRICE_PATIENCE_MS = 2000;

interface Price {
  readonly value: number;
  readonly at: number;
}

type Waiting =
  | { readonly order: OrderSnapshot; readonly trades: readonly ExchangeTrade[] }
  | { readonly input: AccountInput };

/**
 * What the exchange says, in the order in which it came, with fees priced in quote. What says nothing new is left out. An
 * execution whose fee's asset has no fresh price holds up what comes after it, for two seconds at most.
 */
export class Inbox {
  /** Reports that said nothing new. */
  duplicates = 0;
  /** Fees that had to be valued at an old price, or at none. */
  unpricedFees = 0;
  readonly #options: InboxOptions;
  readonly #symbols: ReadonlyMap<string, Instrument>;
  readonly #prices = new Map<string, Price>();
  /** Prices that are being asked for. */
  readonly #asked = new Map<string, Promise<void>>();
  /** What is known of each order: `FILLED 0.10000000`. */
  readonly #states = new Map<string, string>();
  /** Executions that were taken, by order: both sides of a trade of an account with itself have one number. */
  readonly #trades = new Map<string, Set<number>>();
  /** Base units of each order that known executions cover, by its number at the exchange. */
  readonly #covered = new Map<string, Decimal>();
  readonly #lastTrades = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  readonly #controller = new AbortController();
  #busy = false;
  /** Hears of each order's state, once it has been taken. */
  onOrder: (order: OrderSnapshot) => void = () => {};
  /** Everything has been taken. */
  onIdle: () => void = () => {};

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#symbols = new Map(options.instruments.map(one => [one.symbol, one]));
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && !this.#busy;
  }

  close(): void {
    this.#controller.abort();
    this.#waiting.length = 0;
  }

  /** Remembers an input that the journal holds already. */
  recall(input: AccountInput): void {
    if (input.kind === 'order') this.#remember(input.order, input.trades);
    else if (input.kind === 'refused') for (const id of input.clientOrderIds) this.#states.set(id, 'refused');
  }

  /** An order's state, and executions of it. */
  order(order: OrderSnapshot, trades: readonly ExchangeTrade[]): void {
    this.#put({ order, trades });
  }

  /** An input that needs no price. */
  put(input: AccountInput): void {
    this.#put({ input });
  }

  /** Number of the last execution of a symbol that was taken; undefined before the first. */
  lastTrade(symbol: string): number | undefined {
    return this.#lastTrades.get(symbol);
  }

  hasTrade({ symbol, orderId, tradeId }: Pick<ExchangeTrade, 'symbol' | 'orderId' | 'tradeId'>): boolean {
    return this.#trades.get(key(symbol, orderId))?.has(tradeId) === true;
  }

  /** True when more of an order was executed than known executions tell. */
  misses(order: OrderSnapshot): boolean {
    const covered = this.#covered.get(key(order.symbol, order.orderId)) ?? Decimal.ZERO;
    return Decimal.of(order.executed).minus(covered).sign > 0;
  }

  #put(waiting: Waiting): void {
    if (this.#controller.signal.aborted) return;
    if (this.idle && this.#take(waiting)) {
      if (this.idle) this.onIdle();
      return;
    }
    this.#waiting.push(waiting);
    if (!this.#busy) this.#drain().catch(this.#options.fail);
  }

  async #drain(): Promise<void> {
    const { signal } = this.#controller;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if ('order' in next) await this.#findPrices(next.order.symbol, next.trades);
      if (signal.aborted) break;
      this.#take(next, true);
    }
    this.#busy = false;
    if (!signal.aborted) this.onIdle();
  }

  /** False when a price is missing that should be asked for. */
  #take(waiting: Waiting, anyPrice = false): boolean {
    if ('input' in waiting) {
      this.recall(waiting.input);
      this.#options.deliver(waiting.input);
      return true;
    }
    const { order } = waiting;
    const trades = waiting.trades.filter(trade => !this.hasTrade(trade));
    if (trades.length === 0 && this.#states.get(order.clientOrderId) === stateOf(order)) {
      this.duplicates++;
      this.onOrder(order);
      return true;
    }
    const priced: PricedTrade[] = [];
    for (const trade of trades) {
      const commissionPrice = this.#priceOf(trade, anyPrice);
      if (commissionPrice === undefined) return false;
      priced.push({ ...trade, commissionPrice });
    }
    this.#remember(order, trades);
    this.#options.deliver({ kind: 'order', time: this.#options.port.now(), order, trades: priced });
    this.onOrder(order);
    return true;
  }

  #remember(order: OrderSnapshot, trades: readonly ExchangeTrade[]): void {
    this.#states.set(order.clientOrderId, stateOf(order));
    for (const { symbol, tradeId, orderId, quantity } of trades) {
      const name = key(symbol, orderId);
      const known = this.#trades.get(name) ?? new Set();
      this.#trades.set(name, known);
      if (known.has(tradeId)) continue;
      known.add(tradeId);
      this.#covered.set(name, (this.#covered.get(name) ?? Decimal.ZERO).plus(Decimal.of(quantity)));
      this.#lastTrades.set(symbol, Math.max(tradeId, this.#lastTrades.get(symbol) ?? tradeId));
    }
  }

  /** What a unit of the fee's asset is worth in quote; undefined when that has to be asked for first. */
  #priceOf(trade: ExchangeTrade, anyPrice: boolean): number | undefined {
    const { commissionAsset: asset, symbol, commission } = trade;
    const terms = this.#symbols.get(symbol);
    if (terms === undefined || asset === terms.quote || Number(commission) === 0) return 1;
    if (asset === terms.base) return Number(trade.price);
    const price = this.#prices.get(asset + terms.quote);
    const { timers, notice } = this.#options;
    if (price !== undefined && timers.now() - price.at <= PRICE_AGE_MS) return price.value;
    if (!anyPrice) return undefined;
    this.unpricedFees++;
    const worth = price?.value ?? 0;
    const message = `a fee of ${commission} ${asset} is booked at ${worth} ${terms.quote} a unit: its price could not be had`;
    notice('warning', 'FEE_PRICE_UNKNOWN', message);
    return worth;
  }

  async #findPrices(symbol: string, trades: readonly ExchangeTrade[]): Promise<void> {
    const { timers } = this.#options;
    const { signal } = this.#controller;
    const terms = this.#symbols.get(symbol);
    if (terms === undefined) return;
    const assets = new Set(trades.map(trade => trade.commissionAsset));
    const questions: Promise<void>[] = [];
    for (const asset of assets) {
      if (asset === terms.quote || asset === terms.base) continue;
      const pair = asset + terms.quote;
      const known = this.#prices.get(pair);
      if (known === undefined || timers.now() - known.at > PRICE_AGE_MS) questions.push(this.#ask(pair));
    }
    if (questions.length === 0) return;
    const patience = new AbortController();
    const answered = Promise.all(questions).then(() => patience.abort());
    const stop = () => patience.abort();
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([answered, sleep(timers, PRICE_PATIENCE_MS, patience.signal)]);
    patience.abort();
    signal.removeEventListener('abort', stop);
  }

  /** Asks for a price; one question at a time, whoever waits for it. */
  #ask(pair: string): Promise<void> {
    const asked = this.#asked.get(pair) ?? this.#askAgain(pair).finally(() => this.#asked.delete(pair));
    this.#asked.set(pair, asked);
    return asked;
  }

  async #askAgain(pair: string): Promise<void> {
    const { port, timers } = this.#options;
    const { signal } = this.#controller;
    for (let tries = 1; tries <= PRICE_TRIES && !signal.aborted; tries++) {
      const answer = await port.price(pair);
      const value = answer.ok ? Number(answer.value) : Number.NaN;
      if (value > 0) {
        this.#prices.set(pair, { value, at: timers.now() });
        return;
      }
      if (tries < PRICE_TRIES) await sleep(timers, PRICE_PAUSE_MS, signal);
    }
  }
}

function stateOf({ status, executed, price, stopPrice }: OrderSnapshot): string {
  return `${status} ${executed} ${price} ${stopPrice}`;
}

function key(symbol: string, orderId: number): string {
  return `${symbol} ${orderId}`;
}
