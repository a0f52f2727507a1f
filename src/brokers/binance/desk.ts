import { type Instrument, isDust } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import { refusal } from '../simulated/refusal.ts';
import type { Reservations } from '../simulated/reservations.ts';
import type { Booking } from './booking.ts';
import type { Composed, Composer } from './composer.ts';
import type { Coverage } from './coverage.ts';
import { Decimal } from './decimal.ts';
import { ExchangeOrder } from './exchange-order.ts';
import { isMoved } from './looks.ts';
import { CANCELED } from './outcomes.ts';
import { Part, type Placement, type RealOrder } from './real-orders.ts';
import type { TradingState } from './state.ts';

/** How many parts exits may be in; what comes then makes the last one larger. */
const MOST_PARTS = 3;
/** By which share exits have to become larger to be replaced by larger ones. */
const LEAST_GROWTH = Decimal.of(0.01);
/** How often the rest of an entry is placed anew, after a part of it was filled and protected. */
const MOST_SPLITS = 3;
/** After so long, in the time of steps and reports, a cancel that has shown no effect is asked for again, ms. */
const CANCEL_AGAIN_MS = 10_000;

export interface DeskParts {
  readonly instruments: readonly Instrument[];
  readonly state: TradingState;
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly reservations: Reservations;
  readonly booking: Booking;
  readonly coverage: Coverage;
  readonly composer: Composer;
}

/**
 * Compares what is wanted with what is at the exchange, and asks for the difference: what is missing is placed, what is no
 * longer wanted is cancelled, and nothing is placed in its stead before it is known to be gone.
 */
