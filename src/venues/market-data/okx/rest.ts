import { FrameError } from '../../wire/json-cursor.ts';
import { parseObject } from '../../wire/json-object.ts';
import type { RestRequest, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { numberText } from '../records/rows.ts';

/** Rows of one answer. */
const ROWS = 100;

/**
 * Klines that OKX has, as its channels name them. Its own days, and what is counted from them, begin at 16:00 UTC; the
 * names with `utc` begin at 0:00.
 */
export const OKX_INTERVALS: ReadonlyMap<string, string> = new Map([
  ...['1m', '3m', '5m', '15m', '30m'].map(name => [name, name] as const),
  ...[1, 2, 4].map(hours => [`${hours}h`, `${hours}H`] as const),
  ...['6h', '12h', '1d', '2d', '3d', '5d', '1w', '1M', '3M'].map(
    name => [name, `${name === '1M' || name === '3M' ? name : name.toUpperCase()}utc`] as const,
  ),
]);

/** `1Dutc` → 1d, `1D` → 1d@+08:00, as the zone is part of what a kline is. */
export function okxInterval(name: string): string {
  const known = [...OKX_INTERVALS].find(([, one]) => one === name);
  if (known !== undefined) return known[0];
  const lower = name.endsWith('M') ? name : name.toLowerCase();
  return OKX_INTERVALS.has(lower) ? `${lower}@+08:00` : name;
}

/** `BTC-USDT-SWAP` → BTC-USDT-PERP; dated ones and options are named as OKX does. */
export function okxInstrument(native: string): Instrument {
  return { native, symbol: native.endsWith('-SWAP') ? `${native.slice(0, -5)}-PERP` : native };
}

export function instrumentRequests({ rest }: VenueAddresses): RestRequest[] {
  return ['SPOT', 'SWAP', 'FUTURES', 'OPTION&instFamily=BTC-USD', 'OPTION&instFamily=ETH-USD'].map(type => ({
    method: 'GET',
    url: `${rest}/api/v5/public/instruments?instType=${type}`,
  }));
}

/** The instruments of an answer. Throws FrameError. */
export function readInstruments(text: string): Instrument[] {
  const instruments: Instrument[] = [];
  for (const row of rowsOf(text) as readonly Readonly<Record<string, unknown>>[]) {
    if (typeof row?.instId !== 'string') continue;
    const size = Number(row.ctVal) * Number(row.ctMult || 1);
    instruments.push({
      ...okxInstrument(row.instId),
      ...(row.ctVal && Number.isFinite(size) ? { contractSize: size } : {}),
    });
  }
  return instruments;
}

/** Trades whose ids are below `before`, the latest first. */
export function tradesRequest(rest: string, native: string, before: number): RestRequest {
  const query = `instId=${native}&type=1&after=${before}&limit=${ROWS}`;
  return { method: 'GET', url: `${rest}/api/v5/market/history-trades?${query}` };
}

/** Klines that opened before `before`, µs, the latest first. `name` as OKX has it. */
export function klinesRequest(rest: string, native: string, name: string, before: number): RestRequest {
  const query = `instId=${native}&bar=${name}&after=${Math.floor(before / 1000)}&limit=${ROWS}`;
  return { method: 'GET', url: `${rest}/api/v5/market/history-candles?${query}` };
}

export interface PastTrade {
  readonly id: number;
  readonly side: string;
  readonly priceText: string;
  readonly sizeText: string;
  /** µs. */
  readonly time: number;
}

/** The rows of an answer to `tradesRequest`, oldest first. Throws FrameError. */
export function readTrades(text: string): PastTrade[] {
  return rowsOf(text)
    .map(row => {
      const { px, side, sz, tradeId, ts } = row as Readonly<Record<string, unknown>>;
      return {
        id: Number(tradeId),
        side: String(side),
        priceText: numberText(px),
        sizeText: numberText(sz),
        time: Number(numberText(ts)) * 1000,
      };
    })
    .reverse();
}

/** The rows of an answer to `klinesRequest`, oldest first. Throws FrameError. */
export function readKlines(text: string): (readonly string[])[] {
  return rowsOf(text)
    .filter(row => Array.isArray(row))
    .map(row => row.map(numberText))
    .reverse();
}

function rowsOf(text: string): readonly unknown[] {
  const { code, data, msg } = parseObject(text);
  if (Array.isArray(data) && data.every(row => typeof row === 'object' && row !== null)) return data;
  throw new FrameError(`no rows in an answer: ${String(code)} ${String(msg).slice(0, 80)}`);
}
