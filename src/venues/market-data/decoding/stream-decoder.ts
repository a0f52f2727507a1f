import { BookFeed } from '../../books/book-feed.ts';
import type { BookRules } from '../../books/book-rules.ts';
import type { PriceRange } from '../../books/level-changes.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import type { DecoderHost, PastRequests } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { SymbolStreams } from './symbol-streams.ts';
import { VenueDecoder } from './venue-decoder.ts';

/** Texts of one connection that are kept; those of its plan come first, and what is asked again later asks for the same. */
const MOST_TEXTS = 1000;

/**
 * What decoders have in common of venues whose trades no numbers link: connections that carry books and trades, one book a
 * symbol, and asking for a book again.
 */
export abstract class StreamDecoder extends VenueDecoder {
  readonly books = new Map<string, BookFeed>();
  protected readonly symbols = new Map<string, SymbolStreams>();
  /** What was asked for on each connection that stands. */
  readonly #asked = new Map<number, string[]>();
  /** A book that is not whole is asked for again when nothing has come of it for so long, µs. */
  protected readonly askPause: number = 5_000_000;
  protected readonly past: PastRequests | undefined;
  /** When the first and the last frame of each connection came, receive time. */
  readonly #heard = new Map<number, { readonly first: number; last: number }>();

  constructor(venue: string, host: DecoderHost, past?: PastRequests) {
    super(venue, host);
    this.past = past;
  }

  /** Asks the venue for a whole book again, on the connection that carries it if it has to be there. */
  protected abstract askForBook(streams: SymbolStreams, connection: number): void;

  /**
   * Whose book may have been in a frame that cannot be read: a native symbol, '' for none, undefined where it may be any
   * of the connection's.
   */
  protected suspect(_frame: string): string | undefined {
    return undefined;
  }

  /** Whether a text that was sent asks for this stream of an instrument. */
  protected asksFor(_text: string, _stream: 'trades' | 'book', _instrument: Instrument): boolean {
    return false;
  }

  override sent(connection: number, text: string): void {
    const texts = this.#asked.get(connection) ?? [];
    this.#asked.set(connection, texts);
    if (texts.length < MOST_TEXTS) texts.push(text);
  }

  closed(connection: number, reason: string): void {
    this.#asked.delete(connection);
    const heard = this.#heard.get(connection);
    this.#heard.delete(connection);
    for (const streams of this.symbols.values()) {
      // Others that were asked for the same bring it, although nothing has come of it yet.
      for (const [stream, carriers] of [
        ['book', streams.bookCarriers],
        ['trades', streams.tradeCarriers],
      ] as const) {
        if (carriers.has(connection) && carriers.size === 1)
          this.#addAsked(stream, streams.instrument, carriers);
      }
      this.#inherit(streams, connection);
      if (streams.bookCarriers.delete(connection) && streams.bookCarriers.size === 0) {
        streams.isCut = true;
        streams.feed?.lose('DISCONNECTED', STANDS, reason);
      }
      if (streams.tradeCarriers.delete(connection) && streams.tradeCarriers.size === 0) {
        this.#tradesStop(streams, reason);
      } else this.#checkMute(streams, connection, heard?.last ?? Number.NaN);
      streams.traded.delete(connection);
      streams.inherited.delete(connection);
      streams.klines.closed(connection, reason);
    }
  }

  override text(connection: number, frame: string): void {
    const { receiveTime } = this.host;
    const heard = this.#heard.get(connection);
    if (heard === undefined) this.#heard.set(connection, { first: receiveTime, last: receiveTime });
    else heard.last = receiveTime;
    super.text(connection, frame);
  }

  /** What was in a frame is lost, and the books of its connection that it may have changed are not known any more. */
  protected override unreadable(frame: string, detail: string, rule?: string): string {
    const broken = super.unreadable(frame, detail, rule);
    const suspect = this.suspect(frame);
    if (suspect === '') return broken;
    for (const { bookCarriers, feed, instrument } of this.symbols.values()) {
      if (feed?.isValid !== true || !bookCarriers.has(this.connection)) continue;
      if (suspect === undefined || suspect === instrument.native) {
        feed.lose('UNREADABLE', 'every frame can be read', detail);
      }
    }
    return broken;
  }

  protected of(native: string): SymbolStreams {
    if (native === '') throw new FrameError('no symbol');
    let streams = this.symbols.get(native);
    if (streams === undefined) {
      streams = new SymbolStreams(this.host, this.gaps, this.host.instruments.of(native), this.past);
      this.symbols.set(native, streams);
    }
    return streams;
  }

