import type { ExchangeOrderType, SymbolFilters, TradingSymbol } from '../port.ts';
import { Fields } from './fields.ts';
import { ORDER_TYPES } from './wire-names.ts';

/** The symbols of a document of `GET /api/v3/exchangeInfo`. Throws DataError `ANSWER_UNREADABLE`. */
export function readTradingSymbols(document: unknown): TradingSymbol[] {
  const symbols = new Fields(document, 'exchangeInfo').list('symbols');
  return symbols.map(entry => readSymbol(new Fields(entry, 'exchangeInfo: a symbol')));
}

function readSymbol(fields: Fields): TradingSymbol {
  const symbol = fields.text('symbol');
  return {
    symbol,
    base: fields.text('baseAsset'),
    quote: fields.text('quoteAsset'),
    status: fields.text('status'),
    // Types that are new since this was written are none that it would send.
    orderTypes: fields
      .list('orderTypes')
      .filter((type): type is ExchangeOrderType => (ORDER_TYPES as readonly unknown[]).includes(type)),
    basePrecision: fields.wholeOr('baseAssetPrecision', 8),
    quotePrecision: fields.wholeOr('quoteAssetPrecision', fields.wholeOr('quotePrecision', 8)),
    ocoAllowed: fields.flagOr('ocoAllowed', false),
    otoAllowed: fields.flagOr('otoAllowed', false),
    opoAllowed: fields.flagOr('opoAllowed', false),
    trailingStopAllowed: fields.flagOr('allowTrailingStop', false),
    quoteQuantityAllowed: fields.flagOr('quoteOrderQtyMarketAllowed', false),
    filters: readFilters(fields, symbol),
  };
}

function readFilters(fields: Fields, symbol: string): SymbolFilters {
  const filters = new Map(
    fields.list('filters').map(entry => {
      const filter = new Fields(entry, `${symbol}: a filter`);
      return [filter.text('filterType'), filter] as const;
    }),
  );
  const price = filters.get('PRICE_FILTER');
  const lot = filters.get('LOT_SIZE');
  const market = filters.get('MARKET_LOT_SIZE');
  const notional = filters.get('NOTIONAL');
  const minNotional = filters.get('MIN_NOTIONAL');
  const orders = filters.get('MAX_NUM_ORDERS');
  const algo = filters.get('MAX_NUM_ALGO_ORDERS');
  const lists = filters.get('MAX_NUM_ORDER_LISTS');
  const position = filters.get('MAX_POSITION');
  const percentPrice = readPercentPrice(filters);
  const trailing = filters.get('TRAILING_DELTA');
  return {
    ...decimals(price, { minPrice: 'minPrice', maxPrice: 'maxPrice', tickSize: 'tickSize' }),
    ...decimals(lot, { minQuantity: 'minQty', maxQuantity: 'maxQty', stepSize: 'stepSize' }),
    ...decimals(market, {
      minMarketQuantity: 'minQty',
      maxMarketQuantity: 'maxQty',
      marketStepSize: 'stepSize',
    }),
    ...decimals(minNotional, { minNotional: 'minNotional' }),
    // A symbol with both has the newer one in force.
    ...decimals(notional, { minNotional: 'minNotional', maxNotional: 'maxNotional' }),
    minNotionalOfMarket:
      notional?.flagOr('applyMinToMarket', true) ?? minNotional?.flagOr('applyToMarket', true) ?? false,
    maxNotionalOfMarket: notional?.flagOr('applyMaxToMarket', true) ?? false,
    ...(percentPrice === undefined ? {} : { percentPrice }),
    ...(orders === undefined ? {} : { maxOrders: count(orders, 'maxNumOrders') }),
    ...(algo === undefined ? {} : { maxAlgoOrders: count(algo, 'maxNumAlgoOrders') }),
    ...(lists === undefined ? {} : { maxOrderLists: count(lists, 'maxNumOrderLists') }),
    ...decimals(position, { maxPosition: 'maxPosition' }),
    ...(trailing === undefined
      ? {}
      : {
          trailingDelta: {
            minAbove: trailing.whole('minTrailingAboveDelta'),
            maxAbove: trailing.whole('maxTrailingAboveDelta'),
            minBelow: trailing.whole('minTrailingBelowDelta'),
            maxBelow: trailing.whole('maxTrailingBelowDelta'),
          },
        }),
  };
}

type DecimalRule = {
  [K in keyof SymbolFilters]-?: Exclude<SymbolFilters[K], undefined> extends string ? K : never;
}[keyof SymbolFilters];

function decimals(
  filter: Fields | undefined,
  names: Partial<Record<DecimalRule, string>>,
): Partial<Record<DecimalRule, string>> {
  if (filter === undefined) return {};
  const read: Partial<Record<DecimalRule, string>> = {};
  for (const [rule, name] of Object.entries(names) as [DecimalRule, string][]) {
    if (filter.has(name)) read[rule] = filter.decimal(name);
  }
  return read;
}

/** Old documents call every such number `limit`. */
function count(filter: Fields, name: string): number {
  return filter.has(name) ? filter.whole(name) : filter.whole('limit');
}

function readPercentPrice(filters: ReadonlyMap<string, Fields>): SymbolFilters['percentPrice'] {
  const bySide = filters.get('PERCENT_PRICE_BY_SIDE');
  if (bySide !== undefined) {
    return {
      bidUp: bySide.decimal('bidMultiplierUp'),
      bidDown: bySide.decimal('bidMultiplierDown'),
      askUp: bySide.decimal('askMultiplierUp'),
      askDown: bySide.decimal('askMultiplierDown'),
    };
  }
  const both = filters.get('PERCENT_PRICE');
  if (both === undefined) return undefined;
  const up = both.decimal('multiplierUp');
  const down = both.decimal('multiplierDown');
  return { bidUp: up, bidDown: down, askUp: up, askDown: down };
}
