import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import { type Admission, refuseRelative } from '../simulated/admission.ts';
import { Families } from '../simulated/families.ts';
import type { Filters } from '../simulated/filters.ts';
import type { Funds } from '../simulated/funds.ts';
import { refusal } from '../simulated/refusal.ts';
import type { Reservations } from '../simulated/reservations.ts';
import type { WorkingOrder } from '../simulated/working-orders.ts';
import { Decimal } from './decimal.ts';
import type { Desk } from './desk.ts';
import type { Exits } from './exits.ts';
import { CANCELED } from './outcomes.ts';
import { Placement, type RealOrder } from './real-orders.ts';
import type { TradingState } from './state.ts';
import { refusePair, tooMany } from './unsupported.ts';

export interface IntakeParts {
  readonly state: TradingState;
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly ledger: Ledger;
  readonly filters: readonly Filters[];
  readonly funds: Funds;
  readonly admission: Admission;
  readonly reservations: Reservations;
  readonly desk: Desk;
  readonly exits: Exits;
}

/**
 * Takes orders of the strategy, judged as the simulated broker judges them, with the same reasons, and sorts out which of
 * them belong together.
 */
export class Intake {
  readonly #parts: IntakeParts;
  /** Orders that wait for the rest of their family to be placed. */
  readonly #families = new Families();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  take(id: number): void {
    const { orders } = this.#parts;
    if (!orders.hasFamily(id)) {
      this.#enter(id, 0);
      return;
    }
    const [parent, partner] = [orders.parentId(id), orders.ocoId(id)];
    const root = this.#families.rootOf(parent, partner);
    const refused = this.#refuseRelatives(parent, partner);
    if (refused !== undefined) this.#refuseFamily([...this.#families.letGo(root), id], id, refused);
    else if (!orders.transmits(id)) this.#families.hold(id, root === 0 ? id : root);
    else this.#transmit([...this.#families.letGo(root), id]);
  }

  /** Ends an order that is not taken, and with it those that were held back for it. */
  refuse(id: number, reason: OrderReason): void {
    const { orders } = this.#parts;
    this.#end(id, reason);
    if (!orders.hasFamily(id)) return;
    const root = this.#families.rootOf(orders.parentId(id), orders.ocoId(id));
    for (const other of this.#families.letGo(root)) this.#refuseWith(other, id);
  }

  /** Takes an order out of force, with its partner. */
  cancel(id: number): void {
    const { state, events, desk } = this.#parts;
    const order = state.orders.get(id);
    if (order === undefined) {
      if (!this.#families.isHeld(id)) return;
      for (const held of this.#families.letGo(this.#families.heldWith(id)))
        events.push(held, Status.canceled);
      return;
    }
    const { placement } = order;
    placement.dismissed = true;
    placement.ending ??= CANCELED;
    // What it kept is free at once, so that the order that takes its place can have it.
    desk.keep(placement);
    state.stale = true;
  }

  #end(id: number, reason: OrderReason): void {
    const status = reason.code === 'INSUFFICIENT_CASH' ? Status.margin : Status.rejected;
    this.#parts.events.push(id, status, reason);
  }

  #refuseRelatives(parent: number, partner: number): OrderReason | undefined {
    const { orders } = this.#parts;
    const isAlive = (id: number) => this.#parts.state.orders.has(id) || this.#families.has(id);
    if (parent !== 0 && !isAlive(parent)) return refuseRelative('parent', parent, orders.status(parent));
    if (partner !== 0 && !isAlive(partner)) return refuseRelative('oco', partner, orders.status(partner));
    return undefined;
  }

  #refuseFamily(family: readonly number[], id: number, reason: OrderReason): void {
    for (const other of family) {
      if (other === id) this.#end(id, reason);
      else this.#refuseWith(other, id);
    }
  }

  #refuseWith(id: number, cause: number): void {
    const problem = `order ${cause}, which it was placed with, was refused`;
    this.#end(id, refusal('FAMILY_REFUSED', problem, 'correct that order and place all of them'));
  }

  /** Takes the orders of a family, all of which have been placed, or none of them. */
  #transmit(family: readonly number[]): void {
    const { orders, admission } = this.#parts;
    for (const id of family) {
      const isChild = orders.parentId(id) !== 0;
      const refused = isChild ? (admission.refusePrices(id) ?? this.#refuseChild(id, family)) : undefined;
      if (refused === undefined) continue;
      this.#refuseFamily(family, id, refused);
      return;
    }
    const [first] = family;
    for (const id of family) {
      const [parent, partner] = [orders.parentId(id), orders.ocoId(id)];
      if (this.#refuseRelatives(parent, partner) !== undefined) this.#refuseWith(id, first);
      else if (parent === 0) this.#enter(id, partner);
      else this.#addExit(id, this.#parts.state.orders.get(parent)!.placement);
    }
  }

  /** Why an order cannot be an exit of its parent, beside those that there are or that come with it. */
  #refuseChild(id: number, family: readonly number[]): OrderReason | undefined {
    const { orders, state } = this.#parts;
    const parent = orders.parentId(id);
    const placement = state.orders.get(parent)?.placement;
    if (orders.parentId(parent) !== 0 || placement?.parent !== undefined) {
      return tooMany('the parent of an exit is an exit itself');
    }
    if ((placement !== undefined && placement.members.length > 1) || orders.ocoId(parent) !== 0) {
      return tooMany('the parent of an exit is one of a pair itself');
    }
    const before = placement?.exits?.over === false ? placement.exits.members.map(order => order.id) : [];
    const siblings = [...before, ...family.filter(one => orders.parentId(one) === parent && one < id)];
    if (siblings.length > 1) return tooMany('an entry has more than two exits');
    if (siblings.length === 0) return undefined;
    return this.#refusePair(siblings[0], id);
  }

  #addExit(id: number, entry: Placement): void {
    const { state, events, admission, exits } = this.#parts;
    const order = this.#asReal(admission.describe(id, Number.NaN), this.#beginsAt(id));
    order.accepted = true;
    const before = entry.exits;
    if (before === undefined || before.over) {
      entry.exits = new Placement([order], entry);
      order.placement = entry.exits;
      state.add(entry.exits);
    } else this.#pair(before, order);
    events.push(id, Status.accepted);
    if (entry.moved.sign !== 0) exits.grow(entry.exits!);
  }

  #pair(placement: Placement, order: RealOrder): void {
    const { state, reservations } = this.#parts;
    placement.group ??= { members: [], needs: [], kept: [] };
    for (const member of placement.members) reservations.regroup(member, placement.group);
    placement.members.push(order);
    order.placement = placement;
    state.orders.set(order.id, order);
    state.stale = true;
  }

  /** Brings an order into force, or ends it with the reason. */
  #enter(id: number, partner: number): void {
    const { state, admission, reservations } = this.#parts;
    const joined = partner === 0 ? undefined : state.orders.get(partner)?.placement;
    if (joined !== undefined) {
      const refused = this.#refusePartner(joined, partner, id);
      if (refused !== undefined) {
        this.#end(id, refused);
        return;
      }
      joined.group ??= { members: [], needs: [], kept: [] };
      for (const member of joined.members) reservations.regroup(member, joined.group);
    }
    const beginsAt = this.#beginsAt(id);
    const admitted = admission.admit(id, joined?.group, Number.NaN);
    if ('code' in admitted) {
      this.#end(id, admitted);
      return;
    }
    const order = this.#asReal(admitted, beginsAt);
    const refused = Number.isNaN(order.limit) && !order.armed ? this.#sizeMarket(order) : undefined;
    if (refused !== undefined) this.#end(id, refused);
    else if (joined === undefined) {
      const placement = new Placement([order], undefined);
      placement.since = this.#parts.orders.createdAt(id);
      if (!Number.isNaN(order.size)) placement.target = Decimal.of(order.size);
      order.placement = placement;
      state.add(placement);
    } else this.#pair(joined, order);
  }

  #refusePartner(joined: Placement, partner: number, id: number): OrderReason | undefined {
    if (joined.members.length > 1) return tooMany('more than two orders cancel each other');
    if (joined.parent !== undefined || joined.exits !== undefined) {
      return tooMany('an order with exits, or an exit, is one of a pair');
    }
    return this.#refusePair(partner, id);
  }

  #refusePair(first: number, second: number): OrderReason | undefined {
    const { orders, state, filters } = this.#parts;
    const instrument = orders.instrument(second);
    return refusePair(orders, first, second, state.terms[instrument], size => filters[instrument].size(size));
  }

  /** Puts a market order's size on the lot step, by the last price as far as one is needed; or says why it cannot be. */
  #sizeMarket(order: RealOrder): OrderReason | undefined {
    const { state, filters, funds } = this.#parts;
    const { instrument, sell, quote } = order;
    const rules = filters[instrument];
    const price = state.last[instrument];
    const inQuote = Number.isNaN(order.size);
    if (inQuote && Number.isNaN(price)) return undefined;
    const wanted = inQuote
      ? funds.affordable(quote, price, false, funds.takesBase(instrument, !sell))
      : order.size;
    const size = inQuote ? rules.sizeWithin(wanted) : rules.size(wanted);
    if (!inQuote) order.size = size;
    return rules.refuseSize(wanted, size, Number.isNaN(price) ? Number.POSITIVE_INFINITY : price, true);
  }

  #beginsAt(id: number): number {
    const { orders } = this.#parts;
    return orders.type(id).startsWith('stopTrail') ? orders.stop(id) : Number.NaN;
  }

  /** `beginsAt`: where a trailing order was said to begin, NaN for the market. */
  #asReal(order: WorkingOrder, beginsAt: number): RealOrder {
    const { orders } = this.#parts;
    const { id } = order;
    return {
      ...order,
      placement: undefined as never,
      postOnly: orders.isPostOnly(id),
      timeInForce: orders.timeInForce(id),
      reduces: orders.reduces(id),
      quote: orders.quote(id),
      beginsAt,
      needed: order.reserved,
      filled: Decimal.ZERO,
      spent: Decimal.ZERO,
      fees: 0,
      price: Number.NaN,
      accepted: false,
      untold: false,
    };
  }
}
