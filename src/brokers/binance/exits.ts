import type { Ledger } from '../ledger.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import type { Admission } from '../simulated/admission.ts';
import { Decimal } from './decimal.ts';
import type { Desk } from './desk.ts';
import { EXPIRED } from './outcomes.ts';
import type { Placement, RealOrder } from './real-orders.ts';
import type { TradingState } from './state.ts';

export interface ExitsParts {
  readonly state: TradingState;
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly ledger: Ledger;
  readonly admission: Admission;
  readonly desk: Desk;
  /** The dearest fee of a purchase, as a fraction on top of its price. */
  readonly feeOnTop: number;
}

/** Brings exits into force as their entry is executed, for as much as that has brought. */
export class Exits {
  readonly #parts: ExitsParts;

  constructor(parts: ExitsParts) {
    this.#parts = parts;
  }

  /** The entry of these exits was executed further. */
  grow(exits: Placement): void {
    const { state, desk } = this.#parts;
    const entry = exits.parent!;
    if (exits.dismissed) return;
    if (exits.over) this.reopen(exits);
    if (exits.ending !== undefined) return;
    const most = this.#least(exits, entry.sell ? entry.executed : entry.moved);
    const target = most.sign <= 0 ? Decimal.ZERO : most.down(state.lot(exits.instrument));
    if (target.sign <= 0) return;
    exits.target = target;
    if (!exits.active) this.#activate(exits);
    this.#resize(exits, target.toNumber());
    desk.keep(exits);
  }

  /** What the entry has brought, or less, if the exits are for less. */
  #least({ members }: Placement, brought: Decimal): Decimal {
    const [{ size }] = members;
    const asked = Number.isNaN(size) ? undefined : Decimal.of(size);
    return asked === undefined || brought.compare(asked) < 0 ? brought : asked;
  }

  #activate(exits: Placement): void {
    const { state, orders, admission } = this.#parts;
    const entry = exits.parent!.last!;
    const market = state.last[exits.instrument];
    exits.active = true;
    exits.since = state.now;
    for (const order of exits.members) {
      const { id } = order;
      const [offset, percent] = [orders.fillOffset(id), orders.fillOffsetPercent(id)];
      const price = Number.isNaN(offset) ? entry.price * (1 + percent) : entry.price + offset;
      if (!Number.isNaN(price)) {
        if (order.type === 'limit') orders.setLimit(id, price);
        else orders.setStop(id, price);
      }
      const { stop, limit, limitGap } = admission.describe(id, market);
      order.stop = stop;
      order.limit = limit;
      order.limitGap = limitGap;
      if (state.now >= order.validUntil)
        exits.ending = { status: Status.expired, reason: EXPIRED, of: order };
    }
  }

  /** Says what the exits are for now, and what that keeps. */
  #resize(exits: Placement, size: number): void {
    const { orders, feeOnTop } = this.#parts;
    for (const order of exits.members) {
      const { id, sell, limit, stop } = order;
      const price = Number.isNaN(limit) ? stop : limit;
      order.needed = sell ? size : size * price * (1 + feeOnTop);
      orders.setTerms(id, limit, size);
      if (order.armed) orders.setStop(id, stop);
    }
  }

  /** Brings a placement back that had ended. */
  reopen(placement: Placement): void {
    const { state, events } = this.#parts;
    placement.over = false;
    placement.ending = undefined;
    state.add(placement);
    for (const order of placement.members) this.#tellAlive(order, events);
  }

  #tellAlive(order: RealOrder, events: OrderEvents): void {
    order.accepted = true;
    events.push(order.id, Status.accepted);
  }
}
