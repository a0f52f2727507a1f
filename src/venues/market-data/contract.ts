import type { Channel, MarketRecord } from '../../model/records.ts';
import type { BookView } from '../books/book.ts';
import type { OrderByOrderBook } from '../books/order-by-order.ts';
import type { Instrument, Instruments } from './instruments.ts';
import type { RequestWords } from './planning/request-words.ts';
import type { Tally } from './tally.ts';

/** What to collect of one instrument. */
export interface Subscription {
  readonly instrument: Instrument;
  readonly channel: Channel;
  /** Of klines: `1m`. */
  readonly interval?: string;
}

/** A request for a REST answer. */
export interface RestRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** What it costs of the venue's limit; 1 unless given. */
  readonly weight?: number;
}

/** How a venue is asked for what was missed between two moments, exchange time in µs UTC. */
export interface PastRequests {
  trades(rest: string, instrument: Instrument, from: number, to: number): RestRequest;
  klines(rest: string, instrument: Instrument, interval: string, from: number, to: number): RestRequest;
  /** Klines that one answer has at most, where more can be asked for. */
  readonly klineRows?: number;
}

/** Where a venue is reached; each may be given another, so that a local server can stand in. */
export interface VenueAddresses {
  /** Without a path: `wss://stream.binance.com:9443`. */
  readonly stream: string;
  /** Without a slash at the end: `https://api.binance.com`. */
  readonly rest: string;
}

/** What the one at the end of a socket must hear from time to time. */
export interface KeepAlive {
  /** Asked anew for each message. */
  readonly text: () => string;
  readonly everyMs: number;
}

/** One websocket and what to ask for on it. */
export interface ConnectionPlan {
  /** Where to; or the request whose answer says where, asked anew for every attempt. */
  readonly url: string | { readonly request: RestRequest; address(answer: string): string };
  /** Texts to send once it is open, `paceMs` apart. */
  readonly requests: readonly string[];
  readonly paceMs: number;
  /** Answers that its books begin with, asked for once it is open, each time anew. */
  readonly asks?: readonly RestRequest[];
  /** Sending starts with the first frame for which this is true, rather than on opening. */
  readonly isWelcome?: (text: string) => boolean;
  readonly keepAlive?: KeepAlive;
  /** A socket on which nothing came for so long is taken for dead, ms. */
  readonly silenceMs: number;
  /** A socket is replaced before it is so old, ms; the venue cuts it soon after. */
  readonly oldestMs?: number;
  readonly subscriptions: readonly Subscription[];
}

/** Limits of the venue for one address, which all connections share. */
export interface VenueLimits {
  readonly connects: { readonly count: number; readonly withinMs: number };
  /** REST requests, by their weights. */
  readonly requests?: { readonly weight: number; readonly withinMs: number };
}

/**
 * One venue's public market data. Pure: no sockets, no clock, no state of its own. docs/venues.md says how to add one.
 */
export interface Venue {
  /** `binance-spot`. */
  readonly id: string;
  /** For people: `Binance spot`. */
  readonly name: string;
  readonly channels: readonly Channel[];
  /** Why it serves others not to everybody, as part of a sentence. */
  readonly withheld?: Readonly<Partial<Record<Channel, string>>>;
  readonly addresses: VenueAddresses;
  readonly limits: VenueLimits;
  /** When it was shut down, as a sentence; a live request is answered with it. */
  readonly closed?: string;
  /** Lists of its instruments. */
  instrumentRequests(addresses: VenueAddresses): readonly RestRequest[];
  /** The canonical symbol of a native one that no list has told. */
  guess(native: string): Instrument;
  plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): readonly ConnectionPlan[];
  /** How what was sent and what refuses it are read. */
  readonly requests?: RequestWords;
  decoder(host: DecoderHost): Decoder;
}

/** What a decoder is given. In a replay nobody answers what it asks for: the capture has the answers that came. */
export interface DecoderHost {
  readonly addresses: VenueAddresses;
  readonly instruments: Instruments;
  readonly tally: Tally;
  /** When the frame that is being read was received, µs UTC. */
  readonly receiveTime: number;
  /** Records of this channel go somewhere; what nobody wants need not be made. */
  wants(channel: Channel): boolean;
  emit(record: MarketRecord): void;
  /** Asks for a REST answer; it comes to `answer`. The same request is not asked for again while it is under way. */
  fetch(request: RestRequest): void;
  /** Says something on a socket. */
  send(connection: number, text: string): void;
  /** Drops a socket, because what came on it cannot be trusted any more. */
  reconnect(connection: number, reason: string): void;
  notice(level: 'info' | 'warning', code: string, message: string): void;
  /** The venue refuses what was asked for on a connection; `frame` is its answer, as text. */
  refused(connection: number, frame: string): void;
  /** Whether it refused this stream on a connection that stands, and has not been asked for it again since. */
  isRefused(connection: number, channel: Channel, native: string): boolean;
}

/**
 * Turns what came from one venue into records and keeps its books; all connections of the venue come to one decoder.
 * Driven by sockets, or by the lines of a capture, in exactly the same way. Throws nothing: what cannot be read becomes a
 * gap record.
 */
export interface Decoder {
  opened(connection: number, url: string): void;
  closed(connection: number, reason: string): void;
  /** What was sent, also by the plan. */
  sent(connection: number, text: string): void;
  text(connection: number, text: string): void;
  binary(connection: number, bytes: Uint8Array): void;
  answer(request: RestRequest, status: number, text: string): void;
  /** The books that are kept, by native symbol. */
  readonly books: ReadonlyMap<string, BookState>;
  /** Likewise those of single orders, where the venue has them. */
  readonly orderBooks?: ReadonlyMap<string, OrderBookState>;
}

/** A book as it stands. */
export interface BookState {
  readonly instrument: Instrument;
  readonly book: BookView;
  /** False while something is missing from it, so that it must not be used. */
  readonly isValid: boolean;
}

/** A book of single orders as it stands. */
export interface OrderBookState extends BookState {
  readonly book: OrderByOrderBook;
}
