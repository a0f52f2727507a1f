import type { SymbolInfo } from '../exchange-info.ts';
import type { RestError } from '../rest-errors.ts';
import { type Amount, floorTo, greatest, ONE, parseAmount, times } from './amount.ts';
import { hasLimit, isContingent, type OrderTerms, type OrderType } from './order.ts';
import { tradingErrors } from './trading-errors.ts';

interface Lots {
  readonly least: Amount;
  /** 0 for any. */
  readonly most: Amount;
  readonly step: Amount;
}

interface Notional {
  readonly name: string;
  readonly least: Amount;
  readonly most: Amount;
  readonly leastOfMarket: boolean;
  readonly mostOfMarket: boolean;
  readonly minutes: number;
}

interface PriceBand {
  readonly name: string;
  readonly minutes: number;
  readonly bid: readonly [down: Amount, up: Amount];
  readonly ask: readonly [down: Amount, up: Amount];
}

type Filter = Readonly<Record<string, unknown>> & { readonly filterType: string };

const NAMES: Readonly<Record<OrderType, string>> = {
  LIMIT: 'Limit',
  LIMIT_MAKER: 'Limit maker',
  MARKET: 'Market',
  STOP_LOSS: 'Stop loss',
  STOP_LOSS_LIMIT: 'Stop loss limit',
  TAKE_PROFIT: 'Take profit',
  TAKE_PROFIT_LIMIT: 'Take profit limit',
};

/** What is asked about the market and the account while an order is judged. */
export interface Circumstances {
  /** The average price over so many minutes, the last one for 0; undefined before the first. */
  average(minutes: number): Amount | undefined;
  /** Base units held and on their way: free, locked, and ordered to buy. */
  position(): Amount;
  openOrders(): {
    readonly all: number;
    readonly contingent: number;
    readonly icebergs: number;
    readonly lists: number;
  };
}

/** The rules of a symbol as its exchangeInfo states them, exact. */
export class SymbolTerms {
  readonly info: SymbolInfo;
  readonly base: string;
  readonly quote: string;
  readonly tick: Amount;
  readonly lots: Lots;
  readonly marketLots: Lots;
  readonly selfTradePrevention: string;
  readonly #leastPrice: Amount;
  readonly #mostPrice: Amount;
  readonly #notionals: readonly Notional[];
  readonly #bands: readonly PriceBand[];
  readonly #filters: ReadonlyMap<string, Filter>;

