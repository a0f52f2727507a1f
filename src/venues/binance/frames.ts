import { isKline, type Kline } from './kline.ts';
import type { ReplayTick } from './replay.ts';

/** What a frame of a market stream says, raw or combined. */
export type Frame =
  | {
      readonly kind: 'kline';
      readonly symbol: string;
      readonly interval: string;
      /** When the exchange sent it, epoch ms UTC. */
      readonly time: number;
      readonly closed: boolean;
      readonly kline: Kline;
    }
  | { readonly kind: 'replay'; readonly tick: ReplayTick }
  /** The server is about to go: connect anew. */
  | { readonly kind: 'shutdown' }
  /** The answer to a request; `error` is undefined when it was granted. */
  | { readonly kind: 'reply'; readonly id: unknown; readonly error: string | undefined }
  /** Something else that a stream may say. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

const OTHER: Frame = { kind: 'other' };
const UNREADABLE: Frame = { kind: 'unreadable' };
const SHUTDOWN: Frame = { kind: 'shutdown' };

interface WireKline {
  readonly t: unknown;
  readonly s: unknown;
  readonly i: unknown;
  readonly o: unknown;
  readonly c: unknown;
  readonly h: unknown;
  readonly l: unknown;
  readonly v: unknown;
  readonly n: unknown;
  readonly x: unknown;
  readonly q: unknown;
  readonly V: unknown;
  readonly Q: unknown;
}

/**
 * Reads a frame of `/stream` (`{"stream","data"}`) or `/ws`. Never throws: what cannot be read is `unreadable`.
 * Source: Binance spot API, "WebSocket Streams".
 */
export function readFrame(text: string): Frame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
  if (typeof frame !== 'object' || frame === null) return UNREADABLE;
  const { data } = frame as { data?: unknown };
  const event = typeof data === 'object' && data !== null ? data : frame;
  const { e, k } = event as { e?: unknown; k?: unknown };
  if (e === 'kline') {
    return typeof k === 'object' && k !== null ? kline(event as { E?: unknown }, k as WireKline) : UNREADABLE;
  }
  if (e === 'replay') return replay(event as unknown as Record<string, unknown>);
  if (e === 'serverShutdown') return SHUTDOWN;
  return reply(frame as Record<string, unknown>) ?? OTHER;
}

function kline(event: { E?: unknown }, k: WireKline): Frame {
  const read: Kline = {
    time: Number(k.t),
    open: Number(k.o),
    high: Number(k.h),
    low: Number(k.l),
    close: Number(k.c),
    volume: Number(k.v),
    quoteVolume: Number(k.q),
    trades: Number(k.n),
    takerBuyBase: Number(k.V),
    takerBuyQuote: Number(k.Q),
  };
  if (!isKline(read) || typeof k.s !== 'string' || typeof k.i !== 'string') return UNREADABLE;
  return {
    kind: 'kline',
    symbol: k.s,
    interval: k.i,
    time: Number(event.E),
    closed: k.x === true,
    kline: read,
  };
}

function replay({ E, n, end }: Record<string, unknown>): Frame {
  if (typeof E !== 'number' || typeof n !== 'number') return UNREADABLE;
  return { kind: 'replay', tick: { e: 'replay', E, n, end: end === true } };
}

function reply(frame: Record<string, unknown>): Frame | undefined {
  if (!('id' in frame) && !('error' in frame)) return undefined;
  const error = (frame.error ?? (frame.code === undefined ? undefined : frame)) as
    | { code?: unknown; msg?: unknown }
    | undefined;
  const problem = error === undefined ? undefined : `${error.msg ?? 'refused'} (${error.code ?? 'no code'})`;
  return { kind: 'reply', id: frame.id, error: problem };
}

/** An unfinished kline as {@link scanForming} finds it. */
export interface FormingScan {
  symbol: string;
  interval: string;
  /** Open time of the bar, epoch ms UTC. */
  open: number;
}

const QUOTE = 34;

/**
 * Finds in the frame of an unfinished kline, without parsing it, which bar it belongs to, and writes that to `found`.
 * False for anything else, and for a frame that is written in an unusual way: then it has to be read in full.
 */
export function scanForming(text: string, found: FormingScan): boolean {
  const start = text.indexOf('"k":{"t":');
  if (start < 0) return false;
  const closed = text.indexOf('"x":', start);
  // "f" of false.
  if (closed < 0 || text.charCodeAt(closed + 4) !== 102) return false;
  let open = 0;
  let at = start + 9;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    open = open * 10 + digit;
  }
  const symbol = text.indexOf('"s":"', at);
  const interval = text.indexOf('"i":"', at);
  if (symbol < 0 || interval < 0 || open === 0) return false;
  found.symbol = quoted(text, symbol + 5);
  found.interval = quoted(text, interval + 5);
  found.open = open;
  return true;
}

function quoted(text: string, from: number): string {
  let to = from;
  while (to < text.length && text.charCodeAt(to) !== QUOTE) to++;
  return text.slice(from, to);
}
