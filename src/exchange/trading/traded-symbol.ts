import type { SymbolInfo } from '../exchange-info.ts';
import type { Listing } from '../market.ts';
import type { Tape } from '../tape.ts';
import { type Amount, amountOf, ceilTo, floorTo } from './amount.ts';
import { hasLimit, isBuy, isContingent, type Order, type OrderTerms } from './order.ts';
import { type Leg, PricePath } from './price-path.ts';
import { SymbolTerms } from './symbol-terms.ts';

const WHOLE = 10_000n;

/** A symbol with its price and the orders in force on it. */
export class TradedSymbol {
  readonly name: string;
  readonly listing: Listing;
  readonly terms: SymbolTerms;
  readonly path: PricePath;
  /** In force, oldest first. */
  readonly orders = new Set<Order>();
  /** Where the price is on its way; undefined between ways. */
  at: Amount | undefined;
  /** The leg that it is on. */
  leg: Leg | undefined;
  #orderIds = 0;
  #executionIds = 0;

  constructor(tape: Tape, listing: Listing, info: SymbolInfo, from: number) {
    this.name = listing.symbol;
    this.listing = listing;
    this.terms = new SymbolTerms(info);
    this.path = new PricePath(tape, listing, from);
  }

  /** The price that an order meets which comes now; undefined when there will be none any more. */
  get price(): Amount | undefined {
    return this.at ?? this.path.price;
  }

  /** What who takes now pays: on the way to a bar's open that open. */
  get takers(): Amount | undefined {
    return this.leg?.gap ? this.leg.to : this.price;
  }

  nextOrderId(): number {
    return ++this.#orderIds;
  }

  nextExecutionId(): number {
    return ++this.#executionIds;
  }

  /** The order whose price comes next on the way to the end of a leg; of equals the oldest. */
  next(from: Amount, { to, gap, bar }: Leg, walk: number): { order: Order; price: Amount } | undefined {
    let next: { order: Order; price: Amount } | undefined;
    let distance = 0n;
    for (const order of this.orders) {
      if (order.heldUntil > walk || (gap && order.joined >= bar)) continue;
      const price = this.#reached(order, from, to);
      if (price === undefined) continue;
      const way = price > from ? price - from : from - price;
      if (next !== undefined && way >= distance) continue;
      next = { order, price };
      distance = way;
    }
    return next;
  }

  #reached(order: Order, from: Amount, to: Amount): Amount | undefined {
    const price = this.awaited(order);
    if (price === undefined) return undefined;
    if (waitsBelow(order)) return from <= price ? from : to <= price ? price : undefined;
    return from >= price ? from : to >= price ? price : undefined;
  }

  /** The price that an order in force waits for: its limit, its stop, or its trailing trigger. */
  awaited(order: Order): Amount | undefined {
    const { terms, armed, extreme } = order;
    if (!armed) return hasLimit(terms.type) ? terms.price : undefined;
    if (terms.trailingDelta === undefined || extreme === undefined) return terms.stopPrice;
    return this.trigger(terms, extreme);
  }

  /** The trigger of a trailing order behind a price, on the tick that is no easier to reach. */
  trigger({ side, trailingDelta }: OrderTerms, extreme: Amount): Amount {
    const delta = BigInt(trailingDelta!);
    const tick = this.terms.tick;
    if (side === 'SELL') return floorTo((extreme * (WHOLE - delta)) / WHOLE, tick);
    return ceilTo((extreme * (WHOLE + delta) + WHOLE - 1n) / WHOLE, tick);
  }

  /** Trailing orders follow the price to where it has come. */
  trail(price: Amount): void {
    for (const order of this.orders) {
      const { extreme } = order;
      if (extreme === undefined || !order.armed) continue;
      if (isBuy(order) ? price < extreme : price > extreme) order.extreme = price;
    }
  }

  /** The average price of the last minutes, the last price for 0; undefined before the first. */
  average(minutes: number, window: (length: number) => { volume: number; quoteVolume: number } | undefined) {
    const sum = minutes === 0 ? undefined : window(minutes * 60_000);
    if (sum !== undefined && sum.volume > 0) return amountOf(sum.quoteVolume / sum.volume);
    return this.path.last ?? this.path.price;
  }
}

/** True for an order that a falling market reaches. */
function waitsBelow({ terms, armed, extreme }: Order): boolean {
  const buy = terms.side === 'BUY';
  if (!armed) return buy;
  if (extreme !== undefined) return !buy;
  return terms.type.startsWith('STOP_LOSS') !== buy;
}

/** True when a limit allows a price. */
export function isMarketable({ side, price }: OrderTerms, now: Amount): boolean {
  return side === 'BUY' ? price >= now : price <= now;
}

/** True when a contingent order would be triggered by the price as it is. */
export function wouldTrigger({ type, side, stopPrice }: OrderTerms, now: Amount): boolean {
  if (!isContingent(type) || stopPrice === 0n) return false;
  return type.startsWith('STOP_LOSS') === (side === 'BUY') ? now >= stopPrice : now <= stopPrice;
}
