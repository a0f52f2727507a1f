import type { OrderSnapshot } from '../../brokers/binance/port.ts';
import { hasEnded } from './doubts.ts';
import type { Notify } from './notice.ts';

/** Orders that are told one by one; more of them are counted. */
const MOST_TOLD = 20;

/** Open orders on the session's symbols that are not its own. They are named once, and left alone. */
export class ForeignOrders {
  readonly #notice: Notify;
  readonly #open = new Map<string, Map<string, OrderSnapshot>>();
  readonly #told = new Set<string>();
  /** How many there were. */
  count = 0;

  constructor(notice: Notify) {
    this.#notice = notice;
  }

  see(order: OrderSnapshot): void {
    const { symbol, clientOrderId } = order;
    const open = this.#open.get(symbol) ?? new Map<string, OrderSnapshot>();
    this.#open.set(symbol, open);
    if (hasEnded(order)) {
      open.delete(clientOrderId);
      return;
    }
    const isNew = !open.has(clientOrderId);
    open.set(clientOrderId, order);
    if (!isNew || this.#told.has(clientOrderId)) return;
    this.count++;
    if (this.#told.size >= MOST_TOLD) return;
    this.#told.add(clientOrderId);
    const { side, type, quantity, price } = order;
    const message = `an order that is not this session's is open, and left alone: ${side} ${type} ${quantity} ${symbol} at ${price} (${clientOrderId})`;
    this.#notice('warning', 'FOREIGN_ORDER', message);
  }

  /** All orders that are open on a symbol. */
  seen(symbol: string, all: readonly OrderSnapshot[]): void {
    const ids = new Set(all.map(order => order.clientOrderId));
    const open = this.#open.get(symbol);
    if (open !== undefined) for (const id of open.keys()) if (!ids.has(id)) open.delete(id);
  }

  /** What they hold locked: base units of a symbol, and quote. */
  locked(symbol: string): { readonly base: number; readonly quote: number } {
    let base = 0;
    let quote = 0;
    for (const { side, quantity, executed, price } of this.#open.get(symbol)?.values() ?? []) {
      const rest = Number(quantity) - Number(executed);
      if (side === 'SELL') base += rest;
      else quote += rest * Number(price);
    }
    return { base, quote };
  }
}
