import type { OrderReason } from '../../model/order.ts';
import { Decimal } from './decimal.ts';
import { isMarketLike, type PriceDirection, triggerDirection } from './order-kinds.ts';
import type { ExchangeOrderType, ExchangeSide, SymbolFilters, TradingSymbol } from './port.ts';

/** An order as it is wanted. A double means the decimal that its shortest text says. */
export interface WantedOrder {
  readonly side: ExchangeSide;
  readonly type: ExchangeOrderType;
  /** Base units; left out where the exchange decides it (pending orders of `opo` lists) or `quoteQuantity` is given. */
  readonly quantity?: number | string;
  /** What a market order spends or brings, in quote. */
  readonly quoteQuantity?: number | string;
  readonly price?: number | string;
  readonly stopPrice?: number | string;
  /** Basis points. */
  readonly trailingDelta?: number;
}

/** The same amounts as the exchange takes them: decimal texts on its steps. */
export interface LegalAmounts {
  readonly quantity?: string;
  readonly quoteQuantity?: string;
  readonly price?: string;
  readonly stopPrice?: string;
  readonly trailingDelta?: number;
}

/** Why an order cannot be sent. `message` holds the rest in one line. */
export interface Refusal extends OrderReason {
  readonly value: string;
  readonly limit: string;
  readonly fix: string;
}

export type Legalised =
  | { readonly ok: true; readonly amounts: LegalAmounts }
  | { readonly ok: false; readonly refusal: Refusal };

/** Decimals of amounts where a symbol does not say. */
const DEFAULT_DIGITS = 8;

/**
 * Puts an order on a symbol's steps, in exact decimals: quantities down, never up; a purchase's limit down and a sale's up;
 * triggers to the side that is harder to reach. What the filters then still forbid is refused here, before it is sent.
 * `reference` is the price by which the exchange values market orders and measures distances (average or last, a
 * decimal text); without it the rules that need one are left to the exchange.
 */
