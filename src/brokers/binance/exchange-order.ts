import type { KnownOrder, PricedTrade } from './commands.ts';
import { Decimal } from './decimal.ts';
import type { ExchangeOrderStatus, NewOrder, OrderSnapshot } from './port.ts';

const TERMINAL: ReadonlySet<ExchangeOrderStatus> = new Set([
  'FILLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
]);

/** Why an order does not exist at the exchange. */
export interface Refused {
  readonly code: string;
  readonly message: string;
}

/**
 * One order at the exchange, by what has been told of it. What is told twice, late or out of order makes no difference:
 * what was executed only grows, executions count once by their number, and an order that has ended stays so. It counts as
 * ended only when all executions that make up its executed quantity are known.
 */
export class ExchangeOrder implements KnownOrder {
  readonly placed: NewOrder;
  readonly listClientOrderId: string;
  readonly protective: boolean;
  orderId = Number.NaN;
  /** What it was last told to be; undefined before it was heard of. */
  status: ExchangeOrderStatus | undefined;
  /** The exchange's own word for why it ended; empty without one. */
  reason = '';
  /** Base units that it was told to have executed, and those of the executions that are known. */
  executed = Decimal.ZERO;
  booked = Decimal.ZERO;
  /** Base units that it is for; of an order whose size the exchange decides, as soon as that is told. */
  quantity: Decimal | undefined;
  refused: Refused | undefined;
  /** Nobody knows whether it exists, and others are placed in its stead: it counts as if it were not there. */
  doubtful = false;
  /** True for one that was to follow another that will not be: it never comes into force. */
  #void = false;
  readonly #trades = new Set<number>();

  constructor(placed: NewOrder, listClientOrderId: string, protective: boolean) {
    this.placed = placed;
    this.listClientOrderId = listClientOrderId;
    this.protective = protective;
    this.quantity = placed.quantity === undefined ? undefined : Decimal.of(placed.quantity);
  }

  get symbol(): string {
    return this.placed.symbol;
  }

  get clientOrderId(): string {
    return this.placed.clientOrderId;
  }

  get state(): 'sent' | 'alive' | 'ended' {
    if (this.ended) return 'ended';
    return this.status === undefined ? 'sent' : 'alive';
  }

  get missesTrades(): boolean {
    return this.booked.compare(this.executed) < 0;
  }

  get ended(): boolean {
    if (this.refused !== undefined) return true;
    if (this.missesTrades) return false;
    return this.#void || (this.status !== undefined && TERMINAL.has(this.status));
  }

  /** True once nothing more will be executed, also while executions are still missing. */
  get closed(): boolean {
    return (
      this.#void || this.refused !== undefined || (this.status !== undefined && TERMINAL.has(this.status))
    );
  }

  get filled(): boolean {
    return this.status === 'FILLED';
  }

  /** Base units that may still be executed; undefined where nobody knows the size yet. */
  get remaining(): Decimal | undefined {
    if (this.closed) return Decimal.ZERO;
    const done = this.executed.compare(this.booked) < 0 ? this.booked : this.executed;
    return this.quantity?.minus(done);
  }

  /** Takes what was told and returns the executions that were not known, oldest first. */
  take(order: OrderSnapshot, trades: readonly PricedTrade[]): readonly PricedTrade[] {
    this.orderId = order.orderId;
    this.refused = undefined;
    const executed = Decimal.of(order.executed);
    if (executed.compare(this.executed) > 0) this.executed = executed;
    const quantity = Decimal.parse(order.quantity);
    if (this.quantity === undefined && quantity !== undefined && quantity.sign > 0) this.quantity = quantity;
    if (this.status === undefined || !TERMINAL.has(this.status)) {
      if (order.status !== this.status) this.#become(order);
    }
    const fresh = trades.filter(
      ({ tradeId, orderId }) => orderId === order.orderId && !this.#trades.has(tradeId),
    );
    const known = new Map(fresh.map(trade => [trade.tradeId, trade]));
    const sorted = [...known.values()].sort((a, b) => a.tradeId - b.tradeId);
    for (const trade of sorted) {
      this.#trades.add(trade.tradeId);
      this.booked = this.booked.plus(Decimal.of(trade.quantity));
    }
    if (this.booked.compare(this.executed) > 0) this.executed = this.booked;
    return sorted;
  }

  #become({ status, reason }: OrderSnapshot): void {
    // Told late: an order that has been accepted is not pending any more.
    if (status === 'PENDING_NEW' && this.status !== undefined) return;
    if (status === 'NEW' && this.status === 'PARTIALLY_FILLED') return;
    if (status !== 'PENDING_NEW') this.#void = false;
    this.status = status;
    if (TERMINAL.has(status)) this.reason = reason;
  }

  /** It is certain not to exist. False for one that was heard of: it does. */
  refuse(refused: Refused): boolean {
    if (this.status !== undefined && this.status !== 'PENDING_NEW') return false;
    if (this.booked.sign > 0) return false;
    this.refused = refused;
    return true;
  }

  /** What it was to follow will not be. */
  cease(): void {
    if (!this.closed) this.#void = true;
  }
}
