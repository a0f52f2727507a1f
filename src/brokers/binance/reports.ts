import type { OrderEvents } from '../order-events.ts';
import { Status } from '../orders.ts';
import { refusal } from '../simulated/refusal.ts';
import type { Booking } from './booking.ts';
import type { AccountInput, PricedTrade } from './commands.ts';
import { Decimal } from './decimal.ts';
import type { Desk } from './desk.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { Exits } from './exits.ts';
import { CANCELED, endingOf, NOT_NEEDED, objectionOf } from './outcomes.ts';
import type { Part, Placement, RealOrder } from './real-orders.ts';
import type { TradingState } from './state.ts';

/** How often what the exchange has refused is placed in another way. */
const MOST_FAILURES = 4;
/** How often exits that the exchange has ended are placed again. */
const MOST_RENEWALS = 5;
/** Reasons that are the exchange's; what has another one it did not refuse. */
const BY_EXCHANGE: ReadonlySet<string> = new Set(['EXCHANGE_REJECTED', 'INSUFFICIENT_CASH', 'RATE_LIMITED']);

const LATE = refusal(
  'LATE_ORDER',
  'the exchange has it after all, though it was certain not to exist',
  'see what of it was executed; the rest is cancelled',
);

export interface ReportParts {
  readonly state: TradingState;
  readonly events: OrderEvents;
  readonly booking: Booking;
  readonly desk: Desk;
  readonly exits: Exits;
}

/** Takes what the exchange says of orders: books executions, and draws the consequences of how orders have ended. */
export class Reports {
  /** Reports of orders that are none of this session. */
  foreign = 0;
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  take(input: Extract<AccountInput, { kind: 'order' }>): void {
    const { state, desk, exits } = this.#parts;
    const found = state.sent.find(input.order.clientOrderId);
    if (found === undefined || found.order.symbol !== input.order.symbol) {
      this.foreign++;
      return;
    }
    const { order: sent, owner: part } = found;
    const { placement } = part;
    const fresh = sent.take(input.order, input.trades);
    if (part.doubtful) {
      part.doubtful = false;
      part.found = true;
    }
    if (!placement.parts.includes(part) && (fresh.length > 0 || !sent.ended)) this.#revive(part);
    const order = part.serves[part.orders.indexOf(sent)];
    this.#accept(sent, order);
    const rests = sent.status === 'NEW' && sent.placed.timeInForce !== 'IOC';
    if (rests || sent.filled) {
      placement.failures = 0;
      placement.isShutOut = false;
    }
    for (const trade of fresh) this.#book(order, trade);
    if (fresh.length > 0) {
      desk.keep(placement);
      if (placement.exits !== undefined) exits.grow(placement.exits);
      this.#stopEntering(placement);
    }
    this.#review(part);
    state.stale = true;
    desk.settle();
    if (order.untold) desk.tell(order, Status.partial);
  }

  refuse({ clientOrderIds, code, message }: Extract<AccountInput, { kind: 'refused' }>): void {
    const { state, desk } = this.#parts;
    const parts = new Set<Part>();
    for (const id of clientOrderIds) {
      const found = state.sent.find(id);
      if (found === undefined) this.foreign++;
      else if (found.order.ended) continue;
      else if (found.order.refuse({ code, message })) parts.add(found.owner);
      else {
        const problem = `order ${id} was said not to exist (${code}), and the exchange has told of it before`;
        state.notices.add(state.now, 'REFUSAL_CONTRADICTED', problem);
      }
    }
    for (const part of parts) this.#review(part);
    state.stale = true;
    desk.settle();
  }

  /** Others may be placed in the stead of these orders, of which nobody knows whether they exist. */
  doubt({ clientOrderIds }: Extract<AccountInput, { kind: 'doubtful' }>): void {
    const { state, desk } = this.#parts;
    for (const id of clientOrderIds) {
      const part = state.sent.find(id)?.owner;
      if (part === undefined || part.orders.some(order => order.state !== 'sent')) continue;
      part.doubtful = true;
      part.placement.wasDoubtful = true;
    }
    state.stale = true;
    desk.settle();
  }

