import { DataError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';

/** A JSON object as it came. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * The instruments of a document of Binance's `GET /api/v3/exchangeInfo` by symbol, whatever their status, for old data has
 * symbols that are gone. Of their filters it takes PRICE_FILTER's tick, LOT_SIZE, MARKET_LOT_SIZE and the least notional;
 * what the price of the moment decides (PERCENT_PRICE) and what counts orders it leaves out.
 * Throws DataError `EXCHANGE_INFO_INVALID`.
 */
export function exchangeInfoInstruments(document: unknown): Map<string, Instrument> {
  const symbols = isFields(document) ? document.symbols : undefined;
  if (!Array.isArray(symbols)) throw invalid('the document has no list "symbols"', document);
  return new Map(symbols.map((entry: unknown, i) => instrumentOf(entry, i)).map(one => [one.symbol, one]));
}

function instrumentOf(entry: unknown, index: number): Instrument {
  if (!isFields(entry)) throw invalid(`symbol number ${index + 1} is no object`, entry);
  const symbol = text(entry, 'symbol', `symbol number ${index + 1}`);
  const { filters } = entry;
  if (!Array.isArray(filters) || !filters.every(isFields)) {
    throw invalid(`${symbol} has no list "filters"`, filters);
  }
  const filter = (type: string) => {
    const found = filters.find(({ filterType }) => filterType === type);
    return found === undefined ? undefined : new Filter(found, `${symbol} ${type}`);
  };
  const lot = filter('LOT_SIZE');
  const marketLot = filter('MARKET_LOT_SIZE');
  const notional = filter('NOTIONAL') ?? filter('MIN_NOTIONAL');
  const lotStep = lot?.decimal('stepSize') ?? 0;
  const minSize = lot?.decimal('minQty') ?? 0;
  const maxSize = lot?.decimal('maxQty') ?? 0;
  const maxMarketSize = smaller(maxSize, marketLot?.decimal('maxQty') ?? 0);
  const minNotional = notional?.decimal('minNotional') ?? 0;
  const ofMarketOrders = notional === undefined || notional.flag('applyMinToMarket', 'applyToMarket');
  return {
    symbol,
    base: text(entry, 'baseAsset', symbol),
    quote: text(entry, 'quoteAsset', symbol),
    market: 'spot',
    tickSize: filter('PRICE_FILTER')?.decimal('tickSize') ?? 0,
    // Market orders obey both filters. Where they have steps and minima of their own, these are the coarser ones; that
    // limit orders could be finer there is given up for one step an instrument.
    lotStep: Math.max(lotStep, marketLot?.decimal('stepSize') ?? 0),
    minSize: Math.max(minSize, marketLot?.decimal('minQty') ?? 0),
    maxSize,
    ...(maxMarketSize === maxSize ? {} : { maxMarketSize }),
    minNotional,
    ...(ofMarketOrders || minNotional === 0 ? {} : { minMarketNotional: 0 }),
  };
}

/** The stricter of two upper limits, of which 0 means none. */
function smaller(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}

class Filter {
  readonly #fields: Fields;
  readonly #name: string;

  constructor(fields: Fields, name: string) {
    this.#fields = fields;
    this.#name = name;
  }

  /** A decimal text of 0 or more. */
  decimal(field: string): number {
    const value = this.#fields[field];
    if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return Number(value);
    throw invalid(`${this.#name} has the ${field} ${JSON.stringify(value)}`, value);
  }

  /** The first of these fields that is there. */
  flag(...fields: string[]): boolean {
    const field = fields.find(name => this.#fields[name] !== undefined) ?? fields[0];
    const value = this.#fields[field];
    if (typeof value === 'boolean') return value;
    throw invalid(`${this.#name} has the ${field} ${JSON.stringify(value)}`, value);
  }
}

function text(fields: Fields, field: string, of: string): string {
  const value = fields[field];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${of} has the ${field} ${JSON.stringify(value)}`, value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(problem: string, value: unknown): DataError {
  return new DataError('EXCHANGE_INFO_INVALID', `exchangeInfo: ${problem}`, {
    value,
    fix: "give the answer of Binance's GET /api/v3/exchangeInfo, unchanged",
  });
}
