import { decimalText } from '../model/decimal-text.ts';
import type { Listing } from './market.ts';
import { WEIGHT_LIMIT } from './request-limit.ts';

/** One symbol of Binance's exchangeInfo, as it is served. */
export type SymbolInfo = Readonly<Record<string, unknown>> & { readonly symbol: string };

const PRECISION = 8;
/** Beyond any order, and still exact as a double with two decimals. */
const NO_LIMIT = '900000000000000.00000000';
const ZERO = '0.00000000';

export const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: WEIGHT_LIMIT },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
];

/** The least step of an exchange that takes orders: amounts have eight decimals. */
export const LEAST_STEP = 0.00000001;

/**
 * A symbol by the terms of its instrument: steps of 0, which is the default, are filters that do not bind. `least` stands
 * for them where orders are taken, since those are no finer, and clients divide by it.
 */
export function symbolInfo({ symbol, finest }: Listing, least = 0): SymbolInfo {
  const { base, quote, tickSize, lotStep, minNotional, ...terms } = finest.instrument;
  const { minSize, maxSize, maxMarketSize = 0, minMarketNotional } = terms;
  const fixed = (value: number) => {
    const text = decimalText(value);
    const [whole, fraction = ''] = text.split('.');
    return `${whole}.${fraction.padEnd(PRECISION, '0')}`;
  };
  const limit = (value: number) => (value > 0 ? fixed(value) : NO_LIMIT);
  return {
    symbol,
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: PRECISION,
    quoteAsset: quote,
    quotePrecision: PRECISION,
    quoteAssetPrecision: PRECISION,
    baseCommissionPrecision: PRECISION,
    quoteCommissionPrecision: PRECISION,
    orderTypes: [
      'LIMIT',
      'LIMIT_MAKER',
      'MARKET',
      'STOP_LOSS',
      'STOP_LOSS_LIMIT',
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: ZERO, maxPrice: NO_LIMIT, tickSize: fixed(tickSize || least) },
      {
        filterType: 'LOT_SIZE',
        minQty: fixed(minSize),
        maxQty: limit(maxSize),
        stepSize: fixed(lotStep || least),
      },
      { filterType: 'MARKET_LOT_SIZE', minQty: ZERO, maxQty: limit(maxMarketSize), stepSize: ZERO },
      {
        filterType: 'NOTIONAL',
        minNotional: fixed(minNotional),
        applyMinToMarket: minMarketNotional !== 0,
        maxNotional: NO_LIMIT,
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  };
}
