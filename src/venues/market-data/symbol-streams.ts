import type { BookFeed } from '../books/book-feed.ts';
import type { DecoderHost } from './contract.ts';
import type { Instrument } from './instruments.ts';
import { RecentIds } from './recent-ids.ts';
import type { Counter } from './tally.ts';

/** What is known of the streams of one symbol. Times are µs UTC. */
export class SymbolStreams {
  readonly instrument: Instrument;
  readonly tickers: Counter;
  readonly duplicates: Counter;
  readonly duplicateTrades: Counter;
  readonly tradeIds = new RecentIds();
  feed: BookFeed | undefined;
  /** The stream that the book is made of. */
  bookStream = '';
  /** Another one has been mentioned. */
  othersToldOf = false;
  /** Connections on which it came; two while one replaces the other. */
  readonly bookCarriers = new Set<number>();
  readonly tradeCarriers = new Set<number>();
  /** The book has been lost with its connection, and nothing has come of it since. */
  isCut = false;
  /** The book reaches only as far as its snapshot did. */
  isPartial = false;
  /** When the book was asked for last. */
  askedAt = Number.NEGATIVE_INFINITY;
  /** Of the last live trade, by the exchange's clock and by ours. */
  lastTradeTime = Number.NaN;
  lastTradeReceived = Number.NaN;
  /** Exchange times between which trades may be missing, since no connection stood; `to` NaN while none does. */
  hole: { readonly from: number; to: number } | undefined;

  constructor(host: DecoderHost, instrument: Instrument) {
    this.instrument = instrument;
    const tally = host.tally.of(instrument.native);
    this.tickers = tally.counter('tickers');
    this.duplicates = tally.counter('duplicateMessages');
    this.duplicateTrades = tally.counter('duplicateTrades');
  }
}
