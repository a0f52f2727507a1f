import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import { type Admission, refuseRelative } from './admission.ts';
import type { Executor } from './executor.ts';
import type { Families } from './families.ts';
import { refusal, takesReason } from './refusal.ts';
import type { Reservations } from './reservations.ts';
import { reaches, trails } from './triggers.ts';
import type { WorkingOrder, WorkingOrders } from './working-orders.ts';

export interface LifecycleParts {
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly ledger: Ledger;
  readonly working: WorkingOrders;
  readonly families: Families;
  readonly reservations: Reservations;
  readonly admission: Admission;
  readonly executor: Executor;
  /** A plain market order that waits, as one that works together with others; undefined when there is none. */
  readonly adopt: (id: number) => WorkingOrder | undefined;
}

/** Shared by all orders that expire. */
const EXPIRED = refusal(
  'EXPIRED',
  'its validity was over before it was filled',
  'give a longer "valid", or none',
);

/**
 * How orders come into force, meet prices and end, and what that means for those that belong to them: partners are
 * cancelled, children come into force with the fill of their parent, or end with it.
 */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  /** Number of the match under way. */
  match = 0;
  /** True while the price is on its way through a bar. */
  within = false;
  /** True while what is offered is a revision, whose range may be older than what happens at its price. */
  revision = false;
  /** Called with the instrument when an order has come into force, or rests, for which the rest of the bar counts. */
  onRest: (instrument: number) => void = () => {};

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** Brings an order into force, or ends it with the reason. */
  enter(id: number, partner: number): void {
    const { events, executor, families, working, admission } = this.#parts;
    if (partner !== 0) this.#join(id, partner);
    const group = families.isEmpty ? undefined : families.groupOf(id);
    const admitted = admission.admit(id, group, Number.NaN);
    if ('code' in admitted) {
      executor.end(id, admitted);
      if (!families.isEmpty) this.#endRelatives(id);
      return;
    }
    working.add(admitted);
    events.push(id, Status.accepted);
  }

  #join(id: number, partner: number): void {
    const { families, working, reservations } = this.#parts;
    const group = families.join(id, partner);
    const order = working.get(partner);
    if (order !== undefined) reservations.regroup(order, group);
  }

  /** Takes an order that names a parent or a partner, or waits for the rest of its family. */
  enterMember(id: number): void {
    const { orders, families } = this.#parts;
    const [parent, partner] = [orders.parentId(id), orders.ocoId(id)];
    const root = families.rootOf(parent, partner);
    const refused = this.refuseRelatives(parent, partner);
    if (refused !== undefined) this.#refuseFamily([...families.letGo(root), id], id, refused);
    else if (!orders.transmits(id)) families.hold(id, root === 0 ? id : root);
    else this.#transmit([...families.letGo(root), id]);
  }

  /** Why a parent or a partner cannot be one, if so. */
  refuseRelatives(parent: number, partner: number): OrderReason | undefined {
    const { orders } = this.#parts;
    if (parent !== 0 && !this.#isAlive(parent))
      return refuseRelative('parent', parent, orders.status(parent));
    if (partner !== 0 && !this.#isAlive(partner))
      return refuseRelative('oco', partner, orders.status(partner));
    return undefined;
  }

  /** True for an order in force, one that waits for its parent, and one that is held back. */
  #isAlive(id: number): boolean {
    const { working, families, adopt } = this.#parts;
    if (working.has(id) || families.has(id)) return true;
    const adopted = adopt(id);
    if (adopted === undefined) return false;
    working.add(adopted);
    return true;
  }

  /** An order of a family was refused, so that none of it is taken. */
  refuseHeld(id: number): void {
    const { orders, families } = this.#parts;
    const root = families.rootOf(orders.parentId(id), orders.ocoId(id));
    for (const other of families.letGo(root)) this.#refuseWith(other, id);
  }

  #refuseFamily(family: readonly number[], id: number, reason: OrderReason): void {
    for (const other of family) {
      if (other === id) this.#parts.executor.end(id, reason);
      else this.#refuseWith(other, id);
    }
  }

  #refuseWith(id: number, cause: number): void {
    const problem = `order ${cause}, which it was placed with, was refused`;
    this.#parts.executor.end(
      id,
      refusal('FAMILY_REFUSED', problem, 'correct that order and place all of them'),
    );
  }

  /** Takes the orders of a family, all of which have been placed, or none of them. */
  #transmit(family: readonly number[]): void {
    const { orders, events, admission, families } = this.#parts;
    for (const id of family) {
      const refused = orders.parentId(id) === 0 ? undefined : admission.refusePrices(id);
      if (refused !== undefined) {
        this.#refuseFamily(family, id, refused);
        return;
      }
    }
    const [first] = family;
    for (const id of family) {
      const [parent, partner] = [orders.parentId(id), orders.ocoId(id)];
      const refused = this.refuseRelatives(parent, partner);
      if (refused !== undefined) this.#refuseWith(id, first);
      else if (parent === 0) this.enter(id, partner);
      else {
        families.addChild(parent, id);
        if (partner !== 0) this.#join(id, partner);
        events.push(id, Status.accepted);
      }
    }
  }

  /** The first price that an order meets: it is filled by it, or rests from then on. */
  meet(order: WorkingOrder, price: number, time: number): void {
    const { orders, admission } = this.#parts;
    const { id, armed, limit, type } = order;
    if (armed) {
      if (reaches(order, price)) this.trigger(order, price, time);
      else {
        order.resting = true;
        if (trails(order)) admission.trail(order, price);
      }
    } else if (Number.isNaN(limit)) {
      if (type !== 'close') this.take(order, price, time);
    } else if (reaches(order, price)) {
      if (orders.isPostOnly(id)) this.#refuseToTake(order, price);
      else this.take(order, price, time);
    } else if (orders.timeInForce(id) === 'GTC') order.resting = true;
    else this.#expireUnmet(order, price);
  }

  /** A trigger is reached at `price`: what waited for it is filled there, or is a limit order from then on. */
  trigger(order: WorkingOrder, price: number, time: number): void {
    order.armed = false;
    if (Number.isNaN(order.limit) || reaches(order, price)) this.take(order, price, time);
    else {
      order.resting = true;
      if (this.within) order.since = this.match;
    }
  }

  /** Fills an order from what is in the market, which stands at `price`. */
  take(order: WorkingOrder, price: number, time: number): void {
    this.#complete(order, price, time, false);
  }

  /** Fills an order that rests in the book by its own price; the market stands at `price`. */
  make(order: WorkingOrder, price: number, time: number): void {
    this.#complete(order, price, time, true);
  }

  #complete(order: WorkingOrder, price: number, time: number, maker: boolean): void {
    const { families, reservations, working, executor, ledger, orders } = this.#parts;
    const { id, size, limit } = order;
    working.remove(order);
    if (families.isEmpty) {
      reservations.release(order, undefined);
      if (maker) executor.make(id, size, limit, time);
      else executor.take(id, size, price, limit, time);
      return;
    }
    const group = families.groupOf(id);
    if (group === undefined) reservations.release(order, undefined);
    else reservations.releaseAll(group);
    const filled = maker ? executor.make(id, size, limit, time) : executor.take(id, size, price, limit, time);
    const children = filled ? families.childrenOf(id) : [];
    if (filled) for (const member of families.leave(id)) this.end(member);
    else this.#endRelatives(id);
    if (children.length === 0) return;
    const { fills } = ledger;
    const moved = Math.abs(fills.size(fills.length - 1));
    const fillPrice = fills.price(fills.length - 1);
    for (const child of [...children]) {
      if (families.isWaiting(child)) this.#activate(child, orders.size(id), moved, fillPrice, price, time);
    }
  }

  /** Brings a child into force at the fill of its parent; the market stands at `market`. */
  #activate(
    id: number,
    parentSize: number,
    moved: number,
    fillPrice: number,
    market: number,
    time: number,
  ): void {
    const { orders, families, admission, executor, working } = this.#parts;
    families.endWait(id);
    const [offset, percent] = [orders.fillOffset(id), orders.fillOffsetPercent(id)];
    const price = Number.isNaN(offset) ? fillPrice * (1 + percent) : fillPrice + offset;
    if (!Number.isNaN(price)) {
      if (orders.type(id) === 'limit') orders.setLimit(id, price);
      else orders.setStop(id, price);
    }
    const size = orders.size(id);
    // What should close the whole of it closes what is there, of which a fee may have been taken off.
    if (Number.isNaN(orders.quote(id)) && (Number.isNaN(size) || size === parentSize)) {
      orders.setTerms(id, orders.limit(id), moved);
    }
    const admitted = admission.admit(id, families.groupOf(id), market);
    if ('code' in admitted) {
      executor.end(id, admitted);
      this.#endRelatives(id);
      return;
    }
    working.add(admitted);
    // Within a bar the time is the bar's close, which no longer belongs to it.
    if ((this.within ? time - 1 : time) > admitted.validUntil) this.expire(admitted);
    else this.meet(admitted, market, time);
    if (!working.has(id)) return;
    if (this.within) admitted.since = this.match;
    else if (this.revision) admitted.spared = this.match;
    this.onRest(admitted.instrument);
  }

  expire(order: WorkingOrder): void {
    this.drop(order, Status.expired, EXPIRED);
  }

  #expireUnmet(order: WorkingOrder, price: number): void {
    const { id, sell, limit } = order;
    const code = this.#parts.orders.timeInForce(id) === 'IOC' ? 'IOC_NOT_FILLED' : 'FOK_NOT_FILLED';
    const side = sell ? 'at or above' : 'at or below';
    const problem = `the first price it met was ${price}, not ${side} its limit ${limit}`;
    const fix = 'give a limit that the market meets at once, or leave timeInForce at GTC';
    this.drop(order, Status.expired, refusal(code, problem, fix));
  }

  #refuseToTake(order: WorkingOrder, price: number): void {
    this.drop(order, Status.rejected, takesReason(order.limit, price));
  }

  /** Ends an order in force without a fill, and those that end with it. */
  drop(order: WorkingOrder, status: number, reason?: OrderReason): void {
    const { working, reservations, families, events } = this.#parts;
    const { id } = order;
    working.remove(order);
    reservations.release(order, families.isEmpty ? undefined : families.groupOf(id));
    events.push(id, status, reason);
    if (!families.isEmpty) this.#endRelatives(id);
  }

  /** Partners and children of an order that has ended without a fill end, too. */
  #endRelatives(id: number): void {
    const { families } = this.#parts;
    for (const member of families.leave(id)) this.end(member);
    for (const child of [...families.childrenOf(id)]) this.end(child);
  }

  /** Cancels an order at once, wherever it waits; one that has ended is left alone. */
  end(id: number): void {
    const { working, families, events } = this.#parts;
    const order = working.get(id);
    if (order !== undefined) this.drop(order, Status.canceled);
    else if (families.isHeld(id)) {
      for (const held of families.letGo(families.heldWith(id))) events.push(held, Status.canceled);
    } else if (families.isWaiting(id)) {
      families.endWait(id);
      events.push(id, Status.canceled);
      this.#endRelatives(id);
    }
  }

  /** Takes an order, and those of its group, out of force from `time` on; settled when the next price is known. */
  cancel(id: number, time: number): void {
    const { working, families, reservations } = this.#parts;
    const order = working.get(id);
    if (order === undefined) {
      this.end(id);
      return;
    }
    const group = families.isEmpty ? undefined : families.groupOf(id);
    for (const member of group?.members ?? [id]) {
      const one = working.get(member);
      if (one === undefined) continue;
      one.cancelled = Math.min(one.cancelled, time);
      // What it kept is free at once, so that the order that takes its place can have it.
      reservations.release(one, group);
    }
  }
}
