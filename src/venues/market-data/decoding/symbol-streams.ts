import type { BookFeed } from '../../books/book-feed.ts';
import type { Gaps } from '../continuity/gaps.ts';
import { KlineLinks } from '../continuity/kline-links.ts';
import { RecentIds } from '../continuity/recent-ids.ts';
import { TradeHoles } from '../continuity/trade-holes.ts';
import type { DecoderHost, PastRequests } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Counter } from '../tally.ts';

/** Of the first and the last trade that a connection brought before others did: exchange times, and when they came; µs UTC. */
interface TradedOn {
  readonly first: number;
  readonly beganAt: number;
  last: number;
  receivedAt: number;
}

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
  /** Live trades by the connection that brought them. */
  readonly traded = new Map<number, TradedOn>();
  /** The last trade before a connection became the only one, of which it has brought none itself. */
  readonly inherited = new Map<number, Pick<TradedOn, 'last' | 'receivedAt'>>();
  /** The last one of all, by the exchange's clock and by ours. */
  lastTraded: { readonly time: number; readonly receivedAt: number } | undefined;
  readonly holes: TradeHoles;
  readonly klines: KlineLinks;

  constructor(host: DecoderHost, gaps: Gaps, instrument: Instrument, past: PastRequests | undefined) {
    this.instrument = instrument;
    const { rest } = host.addresses;
    this.holes = new TradeHoles(
      gaps,
      instrument,
      past && ((from, to) => host.fetch(past.trades(rest, instrument, from, to))),
    );
    this.klines = new KlineLinks(
      host,
      gaps,
      instrument,
      past && (({ from, interval, to }) => host.fetch(past.klines(rest, instrument, interval, from, to))),
    );
    const tally = host.tally.of(instrument.native);
    this.tickers = tally.counter('tickers');
    this.duplicates = tally.counter('duplicateMessages');
    this.duplicateTrades = tally.counter('duplicateTrades');
  }
}
