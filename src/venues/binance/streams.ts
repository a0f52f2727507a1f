import type { Interval } from '../../model/interval.ts';

/** What Binance bears. Source: spot API, "WebSocket Streams", general information and limits. */
export const STREAM_LIMITS = {
  /** Streams on one connection. */
  streams: 1024,
  /** Messages a second that a connection may receive from us, pongs included. */
  messagesPerSecond: 5,
  /** Attempts to connect within five minutes from one address. */
  connects: 300,
  connectsWindowMs: 300_000,
  /** A connection is cut after a day. */
  lifetimeMs: 86_400_000,
} as const;

/** Streams named in the URL, which servers and proxies want below some 8,000 characters, and in one request. */
const IN_URL = 200;
/** Two of the five messages a second are left to pongs and acknowledgements. */
export const REQUEST_PACE_MS = 350;

export interface ConnectionPlan {
  /** Path and query, to be put behind the address of the streams. */
  readonly path: string;
  /** Streams of this connection, in the order given. */
  readonly streams: readonly string[];
  /** Requests to send once it is open, numbered from 1. */
  readonly requests: readonly string[];
}

export function klineStream(symbol: string, interval: Interval): string {
  return `${symbol.toLowerCase()}@kline_${interval}`;
}

export function subscribeRequest(id: number, streams: readonly string[]): string {
  return JSON.stringify({ method: 'SUBSCRIBE', params: streams, id });
}

/** Answers a tick of the local exchange's replay. */
export function acknowledgement(n: number): string {
  return JSON.stringify({ method: 'ACK', params: [n] });
}

/**
 * Spreads streams over as few connections as Binance allows. `last`, if given, is asked for on every connection, after
 * all of its other streams.
 */
export function planStreams(streams: readonly string[], last?: string): ConnectionPlan[] {
  const room = STREAM_LIMITS.streams - (last === undefined ? 0 : 1);
  const connections = Math.max(1, Math.ceil(streams.length / room));
  const each = Math.ceil(streams.length / connections);
  return Array.from({ length: connections }, (_, index) => {
    const own = streams.slice(index * each, (index + 1) * each);
    const asked = last === undefined ? own : [...own, last];
    const requests: string[] = [];
    for (let from = IN_URL; from < asked.length; from += IN_URL) {
      requests.push(subscribeRequest(requests.length + 1, asked.slice(from, from + IN_URL)));
    }
    return { path: `/stream?streams=${asked.slice(0, IN_URL).join('/')}`, streams: own, requests };
  });
}
