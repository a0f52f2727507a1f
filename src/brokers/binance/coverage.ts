import type { Ledger } from '../ledger.ts';
import type { Booking } from './booking.ts';
import { Decimal } from './decimal.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { NewOrder } from './port.ts';
import type { Part, Placement } from './real-orders.ts';
import type { TradingState } from './state.ts';

/** What sums of doubles may lose, relative. */
const ROUNDING = 1e-9;

/**
 * Whether the session itself has what an order needs. The account may hold more than the session was given: what the
 * exchange would let pass is not enough.
 */
export class Coverage {
  readonly #state: TradingState;
  readonly #ledger: Ledger;
  readonly #booking: Booking;
  /** The dearest fee, as a fraction of what is bought; 0 where it is taken off what was bought. */
  readonly #feeOnTop: number;

  constructor(state: TradingState, ledger: Ledger, booking: Booking, feeOnTop: number) {
    this.#state = state;
    this.#ledger = ledger;
    this.#booking = booking;
    this.#feeOnTop = feeOnTop;
  }

  /** Base units that the session holds and nothing at the exchange may sell. */
  freeBase(instrument: number): Decimal {
    let free = this.#booking.positions[instrument];
    for (const part of this.#parts()) {
      const { placement } = part;
      if (!placement.sell || placement.instrument !== instrument || part.waits || part.doubtful) continue;
      free = free.minus(part.remaining ?? part.quantity ?? this.#sized(part));
    }
    return free;
  }

  /** Base units that the session holds and no order has that is known to be open, and to stay so. */
  unlocked(instrument: number): Decimal {
    let unlocked = this.#booking.positions[instrument];
    for (const part of this.#parts()) {
      const { placement, known, cancelling, waits, remaining } = part;
      if (!placement.sell || placement.instrument !== instrument) continue;
      if (known && !cancelling && !waits && remaining !== undefined) unlocked = unlocked.minus(remaining);
    }
    return unlocked;
  }

  /** Orders that have not ended and may still bring more than is booked, or have done so already. */
  purchases(instrument: number): string[] {
    const ids: string[] = [];
    for (const { placement, orders } of this.#parts()) {
      if (placement.sell || placement.instrument !== instrument) continue;
      for (const { ended, clientOrderId } of orders) if (!ended) ids.push(clientOrderId);
    }
    return ids;
  }

  /** True when the cash of the session pays for these orders, of which one is executed, beside all others. */
  pays(orders: readonly NewOrder[], instrument: number): boolean {
    let free = this.#ledger.cash;
    for (const part of this.#parts()) if (!part.placement.sell) free -= this.#tied(part);
    const cost = Math.max(...orders.map(order => this.#cost(order, Number(order.quantity ?? 0), instrument)));
    return cost <= free + ROUNDING * Math.abs(this.#ledger.cash);
  }

  /** True when more was bought than the executions that are known: the session has more than is booked. */
  missesPurchases(instrument: number): boolean {
    for (const { placement, orders } of this.#parts())
      if (!placement.sell && placement.instrument === instrument && orders.some(one => one.missesTrades))
        return true;
    return false;
  }

  /** True when what is missing may be there soon: something on its way out holds it, or something on its way in brings it. */
  mayCome(placement: Placement): boolean {
    const { sell, instrument } = placement;
    for (const part of this.#parts()) {
      const other = part.placement;
      if (other === placement || (sell && other.instrument !== instrument)) continue;
      if (other.sell === sell ? part.cancelling : isImmediate(part.orders[0])) return true;
    }
    return false;
  }

  *#parts(): Generator<Part> {
    for (const { parts } of this.#state.alive) yield* parts;
  }

  /** Base units of a sale in quote, by the last price. */
  #sized(part: Part): Decimal {
    const { instrument, members } = part.placement;
    const size = members[0].quote / this.#state.last[instrument];
    return Number.isFinite(size) ? Decimal.of(size) : Decimal.ZERO;
  }

  #tied({ orders, placement, remaining }: Part): number {
    const costs = orders.map(({ placed, booked }) => {
      if (placed.quoteQuantity !== undefined) {
        const spent = placement.members.reduce((sum, order) => sum + order.spent.toNumber(), 0);
        return Math.max(0, Number(placed.quoteQuantity) - spent) * (1 + this.#feeOnTop);
      }
      const left = remaining?.toNumber() ?? Number(placed.quantity ?? 0) - booked.toNumber();
      return this.#cost(placed, left, placement.instrument);
    });
    return Math.max(...costs);
  }

  #cost(order: NewOrder, quantity: number, instrument: number): number {
    if (order.quoteQuantity !== undefined) return Number(order.quoteQuantity) * (1 + this.#feeOnTop);
    const price = Number(order.price ?? order.stopPrice ?? this.#state.last[instrument]);
    return Number.isNaN(price) ? 0 : quantity * price * (1 + this.#feeOnTop);
  }
}

/** True for an order that the exchange settles as soon as it has it. */
function isImmediate({ placed, closed }: ExchangeOrder): boolean {
  return (
    !closed && (placed.type === 'MARKET' || placed.timeInForce === 'IOC' || placed.timeInForce === 'FOK')
  );
}
