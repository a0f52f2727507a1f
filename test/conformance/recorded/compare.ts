import { plainDecimal } from '../../../src/venues/wire/decimal.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** One place where a result is not what a reference says. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
/** What the reference computed for purposes of its own, or in the units of the wire beside the real ones. */
const ASIDE = new Set(['naiveBook', 'sizesEqualToo', 'scale']);
/** Times of klines are compared as moments: the wire has seconds or milliseconds. */
const START = 'start';

/** Everything in `expected` must be in `found`; a count that is left out in `found` is 0. */
export function differences(expected: Json, found: unknown, path = ''): Difference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length < expected.length) return [{ path, expected, found }];
    return expected.flatMap((one, at) => differences(one, found[at], `${path}[${at}]`));
  }
  if (expected !== null && typeof expected === 'object') {
    const object = (found ?? {}) as Record<string, unknown>;
    return Object.entries(expected)
      .filter(([key]) => !ASIDE.has(key))
      .flatMap(([key, value]) => differences(value, object[key], path === '' ? key : `${path}.${key}`));
  }
  if (path.endsWith(`.${START}`)) {
    return sameMoment(Number(expected), Number(found)) ? [] : [{ path, expected, found }];
  }
  return same(expected, found) ? [] : [{ path, expected, found }];
}

function same(expected: Json, found: unknown): boolean {
  if (expected === found) return true;
  if (typeof expected === 'number') return expected === 0 && found === undefined;
  if (typeof expected !== 'string' || typeof found !== 'string') return false;
  return NUMBER.test(expected) && NUMBER.test(found) && plainDecimal(expected) === plainDecimal(found);
}

function sameMoment(wire: number, microseconds: number): boolean {
  const unit = wire < 1e11 ? 1e6 : wire < 1e14 ? 1e3 : 1;
  return wire * unit === microseconds;
}

/** Brings what the reference gives in the integers of the wire to real prices and sizes (Phemex). */
export function inRealUnits(symbol: JsonObject, venue: string, native: string): JsonObject {
  if (venue !== 'phemex') return symbol;
  const { priceScale = 0, sizeScale = 0 } = (symbol.scale ?? usualScale(native)) as {
    priceScale?: number;
    sizeScale?: number;
  };
  const shift = (text: Json, decimals: number) => plainDecimal(`${String(text)}e-${decimals}`);
  const { book, lastTrade, lastKline, tradeSize, tradeSizeScaled, ...rest } = symbol;
  const real: Record<string, Json> = { ...rest };
  if (book !== undefined) {
    const { bidsScaled, asksScaled, bids, asks, ...counts } = book as JsonObject;
    const levels = (all: Json) =>
      (all as [Json, Json][]).map(([price, size]) => [shift(price, priceScale), shift(size, sizeScale)]);
    real.book = { ...counts, bids: bidsScaled ?? levels(bids), asks: asksScaled ?? levels(asks) };
  }
  if (tradeSize !== undefined) real.tradeSize = tradeSizeScaled ?? shift(tradeSize, sizeScale);
  if (lastTrade !== undefined) {
    const { price, size, side } = lastTrade as JsonObject;
    real.lastTrade = { price: shift(price, priceScale), size: shift(size, sizeScale), side };
  }
  if (lastKline !== undefined) {
    const { start, volume, ...prices } = lastKline as JsonObject;
    real.lastKline = {
      start,
      volume: shift(volume, sizeScale),
      ...Object.fromEntries(Object.entries(prices).map(([key, price]) => [key, shift(price, priceScale)])),
    };
  }
  return real;
}

/** Of a recording without the list of products. Contracts of USDT have real decimals on the wire. */
function usualScale(native: string) {
  if (/^s[A-Z]/.test(native)) return { priceScale: 8, sizeScale: 8 };
  return native.endsWith('USD') ? { priceScale: 4, sizeScale: 0 } : {};
}
