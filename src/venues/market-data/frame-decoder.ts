import { BookFeed, type BookRules } from '../books/book-feed.ts';
import { LevelChanges, type PriceRange } from '../books/level-changes.ts';
import { FrameError, JsonCursor } from '../wire/json-cursor.ts';
import type { Decoder, DecoderHost, RestRequest } from './contract.ts';
import { Gaps } from './gaps.ts';
import type { Instrument } from './instruments.ts';
import { SymbolStreams } from './symbol-streams.ts';

/** Texts of one connection that are kept; those of its plan come first, and what is asked again later asks for the same. */
const MOST_TEXTS = 1000;

/**
 * What decoders have in common: frames that cannot be read, connections that carry books, one book a symbol, and asking
 * for a book again. A venue's decoder says how its frames are read.
 */
export abstract class FrameDecoder implements Decoder {
  readonly books = new Map<string, BookFeed>();
  protected readonly venue: string;
  protected readonly host: DecoderHost;
  protected readonly gaps: Gaps;
  protected readonly cursor = new JsonCursor();
  protected readonly changes = new LevelChanges();
  protected readonly symbols = new Map<string, SymbolStreams>();
  /** Which the frame that is being read came on. */
  protected connection = -1;
  /** What was asked for on each connection that stands. */
  readonly #asked = new Map<number, string[]>();
  /** A book that is not whole is asked for again when nothing has come of it for so long, µs. */
  protected readonly askPause: number = 5_000_000;

  constructor(venue: string, host: DecoderHost) {
    this.venue = venue;
    this.host = host;
    this.gaps = new Gaps(host, venue);
  }

  /** Reads one frame. Throws FrameError. */
  protected abstract read(frame: string): void;

  /** Reads an answer of status 200. Throws FrameError. */
  protected abstract readAnswer(url: URL, text: string): void;

  /** Asks the venue for a whole book again, on the connection that carries it if it has to be there. */
  protected abstract askForBook(streams: SymbolStreams, connection: number): void;

  /**
   * Whose book may have been in a frame that cannot be read: a native symbol, '' for none, undefined where it may be any
   * of the connection's.
   */
  protected suspect(_frame: string): string | undefined {
    return undefined;
  }

  opened(_connection: number, _url: string): void {}

  /** Whether a text that was sent asks for this stream of an instrument. */
  protected asksFor(_text: string, _stream: 'trades' | 'book', _instrument: Instrument): boolean {
    return false;
  }

  sent(connection: number, text: string): void {
    const texts = this.#asked.get(connection) ?? [];
    this.#asked.set(connection, texts);
    if (texts.length < MOST_TEXTS) texts.push(text);
  }

  closed(connection: number, reason: string): void {
    this.#asked.delete(connection);
    for (const streams of this.symbols.values()) {
      // Others that were asked for the same bring it, although nothing has come of it yet.
      for (const [stream, carriers] of [
        ['book', streams.bookCarriers],
        ['trades', streams.tradeCarriers],
      ] as const) {
        if (carriers.has(connection) && carriers.size === 1)
          this.#addAsked(stream, streams.instrument, carriers);
      }
      if (streams.bookCarriers.delete(connection) && streams.bookCarriers.size === 0) {
        streams.isCut = true;
        streams.feed?.lose('DISCONNECTED', STANDS, reason);
      }
      if (streams.tradeCarriers.delete(connection) && streams.tradeCarriers.size === 0) {
        this.#tradesStop(streams, reason);
      }
    }
  }

  text(connection: number, frame: string): void {
    this.connection = connection;
    try {
      this.read(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.unreadable(frame, error.message);
    }
  }

  binary(connection: number, _bytes: Uint8Array): void {
    this.connection = connection;
    this.unreadable('', 'a binary frame', 'frame is text');
  }

  answer(request: RestRequest, status: number, text: string): void {
    const url = URL.parse(request.url);
    if (url === null) {
      this.host.notice(
        'warning',
        'ANSWER_UNREADABLE',
        `${this.venue}: no address: ${request.url.slice(0, 100)}`,
      );
      return;
    }
    const where = `${url.host}${url.pathname}`;
    if (status !== 200) {
      this.host.notice('warning', 'ANSWER_STATUS', `${where}: status ${status}: ${text.slice(0, 100)}`);
      return;
    }
    try {
      this.readAnswer(url, text);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.host.notice('warning', 'ANSWER_UNREADABLE', `${where}: ${error.message}`);
    }
  }

  /** What was in a frame is lost, and the books of its connection that it may have changed are not known any more. */
  protected unreadable(frame: string, detail: string, rule?: string): void {
    this.gaps.unreadable(frame, detail, rule);
    const suspect = this.suspect(frame);
    if (suspect === '') return;
    for (const { bookCarriers, feed, instrument } of this.symbols.values()) {
      if (feed?.isValid !== true || !bookCarriers.has(this.connection)) continue;
      if (suspect === undefined || suspect === instrument.native) {
        feed.lose('UNREADABLE', 'every frame can be read', detail);
      }
    }
  }

  protected unknown(frame: string): void {
    this.host.tally.aside('unknown');
    this.host.notice('warning', 'FRAME_UNKNOWN', `${this.venue}: ${frame.slice(0, 100)}`);
  }

  protected of(native: string): SymbolStreams {
    if (native === '') throw new FrameError('no symbol');
    let streams = this.symbols.get(native);
    if (streams === undefined) {
      streams = new SymbolStreams(this.host, this.host.instruments.of(native));
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
    streams.tradeCarriers.add(this.connection);
    streams.lastTradeTime = exchangeTime;
    streams.lastTradeReceived = this.host.receiveTime;
    const { hole, instrument } = streams;
    if (hole === undefined || !Number.isNaN(hole.to)) return;
    hole.to = exchangeTime;
    this.gaps.close('trades', instrument);
  }

  #addAsked(stream: 'trades' | 'book', instrument: Instrument, carriers: Set<number>): void {
    for (const [connection, texts] of this.#asked) {
      if (texts.some(text => this.asksFor(text, stream, instrument))) carriers.add(connection);
    }
  }

  #tradesStop(streams: SymbolStreams, reason: string): void {
    streams.hole = { from: streams.lastTradeTime, to: Number.NaN };
    this.gaps.open({
      channel: 'trades',
      instrument: streams.instrument,
      cause: 'DISCONNECTED',
      rule: STANDS,
      detail: reason,
      from: streams.lastTradeReceived,
    });
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