export function legalise(terms: TradingSymbol, wanted: WantedOrder, reference?: string): Legalised {
  try {
    return { ok: true, amounts: new Legaliser(terms, wanted, reference).amounts() };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

class Legaliser {
  readonly #terms: TradingSymbol;
  readonly #filters: SymbolFilters;
  readonly #wanted: WantedOrder;
  readonly #reference: Decimal | undefined;

  constructor(terms: TradingSymbol, wanted: WantedOrder, reference: string | undefined) {
    this.#terms = terms;
    this.#filters = terms.filters;
    this.#wanted = wanted;
    this.#reference = reference === undefined ? undefined : Decimal.of(reference);
  }

  amounts(): LegalAmounts {
    const { side, type, trailingDelta } = this.#wanted;
    const price = this.#price('limit', this.#wanted.price, side === 'BUY' ? 'down' : 'up');
    const stopPrice = this.#price('trigger', this.#wanted.stopPrice, triggerDirection(side, type));
    const quantity = this.#quantity();
    const quoteQuantity = this.#quoteQuantity();
    if (price !== undefined) this.#checkDistance(price);
    this.#checkNotional(quantity, quoteQuantity, price, stopPrice);
    if (trailingDelta !== undefined) this.#checkTrailing(trailingDelta);
    return {
      ...(quantity === undefined ? {} : { quantity: quantity.toString() }),
      ...(quoteQuantity === undefined ? {} : { quoteQuantity: quoteQuantity.toString() }),
      ...(price === undefined ? {} : { price: price.toString() }),
      ...(stopPrice === undefined ? {} : { stopPrice: stopPrice.toString() }),
      ...(trailingDelta === undefined ? {} : { trailingDelta }),
    };
  }

  #price(name: string, asked: number | string | undefined, direction: PriceDirection): Decimal | undefined {
    if (asked === undefined) return undefined;
    const tick = rule(this.#filters.tickSize);
    const wanted = Decimal.parse(asked);
    const price = wanted === undefined || tick === undefined ? wanted : wanted[direction](tick);
    const least = rule(this.#filters.minPrice);
    const most = rule(this.#filters.maxPrice);
    const after = `the ${name} ${asked} is ${price ?? 'no price'}${tick === undefined ? '' : ` on the tick ${tick}`}`;
    if (price === undefined || price.sign <= 0 || (least !== undefined && price.compare(least) < 0)) {
      const floor = least ?? tick ?? Decimal.ZERO;
      const fix = floor.sign > 0 ? `give a ${name} of ${floor} or more` : `give a ${name} above 0`;
      throw refused('PRICE_INVALID', `${after}, the minimum is ${floor}`, String(price ?? asked), floor, fix);
    }
    if (most !== undefined && price.compare(most) > 0) {
      const problem = `${after}, the maximum is ${most}`;
      throw refused('PRICE_INVALID', problem, price, most, `give a ${name} of ${most} or less`);
    }
    return price;
  }

  #quantity(): Decimal | undefined {
    const asked = this.#wanted.quantity;
    if (asked === undefined) return undefined;
    const { base } = this.#terms;
    const filters = this.#filters;
    const market = isMarketLike(this.#wanted.type);
    const step = coarser(rule(filters.stepSize), market ? rule(filters.marketStepSize) : undefined);
    const lot = step ?? Decimal.unit(this.#terms.basePrecision ?? DEFAULT_DIGITS);
    const quantity = Decimal.parse(asked)?.down(lot);
    if (quantity === undefined || quantity.sign <= 0) {
      const problem = `the size ${asked} is ${quantity ?? 'no size'} after rounding down to the lot step ${lot}`;
      throw refused('SIZE_ZERO', problem, String(asked), lot, `order at least ${lot} ${base}`);
    }
    const least = greater(rule(filters.minQuantity), market ? rule(filters.minMarketQuantity) : undefined);
    if (least !== undefined && quantity.compare(least) < 0) {
      const problem = `the size ${quantity} ${base} is below the minimum ${least}`;
      throw refused('MIN_SIZE', problem, quantity, least, `order at least ${least.up(lot)} ${base}`);
    }
    const most = smaller(rule(filters.maxQuantity), market ? rule(filters.maxMarketQuantity) : undefined);
    if (most !== undefined && quantity.compare(most) > 0) {
      const kind = market && most.compare(rule(filters.maxQuantity) ?? most) !== 0 ? ' of market orders' : '';
      const problem = `the size ${quantity} ${base} is above the maximum${kind} ${most}`;
      const fix = `order at most ${most.down(lot)} ${base}, in parts if need be`;
      throw refused('MAX_SIZE', problem, quantity, most, fix);
    }
    return quantity;
  }

  #quoteQuantity(): Decimal | undefined {
    const asked = this.#wanted.quoteQuantity;
    if (asked === undefined) return undefined;
    const unit = Decimal.unit(this.#terms.quotePrecision ?? DEFAULT_DIGITS);
    const { quote } = this.#terms;
    const amount = Decimal.parse(asked)?.down(unit);
    if (amount === undefined || amount.sign <= 0) {
      const problem = `the amount ${asked} ${quote} is ${amount ?? 'none'} after rounding down to ${unit}`;
      throw refused('SIZE_ZERO', problem, String(asked), unit, `order for at least ${unit} ${quote}`);
    }
    return amount;
  }

  #checkDistance(price: Decimal): void {
    const rules = this.#filters.percentPrice;
    if (rules === undefined || this.#reference === undefined) return;
    const buy = this.#wanted.side === 'BUY';
    const most = this.#reference.times(Decimal.of(buy ? rules.bidUp : rules.askUp));
    const least = this.#reference.times(Decimal.of(buy ? rules.bidDown : rules.askDown));
    if (price.compare(least) >= 0 && price.compare(most) <= 0) return;
    const tick = rule(this.#filters.tickSize);
    const range = tick === undefined ? `${least} to ${most}` : `${least.up(tick)} to ${most.down(tick)}`;
    const problem = `the limit ${price} is too far from the market at ${this.#reference}`;
    throw refused('PERCENT_PRICE', problem, price, range, `give a limit within ${range}`);
  }

  #checkNotional(
    quantity: Decimal | undefined,
    quoteQuantity: Decimal | undefined,
    price: Decimal | undefined,
    stopPrice: Decimal | undefined,
  ): void {
    const filters = this.#filters;
    const market = isMarketLike(this.#wanted.type);
    const valuedAt = price ?? stopPrice ?? this.#reference;
    const value = quoteQuantity ?? (valuedAt === undefined ? undefined : quantity?.times(valuedAt));
    if (value === undefined) return;
    const { base, quote } = this.#terms;
    const what =
      quantity === undefined ? `the amount ${value} ${quote}` : `${quantity} ${base} at ${valuedAt}`;
    const worth = quantity === undefined ? '' : ` is worth ${value} ${quote}`;
    const least = !market || filters.minNotionalOfMarket ? rule(filters.minNotional) : undefined;
    if (least !== undefined && value.compare(least) < 0) {
      const fix =
        quantity === undefined
          ? `order for at least ${least} ${quote}`
          : `order at least ${this.#sizeWorth(least, valuedAt!)} ${base}`;
      throw refused('MIN_NOTIONAL', `${what}${worth}, the minimum is ${least}`, value, least, fix);
    }
    const most = !market || filters.maxNotionalOfMarket ? rule(filters.maxNotional) : undefined;
    if (most !== undefined && value.compare(most) > 0) {
      const fix = `order for at most ${most} ${quote}, in parts if need be`;
      throw refused('MAX_NOTIONAL', `${what}${worth}, the maximum is ${most}`, value, most, fix);
    }
  }

  /** The smallest size on the step that is worth `value` at `price`. */
  #sizeWorth(value: Decimal, price: Decimal): Decimal {
    const market = isMarketLike(this.#wanted.type);
    const { stepSize, marketStepSize } = this.#filters;
    const step =
      coarser(rule(stepSize), market ? rule(marketStepSize) : undefined) ??
      Decimal.unit(this.#terms.basePrecision ?? DEFAULT_DIGITS);
    const each = step.times(price);
    const times = value.wholeTimes(each);
    const size = step.times(Decimal.of(String(times)));
    return size.times(price).compare(value) < 0 ? size.plus(step) : size;
  }

  #checkTrailing(delta: number): void {
    const rules = this.#filters.trailingDelta;
    const { side, type } = this.#wanted;
    const above = triggerDirection(side, type) === 'up';
    const least = rules === undefined ? 1 : above ? rules.minAbove : rules.minBelow;
    const most = rules === undefined ? 10_000 : above ? rules.maxAbove : rules.maxBelow;
    if (Number.isInteger(delta) && delta >= least && delta <= most) return;
    const range = `${least} to ${most}`;
    const problem = `the trailing distance is ${delta} basis points, allowed are whole ones from ${range}`;
    throw refused(
      'TRAILING_DELTA',
      problem,
      String(delta),
      range,
      `trail by ${least / 100} % to ${most / 100} %`,
    );
  }
}

/** A filter's number; undefined where there is no such rule, which exchanges also write as 0. */
function rule(text: string | undefined): Decimal | undefined {
  const value = text === undefined ? undefined : Decimal.of(text);
  return value === undefined || value.sign <= 0 ? undefined : value;
}

/** A step that obeys both. */
function coarser(a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a.commonMultiple(b);
}

function greater(a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.compare(b) < 0 ? b : a;
}

function smaller(a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.compare(b) < 0 ? a : b;
}

function refused(
  code: string,
  problem: string,
  value: Decimal | string,
  limit: Decimal | string,
  fix: string,
): Refused {
  const message = `${problem}: ${fix}`;
  return new Refused({ code, message, value: String(value), limit: String(limit), fix });
}