  /**
   * The book of a symbol that `stream` tells of. A symbol has one book: undefined where another stream told of it first.
   */
  protected bookOf(streams: SymbolStreams, stream: string, rules: BookRules): BookFeed | undefined {
    if (streams.feed === undefined) {
      streams.bookStream = stream;
      streams.feed = new BookFeed(this.host, this.gaps, rules, streams.instrument, one => this.#need(one));
      this.books.set(streams.instrument.native, streams.feed);
    } else if (streams.bookStream !== stream) {
      const also = `${streams.instrument.native}: ${stream} beside ${streams.bookStream}, which its book is made of`;
      if (!streams.othersToldOf) this.host.notice('warning', 'BOOK_TWICE', `${this.venue} ${also}`);
      streams.othersToldOf = true;
      this.host.tally.aside('otherBook');
      return undefined;
    }
    return streams.feed;
  }

  /** A whole book that came in the stream of the frame. */
  protected snapshotInBand(
    streams: SymbolStreams,
    sequence: number,
    exchangeTime: number | null,
    known?: PriceRange,
  ): void {
    const { bookCarriers, feed } = streams;
    if (feed === undefined) return;
    if (!bookCarriers.has(this.connection)) {
      // Two connections carry it while one replaces the other: the newer one is the one that stays.
      for (const other of bookCarriers) if (other > this.connection) return;
      if (bookCarriers.size > 0) feed.changeConnection();
      bookCarriers.clear();
      bookCarriers.add(this.connection);
    }
    feed.snapshot(this.changes, sequence, exchangeTime, Number.NaN, known);
  }

  /** Whether a change of a book that came in the stream of the frame belongs to the book as it is. */
  protected isCarried(streams: SymbolStreams): boolean {
    const { bookCarriers, duplicates } = streams;
    if (bookCarriers.size === 0) {
      bookCarriers.add(this.connection);
      // Its snapshot is on its way.
      streams.askedAt = this.host.receiveTime;
    }
    if (bookCarriers.has(this.connection)) return true;
    duplicates.value++;
    return false;
  }

  /** Asks again for a book that nothing has come of. */
  protected askAgain(streams: SymbolStreams): void {
    if (streams.feed?.isValid === false) this.#ask(streams);
  }

  /** A live trade has come. */
  protected tradesFlow(streams: SymbolStreams, exchangeTime: number): void {
    const { connection } = this;
    const receivedAt = this.host.receiveTime;
    streams.tradeCarriers.add(connection);
    streams.lastTraded = { time: exchangeTime, receivedAt };
    const traded = streams.traded.get(connection);
    if (traded === undefined) {
      streams.traded.set(connection, {
        first: exchangeTime,
        beganAt: receivedAt,
        last: exchangeTime,
        receivedAt,
      });
    } else {
      traded.last = Math.max(traded.last, exchangeTime);
      traded.receivedAt = receivedAt;
    }
    streams.holes.flow(exchangeTime);
    streams.tradeIds.isHeld = streams.holes.isOpen;
  }

  #addAsked(stream: 'trades' | 'book', instrument: Instrument, carriers: Set<number>): void {
    for (const [connection, texts] of this.#asked) {
      if (this.host.isRefused(connection, stream, instrument.native)) continue;
      if (texts.some(text => this.asksFor(text, stream, instrument))) carriers.add(connection);
    }
  }

  /** A connection that takes over without having brought anything may be mute: then this is where its part begins. */
  #inherit({ inherited, lastTraded, tradeCarriers, traded }: SymbolStreams, connection: number): void {
    if (lastTraded === undefined || !tradeCarriers.has(connection)) return;
    const { receivedAt, time: last } = lastTraded;
    for (const heir of tradeCarriers) {
      if (heir === connection || traded.has(heir) || inherited.has(heir)) continue;
      inherited.set(heir, { last, receivedAt });
    }
  }

  #tradesStop({ holes, tradeIds, lastTraded }: SymbolStreams, reason: string): void {
    if (lastTraded === undefined) return;
    const found = { cause: 'DISCONNECTED', rule: STANDS, detail: reason, from: lastTraded.receivedAt };
    holes.begin(lastTraded.time, found);
    tradeIds.isHeld = true;
  }

  /** A socket that was replaced may have been mute before: then what it should have brought since was brought by none. */
  #checkMute(
    { holes, inherited, tradeCarriers, tradeIds, traded }: SymbolStreams,
    connection: number,
    heardAt: number,
  ): void {
    const own = traded.get(connection) ?? inherited.get(connection);
    if (own === undefined) return;
    const { receiveTime } = this.host;
    for (const other of tradeCarriers) {
      // What came a moment ago may have been on its way on the older one, which was closed before.
      const began = traded.get(other)?.beganAt ?? Number.NaN;
      const since = began <= receiveTime - LAG ? began : (this.#heard.get(other)?.first ?? Number.NaN);
      if (heardAt >= since - LAG) return;
    }
    const detail = 'nothing came on the older one of two';
    const others = [...tradeCarriers].flatMap(other => traded.get(other)?.first ?? []);
    const to = others.length === 0 ? Number.NaN : Math.min(...others);
    holes.begin(own.last, { cause: 'MUTE', rule: OVERLAPS, detail, from: own.receivedAt }, to);
    tradeIds.isHeld = true;
  }

  #need({ native }: Instrument): void {
    this.#ask(this.of(native));
  }

  #ask(streams: SymbolStreams): void {
    const { receiveTime } = this.host;
    const [connection] = streams.bookCarriers;
    // Once there is a connection again, all that it carries is asked for anyway.
    if (connection === undefined || receiveTime - streams.askedAt < this.askPause) return;
    streams.askedAt = receiveTime;
    this.askForBook(streams, connection);
  }
}

const STANDS = 'the connection stands';
const OVERLAPS = 'a connection brings frames until the one that replaces it does';
/** How much later one of two connections may bring what the other one does, µs. */
const LAG = 1_000_000;