export class Desk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Does what has become necessary; afterwards nothing is to be done until something happens. */
  settle(): void {
    const { state } = this.#parts;
    // Each round ends something or leaves nothing stale.
    while (state.stale) {
      state.stale = false;
      for (const placement of [...state.alive]) this.#settle(placement);
    }
  }

  #settle(placement: Placement): void {
    if (placement.over) return;
    const { parts } = placement;
    if (placement.ending !== undefined) {
      for (const part of [...parts]) if (!part.waits) this.cancel(part);
      if (placement.parts.length === 0) this.finish(placement);
      return;
    }
    if (!placement.active) return;
    if (parts.every(part => part.doubtful) && this.#isDone(placement)) {
      // What nobody knows to exist has nothing to do with it any more; if it is found, it comes back.
      placement.parts = [];
      this.finish(placement);
      return;
    }
    for (const part of [...parts]) if (this.#isOutdated(placement, part)) this.cancel(part);
    if (parts.some(isUnsettled)) return;
    const missing = this.#missing(placement);
    if (missing !== undefined && missing.sign < 0) this.#cancelSurplus(placement);
    if (missing === undefined ? parts.length > 0 : missing.sign <= 0) return;
    // What has been bought is protected before more is.
    if (placement.exits?.active === true) this.#settle(placement.exits);
    this.#place(placement, missing);
  }

  #isDone({ target, executed, parent, attempts }: Placement): boolean {
    if (target === undefined) return attempts > 0;
    return parent?.over !== false && executed.compare(target) >= 0;
  }

  /** Base units that are neither executed nor in force; undefined for an order in quote. */
  #missing({ target, executed, parts }: Placement): Decimal | undefined {
    if (target === undefined) return undefined;
    let missing = target.minus(executed);
    for (const part of parts) {
      if (part.waits || part.doubtful) continue;
      const { remaining } = part;
      // What the exchange gives its exits it will say.
      if (remaining === undefined) return Decimal.ZERO;
      missing = missing.minus(remaining);
    }
    return missing;
  }

  /** What was in doubt exists, and so does what was placed in its stead: one of them has to go. */
  #cancelSurplus({ parts, wasDoubtful }: Placement): void {
    const others = parts.filter(part => !part.doubtful && !part.waits);
    // Of one that nobody has told of it is not known yet whether it is there.
    if (!wasDoubtful || others.some(part => !part.known)) return;
    const surplus = others.find(part => part.found) ?? others.at(-1);
    if (surplus !== undefined) this.cancel(surplus);
  }

  /** True when something else is wanted in a part's place. */
  #isOutdated(placement: Placement, part: Part): boolean {
    if (part.cancelling || part.waits || part.doubtful) return false;
    const [first] = part.orders;
    if (part.ahead !== undefined) {
      if (first.closed) return false;
      const exits = part.ahead.placement;
      if (exits.over || exits.ending !== undefined) return true;
      if (first.executed.sign === 0) return false;
      placement.splits++;
      return true;
    }
    if (part.executed.sign === 0 && part.serves.length < placement.wanted.length) return true;
    if (this.#sellsMore(placement, part)) return true;
    return this.#hasLostItsPair(placement, part) || this.#isBehind(placement, part);
  }

  /**
   * Exits that the exchange has sized by what their entry has brought before its fee: it takes the fee from what else the
   * account holds, which is not the session's.
   */
  #sellsMore({ target, executed, sell }: Placement, { behind, remaining }: Part): boolean {
    if (!sell || behind?.ended !== true || target === undefined || remaining === undefined) return false;
    return remaining.compare(target.minus(executed)) > 0;
  }

  /** A part of one of two orders was executed, which has ended the other: the rest needs both again. */
  #hasLostItsPair(placement: Placement, part: Part): boolean {
    if (part.orders.length < 2 || part.executed.sign === 0) return false;
    if (part.orders.filter(order => order.closed).length !== 1) return false;
    return !('code' in this.#parts.composer.compose(placement, part.remaining));
  }

  /** True for a trailing order that has to be moved. */
  #isBehind(placement: Placement, part: Part): boolean {
    const { state, composer } = this.#parts;
    const terms = state.terms[placement.instrument];
    if (!part.serves.some(order => isMoved(order, terms))) return false;
    const composed = composer.compose(placement, part.remaining);
    if ('code' in composed) return false;
    return composed.orders.some((order, i) => order.stopPrice !== part.orders[i].placed.stopPrice);
  }

  #place(placement: Placement, missing: Decimal | undefined): void {
    const { state, composer } = this.#parts;
    if (state.halted !== undefined && !placement.protective) {
      const { code, message } = state.halted;
      const problem = `no position is opened while the session is halted (${code}: ${message})`;
      this.#end(placement, Status.canceled, refusal('RISK_HALTED', problem, 'resume the session first'));
      return;
    }
    if (placement.splits > MOST_SPLITS) {
      const problem = `it was filled in more than ${MOST_SPLITS} parts, each of which was protected by itself`;
      this.#end(placement, Status.canceled, refusal('SPLIT_LIMIT', problem, 'order the rest again'));
      return;
    }
    const quantity = this.#coveredQuantity(placement, missing);
    if (quantity === 'none') return;
    const composed = composer.compose(placement, quantity);
    const parts = placement.parts.filter(part => !part.doubtful).length;
    if ('code' in composed || parts >= MOST_PARTS) {
      this.#enlarge(placement, quantity, 'code' in composed ? composed : undefined);
      return;
    }
    if (!this.#isPaid(placement, composed)) return;
    this.#send(placement, composed);
  }

  /** How much of a sale the session has; `none` when it has to wait for it, or has ended for the lack of it. */
  #coveredQuantity(placement: Placement, missing: Decimal | undefined): Decimal | undefined | 'none' {
    const { coverage, state, booking, instruments } = this.#parts;
    if (!placement.sell) return missing;
    const { instrument } = placement;
    const free = coverage.freeBase(instrument);
    const wanted = missing ?? this.#estimate(placement);
    if (wanted.compare(free) <= 0) return missing;
    const takesLess = placement.parent !== undefined || placement.members[0].reduces;
    const less = placement.parent === undefined ? free : free.down(state.lot(instrument));
    const isUntold = coverage.missesPurchases(instrument);
    // What is known to have been bought is protected, the rest once it is booked.
    if (isUntold && placement.parent !== undefined && less.sign > 0) return less;
    if (isUntold || coverage.mayCome(placement)) return 'none';
    if (takesLess && less.sign > 0) return less;
    if (placement.parts.length > 0) return 'none';
    const { base } = instruments[instrument];
    const held = booking.positions[instrument];
    const reserved = held.compare(free) > 0;
    const problem = `selling ${wanted} ${base} with ${held} held${reserved ? `, ${free} of it free,` : ''} would be a short`;
    const reason =
      takesLess && held.sign <= 0
        ? refusal('NOTHING_TO_CLOSE', 'what it should sell is sold already', 'check position before close()')
        : refusal(
            'SPOT_SHORT',
            problem,
            reserved ? 'cancel what reserves it first' : 'sell at most what is held',
          );
    this.#end(placement, Status.rejected, reason);
    return 'none';
  }

  #estimate({ members, instrument }: Placement): Decimal {
    const size = members[0].quote / this.#parts.state.last[instrument];
    return Number.isFinite(size) ? Decimal.of(size) : Decimal.ZERO;
  }

  /** False for a purchase that has to wait for its money, or has ended for the lack of it. */
  #isPaid(placement: Placement, { orders }: Composed): boolean {
    const { coverage, instruments } = this.#parts;
    if (placement.sell || coverage.pays(orders, placement.instrument)) return true;
    if (coverage.mayCome(placement)) return false;
    const { base, quote } = instruments[placement.instrument];
    const problem = `the session has not as much ${quote} as buying this ${base} takes beside what is under way`;
    const reason = refusal('INSUFFICIENT_CASH', problem, 'order less, or size in quote: buy({ quote })');
    this.#end(placement, Status.margin, reason);
    return false;
  }

  /** What is missing cannot be placed by itself: together with the last part it may. */
  #enlarge(placement: Placement, missing: Decimal | undefined, refused: OrderReason | undefined): void {
    const { composer } = this.#parts;
    const last = placement.parts.findLast(part => !part.waits && !part.doubtful);
    if (last !== undefined) {
      const { remaining } = last;
      if (remaining === undefined || missing === undefined) return;
      // Not worth being without protection for a moment.
      if (missing.compare(remaining.times(LEAST_GROWTH)) < 0) return;
      const whole = composer.compose(placement, remaining.plus(missing));
      const grows =
        !('code' in whole) && whole.quantity !== undefined && whole.quantity.compare(remaining) > 0;
      if (grows) this.cancel(last);
      return;
    }
    if (refused === undefined || placement.parts.length > 0) return;
    // More may be bought, and then there is enough to be protected.
    if (placement.parent?.over === false) return;
    const rest = placement.executed.sign > 0;
    const status = refused.code === 'INSUFFICIENT_CASH' ? Status.margin : Status.rejected;
    if (placement.parent !== undefined && placement.protective) this.#tellUnprotected(placement, refused);
    this.#end(placement, rest ? Status.canceled : status, refused);
  }

  #tellUnprotected({ members, instrument }: Placement, { message }: OrderReason): void {
    const { state, instruments } = this.#parts;
    const { symbol } = instruments[instrument];
    const ids = members.map(({ id }) => id).join(' and ');
    state.notices.add(
      state.now,
      'PROTECTION_MISSING',
      `${symbol}: exits ${ids} cannot be placed: ${message}`,
    );
  }

  #send(placement: Placement, { orders, serves, exits, list, quantity }: Composed): void {
    const { state } = this.#parts;
    const { protective } = placement;
    const listId = list?.listClientOrderId ?? '';
    const doubtful = placement.parts.filter(part => part.doubtful);
    const ids = doubtful.flatMap(part => part.orders.map(order => order.clientOrderId));
    const instead = ids.length === 0 ? {} : { instead: ids };
    const sent = orders.map(order => new ExchangeOrder(order, listId, protective));
    const part = new Part(placement, serves, sent, quantity);
    this.#add(placement, part);
    if (exits !== undefined) {
      const waiting = exits.orders.map(order => new ExchangeOrder(order, listId, true));
      const its = placement.exits!;
      this.#add(its, new Part(its, exits.serves, waiting, exits.quantity, part));
    }
    if (placement.parent === undefined && placement.attempts === 1) placement.target = quantity;
    state.command(
      list === undefined
        ? { kind: 'place', order: orders[0], protective, ...instead }
        : { kind: 'placeList', list, protective, ...instead },
    );
  }

  #add(placement: Placement, part: Part): void {
    placement.parts.push(part);
    placement.attempts++;
    for (const order of part.orders) this.#parts.state.sent.add(order, part);
  }

  /** Asks for a part to go. */
  cancel(part: Part): void {
    if (part.cancelling || part.orders.every(order => order.closed)) return;
    this.#askToCancel(part);
  }

  #askToCancel(part: Part): void {
    const { state } = this.#parts;
    const [first] = part.orders;
    const { symbol, clientOrderId, listClientOrderId } = first;
    part.cancelledAt = state.now;
    // Of an entry with exits the entry is named: if it has just been filled, its exits are not to go.
    const whole = listClientOrderId !== '' && part.ahead === undefined;
    state.command(
      whole ? { kind: 'cancelList', symbol, listClientOrderId } : { kind: 'cancel', symbol, clientOrderId },
    );
  }

  /** Asks again for cancels that have shown no effect. */
  remind(): void {
    const { state } = this.#parts;
    for (const { parts } of state.alive) {
      for (const part of parts) {
        if (part.cancelling && !part.ended && state.now - part.cancelledAt >= CANCEL_AGAIN_MS) {
          this.#askToCancel(part);
        }
      }
    }
  }

  #end(placement: Placement, status: number, reason: OrderReason | undefined): void {
    placement.ending = { status, reason };
    this.keep(placement);
    this.#parts.state.stale = true;
  }

  /** A placement has nothing at the exchange any more: the strategy's orders end. */
  finish(placement: Placement): void {
    const { state, events, orders } = this.#parts;
    const { ending, target, executed, members, last, exits } = placement;
    const done =
      ending === undefined || (target !== undefined && executed.sign > 0 && executed.compare(target) >= 0);
    placement.over = true;
    placement.ending ??= CANCELED;
    this.keep(placement);
    state.remove(placement);
    for (const order of last === undefined ? members : [last, ...members.filter(one => one !== last)]) {
      if (done && order === last) {
        // Of two orders each may have filled a part: this one's is what it was for.
        if (members.length > 1) orders.setTerms(order.id, order.limit, order.filled.toNumber());
        this.tell(order, Status.completed);
        continue;
      }
      if (order.untold) this.tell(order, Status.partial);
      const its = done || (ending?.of !== undefined && ending.of !== order) ? CANCELED : ending!;
      events.push(order.id, its.status, its.reason);
    }
    if (exits !== undefined && !exits.over && placement.moved.sign === 0) {
      exits.ending ??= CANCELED;
      if (exits.parts.length === 0) this.finish(exits);
    }
    this.#tellDust(placement);
  }

  /** Tells the strategy of executions. */
  tell(order: RealOrder, status: number): void {
    order.untold = false;
    const { id, filled, price, fees } = order;
    this.#parts.events.pushFill(id, status, filled.toNumber(), price, fees);
  }

  #tellDust({ sell, instrument, executed }: Placement): void {
    const { state, booking, instruments } = this.#parts;
    const left = booking.positions[instrument];
    if (!sell || executed.sign === 0 || left.sign === 0 || !isDust(instruments[instrument], left.toNumber()))
      return;
    const { base, symbol } = instruments[instrument];
    state.notices.add(state.now, 'DUST', `${symbol}: ${left} ${base} is left, less than an order can sell`);
  }

  /** Keeps for each order what the rest of it needs, and nothing for one that is to end. */
  keep(placement: Placement): void {
    const { reservations } = this.#parts;
    const { members, group, target, executed, ending, active } = placement;
    for (const order of members) {
      let amount = 0;
      if (ending === undefined && active) {
        if (executed.sign === 0 || target === undefined || target.sign === 0) amount = order.needed;
        else amount = (order.needed * target.minus(executed).toNumber()) / target.toNumber();
      }
      if (amount === order.reserved) continue;
      reservations.release(order, group);
      order.reserved = Math.max(0, amount);
      if (order.reserved > 0) reservations.take(order, group, () => undefined);
    }
  }
}

/** What is on its way out may still be executed, and so may an entry that was executed in part. */
function isUnsettled({ cancelling, doubtful, waits, behind }: Part): boolean {
  return (cancelling && !doubtful) || (waits && behind!.orders[0].executed.sign > 0);
}