  constructor(info: SymbolInfo) {
    this.info = info;
    this.base = String(info.baseAsset ?? '');
    this.quote = String(info.quoteAsset ?? '');
    this.selfTradePrevention = String(info.defaultSelfTradePreventionMode ?? 'NONE');
    const filters = (info.filters ?? []) as readonly Filter[];
    this.#filters = new Map(filters.map(filter => [filter.filterType, filter]));
    const price = this.#filters.get('PRICE_FILTER');
    this.tick = read(price, 'tickSize');
    this.#leastPrice = read(price, 'minPrice');
    this.#mostPrice = read(price, 'maxPrice');
    this.lots = lotsOf(this.#filters.get('LOT_SIZE'));
    this.marketLots = lotsOf(this.#filters.get('MARKET_LOT_SIZE'));
    this.#notionals = ['MIN_NOTIONAL', 'NOTIONAL'].flatMap(name => notionalOf(this.#filters.get(name)));
    this.#bands = ['PERCENT_PRICE', 'PERCENT_PRICE_BY_SIDE'].flatMap(name => bandOf(this.#filters.get(name)));
  }

  allows(flag: string): boolean {
    return this.info[flag] === true;
  }

  /** Filters as they are served, for an account that asks which hold for it. */
  filter(name: string): Filter | undefined {
    return this.#filters.get(name);
  }

  /** What is executed of an amount of base at the market: whole steps of both kinds of lots. */
  marketQuantity(quantity: Amount): Amount {
    return floorTo(quantity, greatest(this.lots.step, this.marketLots.step));
  }

  /** Why an order of these terms cannot be, by its form alone; undefined when it can. */
  refuseForm(terms: OrderTerms): RestError | undefined {
    const { type, trailingDelta, quoteQuantity, icebergQuantity, quantity } = terms;
    if (!((this.info.orderTypes ?? []) as readonly string[]).includes(type)) {
      return tradingErrors.typeNotSupported(NAMES[type]);
    }
    if (trailingDelta !== undefined && !this.allows('allowTrailingStop'))
      return tradingErrors.trailingNotSupported();
    if (quoteQuantity > 0n && !this.allows('quoteOrderQtyMarketAllowed')) {
      return tradingErrors.quoteOrdersNotSupported();
    }
    if (icebergQuantity === undefined || icebergQuantity === 0n) return undefined;
    if (!this.allows('icebergAllowed')) return tradingErrors.icebergNotSupported();
    return icebergQuantity > quantity ? tradingErrors.icebergExceeds() : undefined;
  }

  /** The first filter that an order does not pass; undefined when it passes all. `adds` is how many orders come with it. */
  refuse(
    terms: OrderTerms,
    around: Circumstances,
    adds: { readonly orders: number; readonly lists: number },
    isUnsized: boolean,
  ): RestError | undefined {
    const failed =
      this.#refusePrices(terms, around) ??
      (isUnsized ? undefined : this.refuseQuantity(terms, terms.quantity, around)) ??
      this.#refuseTrail(terms) ??
      this.#refuseCounts(terms, around, adds);
    return failed === undefined ? undefined : tradingErrors.filter(failed);
  }

  /** The filter that a quantity does not pass. */
  refuseQuantity(terms: OrderTerms, quantity: Amount, around: Circumstances): string | undefined {
    const { type, quoteQuantity, icebergQuantity, side } = terms;
    if (quoteQuantity === 0n) {
      if (!fits(quantity, this.lots)) return 'LOT_SIZE';
      if (type === 'MARKET' && !fits(quantity, this.marketLots)) return 'MARKET_LOT_SIZE';
    }
    if (icebergQuantity !== undefined && icebergQuantity > 0n) {
      if (!fits(icebergQuantity, this.lots)) return 'LOT_SIZE';
      const parts = (quantity + icebergQuantity - 1n) / icebergQuantity;
      const most = count(this.#filters.get('ICEBERG_PARTS'), 'limit');
      if (most !== undefined && parts > BigInt(most)) return 'ICEBERG_PARTS';
    }
    const value = this.#refuseNotional(terms, quantity, around);
    if (value !== undefined) return value;
    const most = read(this.#filters.get('MAX_POSITION'), 'maxPosition');
    if (side === 'BUY' && most > 0n && around.position() + quantity > most) return 'MAX_POSITION';
    return undefined;
  }

  #refusePrices({ type, price, stopPrice, side }: OrderTerms, around: Circumstances): string | undefined {
    for (const one of [price, stopPrice]) {
      if (one === 0n) continue;
      const high = this.#mostPrice > 0n && one > this.#mostPrice;
      if (one < this.#leastPrice || high || floorTo(one, this.tick) !== one) return 'PRICE_FILTER';
    }
    if (!hasLimit(type)) return undefined;
    for (const band of this.#bands) {
      const average = around.average(band.minutes);
      const [down, up] = side === 'BUY' ? band.bid : band.ask;
      if (average === undefined) continue;
      if (price * ONE > average * up || price * ONE < average * down) return band.name;
    }
    return undefined;
  }

  #refuseNotional(terms: OrderTerms, quantity: Amount, around: Circumstances): string | undefined {
    const atMarket = !hasLimit(terms.type);
    for (const rule of this.#notionals) {
      const price = atMarket ? around.average(rule.minutes) : terms.price;
      if (price === undefined) continue;
      const value = terms.quoteQuantity > 0n ? terms.quoteQuantity : times(price, quantity);
      if (value < rule.least && (!atMarket || rule.leastOfMarket)) return rule.name;
      if (rule.most > 0n && value > rule.most && (!atMarket || rule.mostOfMarket)) return rule.name;
    }
    return undefined;
  }

  #refuseTrail({ type, side, trailingDelta }: OrderTerms): string | undefined {
    const filter = this.#filters.get('TRAILING_DELTA');
    if (trailingDelta === undefined || filter === undefined) return undefined;
    const where = type.startsWith('STOP_LOSS') === (side === 'BUY') ? 'Above' : 'Below';
    const least = count(filter, `minTrailing${where}Delta`) ?? 0;
    const most = count(filter, `maxTrailing${where}Delta`) ?? Number.POSITIVE_INFINITY;
    return trailingDelta < least || trailingDelta > most ? 'TRAILING_DELTA' : undefined;
  }

  #refuseCounts(
    { type, icebergQuantity }: OrderTerms,
    around: Circumstances,
    adds: { orders: number; lists: number },
  ): string | undefined {
    const open = around.openOrders();
    const most = (name: string, field: string) =>
      count(this.#filters.get(name), field) ?? Number.POSITIVE_INFINITY;
    if (open.all + adds.orders > most('MAX_NUM_ORDERS', 'maxNumOrders')) return 'MAX_NUM_ORDERS';
    if (open.all + adds.orders > OPEN_LIMIT) return 'EXCHANGE_MAX_NUM_ORDERS';
    if (isContingent(type) && open.contingent + 1 > most('MAX_NUM_ALGO_ORDERS', 'maxNumAlgoOrders')) {
      return 'MAX_NUM_ALGO_ORDERS';
    }
    const isIceberg = icebergQuantity !== undefined && icebergQuantity > 0n;
    if (isIceberg && open.icebergs + 1 > most('MAX_NUM_ICEBERG_ORDERS', 'maxNumIcebergOrders')) {
      return 'MAX_NUM_ICEBERG_ORDERS';
    }
    if (adds.lists > 0 && open.lists + 1 > most('MAX_NUM_ORDER_LISTS', 'maxNumOrderLists')) {
      return 'MAX_NUM_ORDER_LISTS';
    }
    return undefined;
  }
}

/** Open orders of an account on a symbol, whatever the symbol's filters. */
const OPEN_LIMIT = 10_000;

function read(filter: Filter | undefined, field: string): Amount {
  const value = filter?.[field];
  return value === undefined ? 0n : (parseAmount(String(value)) ?? 0n);
}

function count(filter: Filter | undefined, field: string): number | undefined {
  const value = Number(filter?.[field]);
  return Number.isNaN(value) ? undefined : value;
}

function lotsOf(filter: Filter | undefined): Lots {
  return { least: read(filter, 'minQty'), most: read(filter, 'maxQty'), step: read(filter, 'stepSize') };
}

function fits(quantity: Amount, { least, most, step }: Lots): boolean {
  return quantity >= least && (most === 0n || quantity <= most) && floorTo(quantity, step) === quantity;
}

function notionalOf(filter: Filter | undefined): Notional[] {
  if (filter === undefined) return [];
  const { filterType: name } = filter;
  return [
    {
      name,
      least: read(filter, 'minNotional'),
      most: read(filter, 'maxNotional'),
      leastOfMarket: (filter.applyMinToMarket ?? filter.applyToMarket) === true,
      mostOfMarket: filter.applyMaxToMarket === true,
      minutes: count(filter, 'avgPriceMins') ?? 0,
    },
  ];
}

function bandOf(filter: Filter | undefined): PriceBand[] {
  if (filter === undefined) return [];
  const pair = (down: string, up: string) => [read(filter, down), read(filter, up)] as const;
  const { filterType: name } = filter;
  const minutes = count(filter, 'avgPriceMins') ?? 0;
  if (name === 'PERCENT_PRICE') {
    const both = pair('multiplierDown', 'multiplierUp');
    return [{ name, minutes, bid: both, ask: both }];
  }
  const bid = pair('bidMultiplierDown', 'bidMultiplierUp');
  return [{ name, minutes, bid, ask: pair('askMultiplierDown', 'askMultiplierUp') }];
}
