import type { PastRequests, RestRequest } from '../contract.ts';
import { INTERVAL } from './rows.ts';

const PATH = '/api/v3/brokerage/market/products';

const range = (from: number, to: number) => `start=${Math.floor(from / 1e6)}&end=${Math.ceil(to / 1e6)}`;

export const COINBASE_PAST: PastRequests = {
  trades: (rest, { native }, from, to) => ({
    method: 'GET',
    url: `${rest}${PATH}/${native}/ticker?${range(from, to)}&limit=1000`,
  }),
  klines: (rest, { native }, _interval, from, to) => ({
    method: 'GET',
    url: `${rest}${PATH}/${native}/candles?${range(from, to)}&granularity=FIVE_MINUTE&limit=350`,
  }),
};

/** What of the past a request asks for; undefined for another one. */
export function coinbasePast({
  url,
}: RestRequest):
  | { readonly channel: 'trades' | 'klines'; readonly native: string; readonly interval: string }
  | undefined {
  const [, native, kind] = /\/market\/products\/([^/]+)\/(ticker|candles)$/.exec(new URL(url).pathname) ?? [];
  if (kind === 'ticker') return { channel: 'trades', native, interval: '' };
  return kind === 'candles' ? { channel: 'klines', native, interval: INTERVAL } : undefined;
}
