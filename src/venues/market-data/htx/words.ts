import { FrameError } from '../../wire/json-cursor.ts';
import { asNumberText, type TextObject, textOf, textOrNull } from '../../wire/json-texts.ts';
import type { Instrument } from '../instruments.ts';
import { splitPair } from '../instruments.ts';

/** How the markets of HTX differ. */
export interface HtxMarket {
  readonly id: string;
  /** Of a kline's row, in quote currency; null where contracts are counted. */
  quoteVolume(row: TextObject): number | null;
}

const UNITS: readonly (readonly [canonical: string, htx: string])[] = [
  ['m', 'min'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['M', 'mon'],
  ['y', 'year'],
];

/** `1m` → `1min`, `1h` → `60min`. */
export function htxInterval(interval: string): string {
  if (interval === '1h') return '60min';
  const [, count, unit] = /^(\d+)(\w)$/.exec(interval) ?? [];
  const found = UNITS.find(([canonical]) => canonical === unit);
  if (found === undefined) throw new RangeError(`no interval of HTX's: ${interval}`);
  return `${count}${found[1]}`;
}

/** `60min` → `1h`. Throws FrameError. */
export function canonicalInterval(name: string): string {
  if (name === '60min') return '1h';
  const [, count, unit] = /^(\d+)([a-z]+)$/.exec(name) ?? [];
  const found = UNITS.find(([, htx]) => htx === unit);
  if (found === undefined) throw new FrameError(`no interval: ${name}`);
  return `${count}${found[0]}`;
}

/** `btcusdt` → BTC-USDT. */
export function spotInstrument(native: string): Instrument {
  const pair = splitPair(native);
  return { native, symbol: pair === undefined ? native.toUpperCase() : `${pair.base}-${pair.quote}` };
}

/** `BTC-USDT` → BTC-USDT-PERP, `BTC-USDT-261225` → itself, `BTC261225` → BTC-USD-261225, `BTC_CW` → BTC-USD-CW. */
export function contractInstrument(native: string): Instrument {
  const upper = native.toUpperCase();
  const coin = /^([A-Z0-9]+?)_?(\d{6}|CW|NW|CQ|NQ)$/.exec(upper);
  if (coin !== null) return { native, symbol: `${coin[1]}-USD-${coin[2]}` };
  const [base, quote, expiry = 'PERP'] = upper.split('-');
  if (quote === undefined) return { native, symbol: upper };
  return { native, symbol: `${base}-${quote}-${expiry === 'SWAP' ? 'PERP' : expiry}` };
}

/** A row of one of the lists of instruments. Throws FrameError. */
export function contractOf(row: TextObject): Instrument {
  const base = textOrNull(row, 'base-currency');
  if (base !== null) {
    const quote = textOf(row, 'quote-currency');
    return { native: textOf(row, 'symbol'), symbol: `${base}-${quote}`.toUpperCase() };
  }
  const size = Number(textOrNull(row, 'contract_size') ?? 'NaN');
  return { ...contractInstrument(textOf(row, 'contract_code')), ...(size > 0 ? { contractSize: size } : {}) };
}

/** A number as it is written; null where there is none. */
export function numberOrNull(row: TextObject, key: string): string | null {
  const text = textOrNull(row, key);
  return text === null ? null : asNumberText(text, key);
}