  #accept({ status, refused }: ExchangeOrder, order: RealOrder): void {
    if (order.accepted || refused !== undefined || status === undefined || status === 'REJECTED') return;
    order.accepted = true;
    this.#parts.events.push(order.id, Status.accepted);
  }

  #book(order: RealOrder, trade: PricedTrade): void {
    const { booking, state } = this.#parts;
    const { placement } = order;
    const moved = booking.book(order, trade);
    placement.executed = placement.executed.plus(Decimal.of(trade.quantity));
    placement.moved = placement.moved.plus(moved);
    placement.last = order;
    state.last[placement.instrument] = Decimal.of(trade.price).toNumber();
  }

  /** Who has begun to leave a position enters it no further. */
  #stopEntering({ parent }: Placement): void {
    if (parent === undefined || parent.over || parent.ending !== undefined) return;
    parent.ending = CANCELED;
    this.#parts.desk.keep(parent);
  }

  /** Looks whether a part has ended, and why. */
  #review(part: Part): void {
    const { state } = this.#parts;
    const { placement, ahead } = part;
    const [entry] = part.orders;
    if (ahead !== undefined && entry.closed && !entry.filled) {
      for (const waiting of ahead.orders) waiting.cease();
      this.#review(ahead);
    }
    if (!part.ended || !placement.parts.includes(part)) return;
    placement.parts = placement.parts.filter(one => one !== part);
    for (const order of part.orders) state.sent.retire(order.clientOrderId);
    if (part.orders.some(order => order.filled) || part.cancelling || part.waits || part.doubtful) return;
    if (placement.ending === undefined) this.#explain(placement, part);
  }

  /** Something has ended that nobody here has asked to end. */
  #explain(placement: Placement, part: Part): void {
    const { state, desk } = this.#parts;
    const isRejected = (order: ExchangeOrder) => order.refused !== undefined || order.status === 'REJECTED';
    const sent =
      part.orders.find(isRejected) ??
      // Of exits that the exchange could not bring into force it only says that they have expired.
      part.orders.find(order => order.status !== 'EXPIRED') ??
      part.orders[0];
    const order = part.serves[part.orders.indexOf(sent)];
    if (this.#isPairedAgain(placement, sent)) return;
    const failed = isRejected(sent) || (part.behind !== undefined && sent.status === 'EXPIRED');
    if (failed && part.executed.sign === 0 && this.#isPlacedOtherwise(placement, part, sent)) return;
    if (this.#isRenewed(placement, sent)) return;
    placement.ending = endingOf(sent, order);
    desk.keep(placement);
    if (placement.parent === undefined || !placement.protective) return;
    const { reason } = placement.ending;
    const ids = placement.members.map(({ id }) => id).join(' and ');
    const why = reason === undefined ? '' : `: ${reason.message}`;
    state.notices.add(state.now, 'PROTECTION_MISSING', `${sent.symbol}: exits ${ids} are gone${why}`);
  }

  /** True for a target that was to be taken alone and was not, or not all of it: its stop is wanted with it again. */
  #isPairedAgain(placement: Placement, { status, placed }: ExchangeOrder): boolean {
    const { only, parent, members } = placement;
    if (parent === undefined || only === undefined || status !== 'EXPIRED' || placed.timeInForce !== 'IOC')
      return false;
    const stop = members.find(order => order !== only && order.armed);
    if (stop === undefined) return false;
    placement.only = ++placement.failures > MOST_FAILURES ? stop : undefined;
    return true;
  }

  /** True for exits that rested and that the exchange has ended by itself: the position is still there, and so is what they are for. */
  #isRenewed(placement: Placement, { status, reason, symbol, placed }: ExchangeOrder): boolean {
    const { parent, protective, members } = placement;
    if (parent === undefined || !protective || status !== 'EXPIRED' || placed.timeInForce === 'IOC')
      return false;
    if (++placement.renewals > MOST_RENEWALS) return false;
    const { state } = this.#parts;
    const ids = members.map(({ id }) => id).join(' and ');
    const why = reason === '' ? '' : ` (${reason})`;
    const problem = `${symbol}: the exchange has ended exits ${ids}${why}; they are placed again`;
    state.notices.add(state.now, 'EXITS_RENEWED', problem);
    return true;
  }

  /** True when what the exchange has refused is wanted in another form from now on. */
  #isPlacedOtherwise(placement: Placement, part: Part, { refused, reason }: ExchangeOrder): boolean {
    const isExit = placement.parent !== undefined;
    const isPair = part.serves.length === 2;
    const stop = part.serves.find(order => order.armed);
    const limit = part.serves.find(order => order.type === 'limit');
    const alone = (order: RealOrder) => {
      if (isPair) placement.only = order;
      return true;
    };
    const objection = objectionOf(refused?.message ?? reason);
    if (objection === 'triggers' && stop !== undefined) {
      // Its trigger is reached: it is at the market, or a limit order, from now on.
      stop.armed = false;
      return alone(stop);
    }
    if (objection === 'balance' && this.#isHeldByDoubtful(placement)) return true;
    if (refused !== undefined && !BY_EXCHANGE.has(refused.code)) return isExit || refused.code === NOT_NEEDED;
    if (objection === 'balance' && part.ahead !== undefined && !placement.goesAlone) {
      // Such a list locks what its exits are to sell as well, though the entry has not bought it yet.
      placement.goesAlone = true;
      return true;
    }
    if (objection === 'closed' && isExit && placement.protective) {
      this.#tellClosed(placement);
      return true;
    }
    if (++placement.failures > MOST_FAILURES) return isExit && isPair && stop !== undefined && alone(stop);
    switch (objection) {
      case 'takes':
        return isPair && limit !== undefined && alone(limit);
      case 'prices': {
        if (!isPair || stop === undefined || limit === undefined) return false;
        const last = this.#parts.state.last[placement.instrument];
        return alone(Math.abs(last - limit.limit) < Math.abs(last - stop.stop) ? limit : stop);
      }
      case 'balance':
        if (isExit && placement.sell) this.#takeFromEntries(placement.instrument);
        return isExit;
      default:
        if (!isExit) return false;
        // What was not refused for what it is may be placed as it is; else what protects is tried by itself.
        if (refused === undefined || refused.code !== 'EXCHANGE_REJECTED') return true;
        return isPair && stop !== undefined && alone(stop);
    }
  }

  /**
   * True when something may exist that what was refused was placed in the stead of: it has what this was to sell, and counts
   * as there until it is known.
   */
  #isHeldByDoubtful({ parts }: Placement): boolean {
    const doubtful = parts.filter(part => part.doubtful);
    for (const part of doubtful) part.doubtful = false;
    return doubtful.length > 0;
  }

  /** Entries whose lists have locked what is to protect another position give it back, and go on without their exits. */
  #takeFromEntries(instrument: number): void {
    const { state, desk } = this.#parts;
    for (const placement of state.alive) {
      if (placement.instrument !== instrument || placement.sell) continue;
      for (const part of placement.parts) {
        // Exits that get what their entry brings lock nothing before.
        if (part.ahead?.orders[0].placed.quantity === undefined || part.orders[0].closed) continue;
        placement.goesAlone = true;
        desk.cancel(part);
      }
    }
  }

  /** Nothing can be placed while the market is closed; what protects is tried again until it is open. */
  #tellClosed(placement: Placement): void {
    const { state } = this.#parts;
    if (placement.isShutOut) return;
    placement.isShutOut = true;
    const ids = placement.members.map(({ id }) => id).join(' and ');
    const { symbol } = state.terms[placement.instrument];
    const problem = `${symbol}: the market is closed; exits ${ids} are placed as soon as it is open`;
    state.notices.add(state.now, 'PROTECTION_WAITS', problem);
  }

  /** An order that had been given up exists, or was executed: what of it is in force is cancelled, the rest is booked. */
  #revive(part: Part): void {
    const { state, desk, exits } = this.#parts;
    const { placement } = part;
    const [{ symbol }] = part.orders;
    const ids = part.serves.map(({ id }) => id).join(' and ');
    state.notices.add(state.now, 'LATE_ORDER', `${symbol}: the exchange has order ${ids} after all`);
    part.cancelledAt = Number.NaN;
    placement.parts.push(part);
    if (placement.over) {
      exits.reopen(placement);
      placement.ending = { status: Status.canceled, reason: LATE };
    } else desk.cancel(part);
  }
}
