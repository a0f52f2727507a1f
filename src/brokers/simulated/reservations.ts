import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { Group } from './families.ts';
import type { WorkingOrder } from './working-orders.ts';

/**
 * What orders in force keep from being spent twice, in the ledger. Of a one-cancels-other group only one can be filled: it
 * keeps the most that one of them needs, once.
 */
export class Reservations {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Keeps what `order.reserved` says, unless `refuse` finds that it is not there. */
  take(
    order: WorkingOrder,
    group: Group | undefined,
    refuse: () => OrderReason | undefined,
  ): OrderReason | undefined {
    if (group === undefined) {
      const refused = refuse();
      if (refused === undefined) this.#keep(order.sell, order.instrument, order.reserved);
      return refused;
    }
    this.#drop(group);
    const refused = refuse();
    if (refused === undefined) group.needs.push(order);
    this.#hold(group);
    return refused;
  }

  /** What an order keeps for itself is from now on kept by its group. */
  regroup(order: WorkingOrder, group: Group): void {
    if (order.reserved === 0 || group.needs.includes(order)) return;
    this.#giveBack(order.sell, order.instrument, order.reserved);
    this.#drop(group);
    group.needs.push(order);
    this.#hold(group);
  }

  /** Gives back what an order keeps. */
  release(order: WorkingOrder, group: Group | undefined): void {
    if (order.reserved === 0) return;
    if (group === undefined) this.#giveBack(order.sell, order.instrument, order.reserved);
    else {
      this.#drop(group);
      group.needs.splice(group.needs.indexOf(order), 1);
      this.#hold(group);
    }
    order.reserved = 0;
  }

  /** Gives back what all of a group keep: one of them is about to be filled. */
  releaseAll(group: Group): void {
    this.#drop(group);
    for (const order of group.needs) order.reserved = 0;
    group.needs.length = 0;
  }

  #hold(group: Group): void {
    for (const order of group.needs) {
      // Cash is one for all instruments.
      const { sell } = order;
      const same = group.kept.find(
        one => one.sell === sell && (!sell || one.instrument === order.instrument),
      );
      if (same === undefined) {
        group.kept.push({ sell: order.sell, instrument: order.instrument, amount: order.reserved });
      } else same.amount = Math.max(same.amount, order.reserved);
    }
    for (const { sell, instrument, amount } of group.kept) this.#keep(sell, instrument, amount);
  }

  #drop(group: Group): void {
    for (const { sell, instrument, amount } of group.kept) this.#giveBack(sell, instrument, amount);
    group.kept.length = 0;
  }

  #keep(sell: boolean, instrument: number, amount: number): void {
    (sell ? this.#ledger.reservedSizes[instrument] : this.#ledger.reservedCash).add(amount);
  }

  #giveBack(sell: boolean, instrument: number, amount: number): void {
    (sell ? this.#ledger.reservedSizes[instrument] : this.#ledger.reservedCash).remove(amount);
  }
}
