import type { Ledger } from '../ledger.ts';
import type { Admission } from './admission.ts';
import { type IntrabarPolicy, Leg, Path } from './intrabar.ts';
import type { Margin } from './margin.ts';
import type { Offers } from './offers.ts';
import { PathDependence } from './path-dependence.ts';
import { awaited, reaches, trailedStop, trails, waitsBelow } from './triggers.ts';
import type { WorkingOrder, WorkingOrders } from './working-orders.ts';

/** What happens on the way through a bar. */
export interface Happenings {
  /** The price that an order waits for is there. */
  reach(order: WorkingOrder, price: number, time: number): void;
  /** The price at which the account can no longer bear the position is there. */
  liquidate(instrument: number, price: number, time: number): void;
}

export interface BarWalkParts {
  readonly ledger: Ledger;
  readonly working: WorkingOrders;
  readonly offers: Offers;
  readonly admission: Admission;
  readonly margin: Margin | undefined;
  readonly policy: IntrabarPolicy;
  readonly happenings: Happenings;
}

/**
 * Takes the price through a bar after its open: from extreme to extreme to the close, as the policy has it, and from event
 * to event on the way. What an event brings about (children that come into force, siblings that go, a position that
 * changes sides) counts for the rest of the way.
 */
export class BarWalk {
  /** The trades that the path inside a bar has decided about. */
  readonly dependence: PathDependence;
  readonly #parts: BarWalkParts;
  readonly #path: Path;

  constructor(parts: BarWalkParts) {
    this.#parts = parts;
    this.#path = new Path(parts.policy);
    this.dependence = new PathDependence(parts.ledger.trades);
  }

  /** Walks through what is offered of an instrument; `match` is the number of this match. */
  walk(instrument: number, match: number): void {
    const { ledger, offers, happenings } = this.#parts;
    const path = this.#path;
    const { bars, row, closeTime } = offers.slots[instrument];
    const [open, close] = [bars!.open[row], bars!.close[row]];
    const [low, high] = [offers.low(instrument), offers.high(instrument)];
    const sign = Math.sign(ledger.sizes[instrument]);
    const side = sign === 0 ? this.#entry(instrument, match, low, high) : sign;
    path.begin(open, low, high, side, sign !== 0);
    let dependent = this.#isAmbiguous(instrument, match, low, high);
    this.dependence.begin(instrument);
    for (let leg = path.leg; leg !== undefined; leg = path.leg) {
      const to = leg === Leg.low ? low : leg === Leg.high ? high : close;
      const next = this.#next(instrument, match, leg, to);
      const end = this.#liquidation(instrument, leg, to, next);
      if (next === undefined && Number.isNaN(end)) {
        this.#trail(instrument, match, to);
        path.proceed();
        continue;
      }
      const before = ledger.sizes[instrument];
      if (!Number.isNaN(end)) happenings.liquidate(instrument, end, closeTime);
      else happenings.reach(next!, awaited(next!), closeTime);
      const after = ledger.sizes[instrument];
      if (after !== 0 && (Math.abs(after) > Math.abs(before) || after > 0 !== before > 0)) {
        path.enter(Math.sign(after));
      }
      dependent ||= this.#isNewWithin(instrument, match, low, high);
    }
    if (dependent) this.dependence.mark(instrument);
  }

  /** True when the range of what is offered counts for an order. */
  #counts(order: WorkingOrder, instrument: number, match: number): boolean {
    if (order.instrument !== instrument || !order.resting || order.spared === match) return false;
    // Of one whose validity ends within the bar nobody can tell, also where it came into force, or rests, since the open.
    return order.validUntil >= this.#parts.offers.slots[instrument].closeTime - 1;
  }

  /** The order whose price comes next on a leg that ends at `to`; the older one of equals. */
  #next(instrument: number, match: number, leg: number, to: number): WorkingOrder | undefined {
    let next: WorkingOrder | undefined;
    for (const order of this.#parts.working.values()) {
      if (!this.#counts(order, instrument, match)) continue;
      const below = waitsBelow(order);
      if ((leg === Leg.low && !below) || (leg === Leg.high && below) || !reaches(order, to)) continue;
      if (next === undefined) next = order;
      else if (waitsBelow(next) !== below) continue;
      else if (below ? awaited(order) > awaited(next) : awaited(order) < awaited(next)) next = order;
    }
    return next;
  }

  /** The price of a liquidation that comes on a leg before `next`; NaN for none. */
  #liquidation(instrument: number, leg: number, to: number, next: WorkingOrder | undefined): number {
    const { margin, ledger, offers } = this.#parts;
    const size = ledger.sizes[instrument];
    if (margin === undefined || size === 0) return Number.NaN;
    const long = size > 0;
    if (leg === (long ? Leg.high : Leg.low)) return Number.NaN;
    const price = margin.liquidationPrice(instrument);
    if (!(long ? price >= to : price <= to)) return Number.NaN;
    // The other positions may have brought it to where the price has been already.
    const within = long ? Math.min(price, offers.high(instrument)) : Math.max(price, offers.low(instrument));
    if (next === undefined || waitsBelow(next) !== long) return within;
    return (long ? awaited(next) < within : awaited(next) > within) ? within : Number.NaN;
  }

  #trail(instrument: number, match: number, to: number): void {
    for (const order of this.#parts.working.values()) {
      if (order.armed && trails(order) && this.#counts(order, instrument, match)) {
        this.#parts.admission.trail(order, to);
      }
    }
  }

  /** The side of the oldest order that the bar reaches: where nothing is held it may be an entry. */
  #entry(instrument: number, match: number, low: number, high: number): number {
    for (const order of this.#parts.working.values()) {
      if (this.#counts(order, instrument, match) && reaches(order, waitsBelow(order) ? low : high)) {
        return order.sell ? -1 : 1;
      }
    }
    return 0;
  }

  /** True when prices on both sides are waited for, or a trigger that this bar moves lies within it. */
  #isAmbiguous(instrument: number, match: number, low: number, high: number): boolean {
    let below = false;
    let above = false;
    for (const order of this.#parts.working.values()) {
      if (!this.#counts(order, instrument, match)) continue;
      if (waitsBelow(order)) below ||= reaches(order, low);
      else above ||= reaches(order, high);
      if (!order.armed || !trails(order)) continue;
      const moved = trailedStop(order, order.sell ? high : low);
      if (order.sell ? moved > order.stop && moved >= low : moved < order.stop && moved <= high) return true;
    }
    const { margin, ledger } = this.#parts;
    const size = ledger.sizes[instrument];
    if (margin !== undefined && size !== 0) {
      const price = margin.liquidationPrice(instrument);
      if (size > 0) below ||= price >= low;
      else above ||= price <= high;
    }
    return below && above;
  }

  /** True when an order that has come into force on the way waits for a price of this bar. */
  #isNewWithin(instrument: number, match: number, low: number, high: number): boolean {
    for (const order of this.#parts.working.values()) {
      if (order.since !== match || !this.#counts(order, instrument, match)) continue;
      const price = awaited(order);
      if (price >= low && price <= high) return true;
    }
    return false;
  }
}
