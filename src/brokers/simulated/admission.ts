import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderTable } from '../orders.ts';
import type { Executor } from './executor.ts';
import type { Group } from './families.ts';
import type { Filters } from './filters.ts';
import type { Funds } from './funds.ts';
import { refusal } from './refusal.ts';
import type { Reservations } from './reservations.ts';
import { trailedStop, trails } from './triggers.ts';
import type { WorkingOrder } from './working-orders.ts';

const { POSITIVE_INFINITY } = Number;

const PRICE_UNKNOWN = refusal(
  'PRICE_UNKNOWN',
  'it should trail from the last close, and there is none yet',
  'wait for the first bar, or say with "stop" where it begins',
);

/** What an order is made of before it comes into force. */
export interface AdmissionParts {
  readonly instruments: readonly Instrument[];
  readonly orders: OrderTable;
  readonly ledger: Ledger;
  readonly filters: readonly Filters[];
  readonly funds: Funds;
  readonly reservations: Reservations;
  readonly executor: Executor;
}

/** Brings orders into force: prices on the tick, sizes in lots, what they need reserved; or says why not. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** A market order that is in force already, as it works together with others. */
  atMarket(id: number, cancelled: number): WorkingOrder {
    return { ...this.describe(id, Number.NaN), cancelled };
  }

  /**
   * The order as it comes into force, or why it does not. `market`: the price at the moment, from which a trailing order
   * begins unless it says otherwise; NaN for the last close.
   */
  admit(id: number, group: Group | undefined, market: number): WorkingOrder | OrderReason {
    const { orders, filters, instruments } = this.#parts;
    const order = this.describe(id, market);
    const { instrument, armed, stop, limit } = order;
    const rules = filters[instrument];
    if (armed && Number.isNaN(stop)) return PRICE_UNKNOWN;
    if (armed && stop <= 0) return rules.refuseTrigger(orders.stop(id), stop)!;
    if (!Number.isNaN(limit)) {
      const impossible = rules.refuseLimit(orders.limit(id), limit);
      if (impossible !== undefined) return impossible;
    } else if (!armed) return order;
    const price = Number.isNaN(limit) ? stop : limit;
    const wanted = this.#wanted(order, price);
    if (typeof wanted === 'object') return wanted;
    const inQuote = Number.isNaN(orders.size(id));
    const size = inQuote ? rules.sizeWithin(wanted) : rules.size(wanted);
    if (!Number.isNaN(wanted)) {
      const refused = rules.refuseSize(wanted, size, price, Number.isNaN(limit));
      if (refused !== undefined) return refused;
    }
    order.size = size;
    if (instruments[instrument].market === 'spot') {
      const uncovered = this.#reserve(order, group, price);
      if (uncovered !== undefined) return uncovered;
    }
    orders.setTerms(id, limit, size);
    if (armed) orders.setStop(id, stop);
    return order;
  }

  /** Why a child's prices cannot be, as far as they are known before its parent is filled. */
  refusePrices(id: number): OrderReason | undefined {
    const { orders, filters } = this.#parts;
    const rules = filters[orders.instrument(id)];
    const sell = orders.isSell(id);
    const type = orders.type(id);
    const isKnown = Number.isNaN(orders.fillOffset(id)) && Number.isNaN(orders.fillOffsetPercent(id));
    const [limit, stop] = [orders.limit(id), orders.stop(id)];
    if (!Number.isNaN(limit) && (type !== 'limit' || isKnown)) {
      const impossible = rules.refuseLimit(limit, rules.limit(sell, limit));
      if (impossible !== undefined) return impossible;
    }
    if (Number.isNaN(stop) || !isKnown) return undefined;
    return rules.refuseTrigger(stop, rules.trigger(sell, stop));
  }

  /** Moves the trigger of a trailing order behind `price`, and its limit with it; never back. */
  trail(order: WorkingOrder, price: number): void {
    const { filters, orders } = this.#parts;
    const { id, sell, limitGap } = order;
    const rules = filters[order.instrument];
    const stop = rules.trigger(sell, trailedStop(order, price));
    if (sell ? stop <= order.stop : stop >= order.stop) return;
    order.stop = stop;
    orders.setStop(id, stop);
    if (Number.isNaN(limitGap)) return;
    order.limit = rules.limit(sell, stop + limitGap);
    orders.setLimit(id, order.limit);
  }

  /** The order as it would come into force, its prices on the tick; `market` as in {@link admit}. */
  describe(id: number, market: number): WorkingOrder {
    const { orders, filters, ledger } = this.#parts;
    const instrument = orders.instrument(id);
    const rules = filters[instrument];
    const type = orders.type(id);
    const sell = orders.isSell(id);
    const order = {
      id,
      instrument,
      sell,
      type,
      armed: type.startsWith('stop'),
      stop: orders.stop(id),
      limit: orders.limit(id),
      size: orders.size(id),
      trailAmount: orders.trailAmount(id),
      trailPercent: orders.trailPercent(id),
      limitGap: Number.NaN,
      reserved: 0,
      resting: false,
      cancelled: POSITIVE_INFINITY,
      validUntil: orders.validUntil(id),
      spared: -1,
      since: -1,
    };
    if (trails(order)) {
      const from = Number.isNaN(order.stop)
        ? Number.isNaN(market)
          ? ledger.marks[instrument]
          : market
        : order.stop;
      order.stop = trailedStop(order, from);
    }
    if (order.armed) order.stop = rules.trigger(sell, order.stop);
    if (!Number.isNaN(order.limit)) {
      order.limit = rules.limit(sell, order.limit);
      if (trails(order)) order.limitGap = order.limit - order.stop;
    }
    return order;
  }

  /** Base units; NaN for a purchase that is sized by the price it gets. */
  #wanted(order: WorkingOrder, price: number): number | OrderReason {
    const { orders, funds, executor } = this.#parts;
    const { id, instrument, sell, limit } = order;
    const size = orders.size(id);
    if (Number.isNaN(size)) {
      const quote = orders.quote(id);
      const inBase = funds.takesBase(instrument, !sell);
      if (Number.isNaN(limit)) return sell ? funds.affordable(quote, price, false, inBase) : Number.NaN;
      const asMaker = funds.affordable(quote, limit, true, inBase);
      return Math.min(asMaker, funds.affordable(quote, limit, false, inBase));
    }
    if (!orders.reduces(id)) return size;
    const closable = executor.closable(instrument, sell);
    return closable > 0 ? Math.min(size, closable) : executor.nothingToClose(instrument, sell, size);
  }

  /** As an exchange locks it: what a sale sells; what a purchase may cost at its limit, or at its trigger. */
  #reserve(order: WorkingOrder, group: Group | undefined, price: number): OrderReason | undefined {
    const { orders, funds, reservations } = this.#parts;
    const { id, instrument, sell, size, limit } = order;
    const inBase = funds.takesBase(instrument, !sell);
    if (sell) order.reserved = size;
    else if (Number.isNaN(size)) order.reserved = orders.quote(id);
    else if (Number.isNaN(limit)) {
      order.reserved = funds.cost(size, price, funds.fee(size, price, false), inBase);
    } else order.reserved = funds.mostCost(size, limit, inBase);
    return reservations.take(order, group, () =>
      sell
        ? funds.refuseSale(instrument, size)
        : funds.refusePurchase(instrument, size, price, order.reserved),
    );
  }
}

/** Why a child or a partner of an order that has ended is not taken. */
export function refuseRelative(kind: 'parent' | 'oco', id: number, status: string): OrderReason {
  return kind === 'parent'
    ? refusal(
        'PARENT_ENDED',
        `its parent, order ${id}, has ended (${status})`,
        'place children before their parent ends, or order without a parent',
      )
    : refusal(
        'OCO_ENDED',
        `order ${id}, which it was to cancel, has ended (${status})`,
        'name an order that is alive, or order without oco',
      );
}
