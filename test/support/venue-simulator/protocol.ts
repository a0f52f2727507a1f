import type { Channel } from '../../../src/model/records.ts';
import type { Venue } from '../../../src/venues/market-data/contract.ts';
import type { BookChange, BookSnapshot, MarketOptions, MarketTrade } from './market.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** What a frame tells, for the faults and for the checks. */
export type About =
  | { readonly kind: 'book'; readonly symbol: string; readonly version: number }
  | { readonly kind: 'trade'; readonly symbol: string; readonly ids: readonly number[] }
  /** `isReplaced`: the next one of the same stream says all that it says. */
  | { readonly kind: 'row'; readonly symbol: string; readonly isReplaced: boolean };

export interface Frame {
  readonly text: string;
  readonly about?: About;
  /** The checksum of what it tells comes in a frame of its own, right after it. */
  readonly isUnproven?: true;
  /** It has the whole book, which the venue sends now and then so that everyone can check theirs. */
  readonly isWhole?: true;
  /** Nothing in the protocol tells that it was lost or came too late, so that it always arrives. */
  readonly isSure?: true;
}

/** A socket as the venue knows it. */
export class Session {
  readonly url: URL;
  /** Streams by the venue's own names; the value is whatever it keeps for them. */
  readonly streams = new Map<string, string>();
  /** Numbers that the connection itself counts. */
  sequence = 0;
  channels = 0;
  flags = 0;
  /** Now, epoch ms UTC. */
  time = 0;
  /** It has been open for, and pings in a row that were not answered. */
  seconds = 0;
  unanswered = 0;

  constructor(url: string) {
    this.url = new URL(url);
  }
}

/**
 * A venue's words, written from its protocol alone. `symbol` is canonical throughout: `BTC-USDT`.
 */
export interface VenueProtocol {
  readonly venue: string;
  /** Of the same venue, where it has several books: `level3`. */
  readonly kind?: string;
  /** What is collected; trades and books, unless given. */
  readonly channels?: readonly Channel[];
  /** The venue as it is collected, where the one of the name alone does not do. */
  prepared?(venue: Venue): Venue;
  readonly market?: MarketOptions;
  /** Frames are packed with gzip. */
  readonly isPacked?: true;
  /** Of books of single orders so many a side are vouched for, where it is not levels. */
  readonly vouchedOrders?: number;
  /**
   * Nothing tells that a change of a book was lost or came too late, except the whole books that the venue sends now and
   * then.
   */
  readonly provesByWholeBooks?: true;
  readonly symbols: readonly string[];
  /** Levels a side for which the venue's rules vouch; what lies beyond them can be wrong unnoticed. */
  readonly vouchedDepth: number;
  /** The same as long as no digit has been another one: what a checksum leaves out is numbered all the same. */
  readonly numberedDepth?: number;
  /** Records of its books have a sequence that says which state they are; else it is what came last. */
  sequenceOf?(snapshot: BookSnapshot): string;
  /** Whether a missing trade shows by the number of the next. */
  readonly numbersTrades: boolean;
  /** A missing message makes all of its connection suspect. */
  readonly sequenceIsTheConnections?: boolean;
  /** The part of a book's frame that a checksum covers, so that a wrong digit in it shows. */
  readonly checksummed?: RegExp;
  /**
   * Trades are neither numbered nor kept, so that those that a mute socket hides before it is replaced are lost unnoticed.
   * The venue's sockets are not replaced for their age, other than here.
   */
  readonly keepsNoTrades?: true;
  native(symbol: string): string;
  /** What the trade of a number is called on the wire; its number, unless given; null where trades have no names. */
  tradeId?(id: number): string | null;
  /** What an order is called likewise. */
  orderId?(id: number): string;
  /** Whole books have a time, but no place among the changes. */
  readonly joinsByTime?: true;
  /** What gaps call a stream that several symbols share. */
  streamOf?(symbol: string): string;
  /** When it was, µs, where the wire has more than milliseconds. */
  tradeTime?(trade: MarketTrade): number;
  /** What a request is answered that this venue refuses, whatever the faults say; undefined for one that it grants. */
  refuses?(text: string, session: Session): readonly string[] | undefined;
  /** An instrument that this venue never grants anything of, by its canonical symbol. */
  readonly forbidden?: string;
  opened(session: Session, market: SimulatedMarket): readonly Frame[];
  /** What is answered; books that are asked for are `age` changes old. */
  heard(session: Session, text: string, market: SimulatedMarket, age: number): readonly Frame[];
  book(session: Session, change: BookChange, after: BookSnapshot): readonly Frame[];
  trade(session: Session, trade: MarketTrade): readonly Frame[];
  /** What comes each second, whatever else does; undefined where the venue has had enough of a client and hangs up. */
  idle?(session: Session, market: SimulatedMarket): readonly Frame[] | undefined;
  /** The answer to a request; of books, one that is `age` changes old. Undefined for what it does not have. */
  rest(url: URL, market: SimulatedMarket, age: number, now: number): string | undefined;
}
