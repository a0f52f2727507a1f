import type { PastRequests, RestRequest } from '../contract.ts';
import { INTERVALS, intervalNamed } from './symbols.ts';

/** Oldest first. */
const ORDER = 'limit=10000&sort=1';

const range = (from: number, to: number) => `start=${Math.floor(from / 1000)}&end=${Math.ceil(to / 1000)}`;

export const BITFINEX_PAST: PastRequests = {
  trades: (rest, { native }, from, to) => ({
    method: 'GET',
    url: `${rest}/v2/trades/${native}/hist?${range(from, to)}&${ORDER}`,
  }),
  klines: (rest, { native }, interval, from, to) => ({
    method: 'GET',
    url: `${rest}/v2/candles/trade:${INTERVALS.get(interval) ?? interval}:${native}/hist?${range(from, to)}&${ORDER}`,
  }),
};

/** What of the past a request asks for; undefined for another one. */
export function bitfinexPast({
  url,
}: RestRequest):
  | { readonly channel: 'trades' | 'klines'; readonly native: string; readonly interval: string }
  | undefined {
  const path = decodeURIComponent(new URL(url).pathname);
  const [, native] = /\/v2\/trades\/([^/]+)\/hist$/.exec(path) ?? [];
  if (native !== undefined) return { channel: 'trades', native, interval: '' };
  const [, own, symbol] = /\/v2\/candles\/trade:([^:]+):([^/]+)\/hist$/.exec(path) ?? [];
  return symbol === undefined
    ? undefined
    : { channel: 'klines', native: symbol, interval: intervalNamed(own) };
}
