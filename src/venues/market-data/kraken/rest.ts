import { FrameError } from '../../wire/json-cursor.ts';
import { isObject, memberOf, parseObject } from '../../wire/json-object.ts';
import type { RestRequest, VenueAddresses } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { numberText } from '../records/rows.ts';

/** What Kraken's websockets share: the REST side of it, and how it names things. */
export const KRAKEN_ADDRESSES: VenueAddresses = {
  stream: 'wss://ws.kraken.com',
  rest: 'https://api.kraken.com',
};

/** Minutes of the klines that Kraken has. */
export const KRAKEN_INTERVALS: ReadonlyMap<string, number> = new Map([
  ...([
    ['1m', 1],
    ['5m', 5],
    ['15m', 15],
    ['30m', 30],
    ['1h', 60],
    ['4h', 240],
    ['1d', 1440],
    ['1w', 10_080],
    ['15d', 21_600],
  ] as const),
]);

const MOST_DECIMALS = 30;

const NAMES: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' };
const OLD_NAMES: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' };

/** `XBT/USD` → BTC/USD, as the second version of the protocol writes it. */
export function modernPair(native: string): string {
  return renamed(native, NAMES);
}

/** `BTC/USD` → XBT/USD, as REST and the first version of the protocol write it. */
export function oldPair(native: string): string {
  return renamed(native, OLD_NAMES);
}

/** The instrument of a pair by either name. */
export function krakenInstrument(native: string): Instrument {
  return { native, symbol: modernPair(native).replace('/', '-') };
}

/** The interval of so many minutes, as `1h`; undefined where Kraken has none. */
export function krakenInterval(minutes: number): string | undefined {
  return [...KRAKEN_INTERVALS].find(([, known]) => known === minutes)?.[0];
}

export function pairsRequest(rest: string): RestRequest {
  return { method: 'GET', url: `${rest}/0/public/AssetPairs` };
}

/** The pairs of the answer to `pairsRequest`, by the names of REST. Throws FrameError. */
export function readPairs(text: string): Instrument[] {
  const pairs: Instrument[] = [];
  for (const row of Object.values(memberOf(parseObject(text), 'result'))) {
    // Pairs of the dark pool have no name on the websocket.
    if (!isObject(row) || typeof row.wsname !== 'string') continue;
    const { lot_decimals: size, pair_decimals: price, wsname } = row;
    pairs.push({
      ...krakenInstrument(wsname),
      ...(isDecimals(price) ? { priceDecimals: price } : {}),
      ...(isDecimals(size) ? { sizeDecimals: size } : {}),
    });
  }
  return pairs;
}

/** Whether a value is a number of decimals, of those that there are. */
export function isDecimals(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_DECIMALS;
}

/** A pair in requests: `BTC/USD` → XBTUSD. */
export function restPair(native: string): string {
  return oldPair(native).replace('/', '');
}

/** Trades after a moment, µs. */
export function tradesRequest(rest: string, native: string, since: number): RestRequest {
  // Nanoseconds do not fit into a double.
  const from = `${Math.max(0, Math.floor(since) - 1)}000`;
  return {
    method: 'GET',
    url: `${rest}/0/public/Trades?pair=${restPair(native)}&since=${from}&count=1000`,
  };
}

/** Klines that open after a moment, µs. */
export function klinesRequest(rest: string, native: string, interval: string, since: number): RestRequest {
  const minutes = KRAKEN_INTERVALS.get(interval) ?? 1;
  const from = Math.max(0, Math.floor(since / 1e6) - 1);
  return {
    method: 'GET',
    url: `${rest}/0/public/OHLC?pair=${restPair(native)}&interval=${minutes}&since=${from}`,
  };
}

export interface PastTrade {
  readonly id: number;
  readonly priceText: string;
  readonly sizeText: string;
  readonly side: string;
  /** µs. */
  readonly time: number;
}

/** The rows of an answer to `tradesRequest`, oldest first. Throws FrameError. */
export function readTrades(text: string): PastTrade[] {
  return rowsOf(text)
    .map(([price, size, time, side, , , id]) => ({
      id: Number(id),
      priceText: numberText(price),
      sizeText: numberText(size),
      side: String(side),
      time: Math.round(Number(numberText(time)) * 1e6),
    }))
    .sort((one, other) => one.id - other.id);
}

export interface PastKline {
  /** µs. */
  readonly openTime: number;
  readonly texts: readonly [open: string, high: string, low: string, close: string, volume: string];
  readonly trades: number;
}

/** The rows of an answer to `klinesRequest`, oldest first. The last one is the kline that is still open. Throws FrameError. */
export function readKlines(text: string): PastKline[] {
  return rowsOf(text).map(([time, open, high, low, close, , volume, count]) => ({
    openTime: Number(time) * 1e6,
    texts: [numberText(open), numberText(high), numberText(low), numberText(close), numberText(volume)],
    trades: Number(count),
  }));
}

function rowsOf(text: string): readonly (readonly unknown[])[] {
  const answer = parseObject(text);
  const rows = Object.entries(memberOf(answer, 'result')).find(([name]) => name !== 'last')?.[1];
  if (!Array.isArray(rows) || !rows.every(row => Array.isArray(row))) {
    throw new FrameError(`no rows in an answer: ${String(answer.error).slice(0, 80)}`);
  }
  return rows;
}

function renamed(native: string, names: Readonly<Record<string, string>>): string {
  return native
    .split('/')
    .map(asset => names[asset] ?? asset)
    .join('/');
}
