import type { TakerSide } from '../../../model/records.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import type { Texts } from '../../wire/json-texts.ts';
import type { Instrument } from '../instruments.ts';
import { splitPair } from '../instruments.ts';

/** What the path of a socket of v5 ends with. */
export type Category = 'spot' | 'linear' | 'inverse' | 'option';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** Months of futures, as exchanges have written them since long. */
const MONTH_CODES = 'FGHJKMNQUVXZ';

/** `26DEC25` → `251226`; undefined where it is no day. */
function dayOf(text: string): string | undefined {
  const [, day, month, year] = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(text) ?? [];
  const index = MONTHS.indexOf(month);
  return index === -1 ? undefined : `${year}${String(index + 1).padStart(2, '0')}${day.padStart(2, '0')}`;
}

/** `BTCUSDT` → BTC-USDT. */
export function spotInstrument(native: string): Instrument {
  const pair = splitPair(native);
  return { native, symbol: pair === undefined ? native : `${pair.base}-${pair.quote}` };
}

/**
 * `BTCUSDT`, `BTCUSD`, `BTCPERP` → BTC-USDT-PERP, BTC-USD-PERP, BTC-USDC-PERP; `BTC-26DEC25`, `BTCUSDT-26DEC25` → BTC-USDC-251226,
 * BTC-USDT-251226; `BTCUSDZ25` → BTC-USD-Z25; `BTC-26DEC25-100000-C` → BTC-USDC-251226-100000-C.
 */
export function contractInstrument(native: string): Instrument {
  const [name, expiry, ...option] = native.toUpperCase().split('-');
  if (expiry !== undefined) {
    const settled = option.length > 2 ? option[2] : undefined;
    const pair = splitPair(name) ?? { base: name, quote: settled ?? 'USDC' };
    const tail = option.length > 0 ? `-${option.slice(0, 2).join('-')}` : '';
    return { native, symbol: `${pair.base}-${pair.quote}-${dayOf(expiry) ?? expiry}${tail}` };
  }
  if (name.endsWith('PERP')) return { native, symbol: `${name.slice(0, -4)}-USDC-PERP` };
  const dated = new RegExp(`^(.+USD)([${MONTH_CODES}]\\d{2}|\\d{4})$`).exec(name);
  const pair = splitPair(dated === null ? name : dated[1]);
  if (pair === undefined) return { native, symbol: name };
  return { native, symbol: `${pair.base}-${pair.quote}-${dated === null ? 'PERP' : dated[2]}` };
}

const UNITS: Readonly<Record<string, string>> = { D: '1d', W: '1w', M: '1M' };

/** `60` → `1h`, `D` → `1d`. Throws FrameError. */
export function canonicalInterval(name: string): string {
  const unit = UNITS[name];
  if (unit !== undefined) return unit;
  const minutes = Number(name);
  if (!(Number.isInteger(minutes) && minutes > 0)) throw new FrameError(`no interval: ${name}`);
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** `1h` → `60`, `1d` → `D`. */
export function bybitInterval(interval: string): string {
  const named = Object.entries(UNITS).find(([, canonical]) => canonical === interval);
  if (named !== undefined) return named[0];
  const [, count, unit] = /^(\d+)([mh])$/.exec(interval) ?? [];
  if (unit === undefined) throw new RangeError(`no interval of Bybit's: ${interval}`);
  return String(Number(count) * (unit === 'h' ? 60 : 1));
}

/** `Buy` or `Sell`, of the taker. */
export function sideOf(value: Texts | undefined): TakerSide {
  if (value !== 'Buy' && value !== 'Sell') throw new FrameError(`a trade whose side is ${String(value)}`);
  return value === 'Buy' ? 'buy' : 'sell';
}
