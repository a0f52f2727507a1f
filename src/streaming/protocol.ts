import type { Channel, MarketRecord } from '../model/records.ts';

/**
 * What server and clients say to each other: docs/server.md. Every websocket frame of the server's is one JSON object: an
 * answer with `event`, or data with `channel`.
 */

/** What can be subscribed to. `raw` is the wire as a venue speaks it, `gaps` what is missing of the rest. */
export type Feed = Channel | 'metrics' | 'gaps' | 'raw';

export const FEEDS: readonly Feed[] = [
  ...(['trades', 'book', 'l3', 'klines', 'tickers', 'metrics', 'gaps', 'raw'] as const),
];

/** What records of each kind are subscribed to by. */
export const FEED_OF: { readonly [Kind in MarketRecord['kind']]: Feed } = {
  ...({ trade: 'trades', book: 'book', order: 'l3', kline: 'klines', ticker: 'tickers' } as const),
  ...({ metrics: 'metrics', gap: 'gaps' } as const),
};

/** A subscription. What is left out means all; `raw` is never meant unless it is named. */
export interface Topic {
  /** A symbol in any spelling, `BTC-USDT`, or how it begins: `BTC-*`. */
  readonly topic?: string;
  readonly channel?: Feed;
  readonly venue?: string;
}

/** A line of the wire: what a capture has of it, without the venue's name. */
export interface RawRecord {
  readonly kind: 'raw';
  readonly venue: string;
  /** `connect`, `send`, `recv`, `close`, `http`. */
  readonly event: string;
  /** µs UTC. */
  readonly receiveTime: number;
  /** The frame, or the body of an answer; base64 where `isBinary`. */
  readonly text: string;
  readonly isBinary: boolean;
  /** Number of the connection; null for a request. */
  readonly connection: number | null;
  readonly url: string | null;
}

/** One record of one stream. */
export interface DataMessage {
  readonly channel: Feed;
  readonly venue: string;
  /** Empty for what concerns all symbols of a venue. */
  readonly topic: string;
  /**
   * `update`: the next one of the stream, `seq` is one more than before. `snapshot`: how things stood as of `seq`, in one
   * or several messages; comes on subscribing and where records were left out.
   */
  readonly type: 'update' | 'snapshot';
  readonly seq: number;
  /** Of a snapshot: the first of 3 messages is part 1 of 3. */
  readonly part?: number;
  readonly parts?: number;
  /** When the server gave it out, µs UTC. */
  readonly time: number;
  readonly data: MarketRecord | RawRecord;
}

/** A stream as `list` tells of it. */
export interface StreamInfo {
  readonly venue: string;
  readonly topic: string;
  readonly channel: Feed;
  /** Of its last record. */
  readonly seq: number;
}

export type RequestId = string | number;

/** What the server answers. */
export type EventMessage =
  | {
      readonly event: 'subscribed' | 'unsubscribed' | 'snapshot';
      readonly id?: RequestId;
      readonly topic?: string;
      readonly channel?: Feed;
      readonly venue?: string;
      /** Streams that there are of it now. */
      readonly streams: number;
      /** Where there are none: how those that there are begin to look like it. */
      readonly closest?: readonly string[];
      /** Another one means that sequence numbers have begun anew. */
      readonly server: string;
    }
  | {
      readonly event: 'list';
      readonly id?: RequestId;
      readonly server: string;
      readonly streams: readonly StreamInfo[];
      readonly subscriptions: readonly Topic[];
    }
  | { readonly event: 'pong' | 'authenticated'; readonly id?: RequestId; readonly time: number }
  /** Snapshots follow. */
  | { readonly event: 'lost'; readonly records: number; readonly time: number }
  | {
      readonly event: 'error';
      readonly id?: RequestId;
      readonly code: string;
      readonly message: string;
    };

/** Codes with which the server closes a connection, beside those of the websocket protocol itself. */
export const CLOSE = {
  done: 1000,
  goingAway: 1001,
  binary: 1003,
  misbehaved: 1008,
  full: 1013,
  unauthorised: 4401,
  slow: 4408,
} as const;

/** What is left of a symbol when it may be written in any way: `btc/usdt` → `BTCUSDT`. */
export function bareTopic(text: string): string {
  return text.toUpperCase().replace(/[-_/:\s.]/g, '');
}

/** Whether a stream is meant by a subscription. */
export function isMeant(
  wanted: Topic,
  stream: { readonly venue: string; readonly topic: string; readonly channel: Feed },
): boolean {
  if (wanted.venue !== undefined && wanted.venue !== stream.venue) return false;
  if (wanted.channel === undefined ? stream.channel === 'raw' : wanted.channel !== stream.channel)
    return false;
  // What concerns all symbols of a venue concerns each.
  if (wanted.topic === undefined || stream.topic === '') return true;
  const name = bareTopic(stream.topic);
  const bare = bareTopic(wanted.topic);
  return bare.endsWith('*') ? name.startsWith(bare.slice(0, -1)) : name === bare;
}
