import { BookFeed } from '../../books/book-feed.ts';
import type { BookRules } from '../../books/book-rules.ts';
import { LevelChanges } from '../../books/level-changes.ts';
import { FrameError, JsonCursor } from '../../wire/json-cursor.ts';
import { microsecondsOfText } from '../../wire/times.ts';
import { Gaps } from '../continuity/gaps.ts';
import type { Decoder, DecoderHost, RestRequest } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Check } from '../tally.ts';
import { COINBASE_PAST, coinbasePast } from './rest.ts';
import { CoinbaseRows } from './rows.ts';

const VENUE = 'coinbase';
const RULE = 'sequence_num == previous sequence_num + 1 on the connection';
/** Snapshots and changes come in one stream, whose order the connection's own numbers prove. */
const RULES: BookRules = { venue: VENUE };
const READABLE_RULE = 'every message can be read';
const LISTS = ['updates', 'trades', 'candles', 'tickers'];
const ASIDE = ['heartbeats', 'subscriptions', 'status'];
/** A book is subscribed to again at most so often, µs. */
const AGAIN_AFTER = 5_000_000;

interface Connection {
  last: number;
  wholeAt: number;
  isAbandoned: boolean;
  /** What comes on it is known from the first message on. */
  isFromStart: boolean;
}

interface Book {
  readonly feed: BookFeed;
  /** Which it comes on. */
  connection: number;
  askedAt: number;
}

/** Coinbase Advanced Trade: messages of several events, numbered by connection. */
export class CoinbaseDecoder implements Decoder {
  readonly books = new Map<string, BookFeed>();
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #rows: CoinbaseRows;
  readonly #cursor = new JsonCursor();
  readonly #changes = new LevelChanges();
  readonly #connections = new Map<number, Connection>();
  readonly #products = new Map<string, Book>();
  readonly #links: Check;
  /** The number of the message that is being read is known; so is whose levels it has. */
  #isNumbered = false;
  #isOfBooks = false;
  #product = '';

  constructor(host: DecoderHost) {
    this.#host = host;
    this.#gaps = new Gaps(host, VENUE);
    this.#rows = new CoinbaseRows(host, this.#gaps, VENUE, COINBASE_PAST);
    this.#links = host.tally.of('').check('connectionLinks');
    host.tally.rules.set('connectionLinks', RULE);
  }

  opened(connection: number): void {
    const [last, wholeAt] = [Number.NaN, Number.NaN];
    this.#connections.set(connection, { last, wholeAt, isAbandoned: false, isFromStart: false });
  }

  sent(connection: number): void {
    const known = this.#connections.get(connection);
    // Nothing is told before it is asked for, so that what comes next is the first.
    if (known !== undefined && Number.isNaN(known.last)) known.isFromStart = true;
  }

  closed(connection: number, reason: string): void {
    this.#loseAll(connection, 'DISCONNECTED', 'the connection stands', reason);
    this.#connections.delete(connection);
  }

  text(connection: number, frame: string): void {
    if (!this.#connections.has(connection)) this.opened(connection);
    this.#isNumbered = false;
    this.#isOfBooks = false;
    this.#product = '';
    try {
      this.#read(connection, frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#gaps.unreadable(frame, error.message);
      // Whose it was is not known; the number of the next one will say whether one is missing.
      if (!this.#isNumbered || (this.#isOfBooks && this.#product === '')) {
        this.#loseBooks(connection, 'UNREADABLE', READABLE_RULE, error.message);
      }
    }
  }

  binary(): void {
    this.#gaps.unreadable('', 'a binary frame', 'frame is text');
  }

  answer(request: RestRequest, status: number, text: string): void {
    const past = coinbasePast(request);
    if (past !== undefined) {
      this.#past(request, past, status, text);
      return;
    }
    if (status !== 200 || !new URL(request.url).pathname.endsWith('/market/products')) return;
    try {
      const { products = [] } = JSON.parse(text) as { products?: readonly Record<string, unknown>[] };
      for (const row of products) {
        const native = String(row.product_id);
        const isSpot = row.product_type === undefined || row.product_type === 'SPOT';
        const symbol = `${row.base_currency_id}-${row.quote_currency_id}`;
        if (isSpot && row.base_currency_id !== undefined) this.#host.instruments.add({ native, symbol });
        else this.#host.instruments.of(native);
      }
    } catch (error) {
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${VENUE} products: ${String(error)}`);
    }
  }

  #past(
    request: RestRequest,
    { channel, interval, native }: NonNullable<ReturnType<typeof coinbasePast>>,
    status: number,
    text: string,
  ): void {
    const instrument = this.#host.instruments.of(native);
    const { interruptions } = this.#rows;
    const fail = () => interruptions.refused(request, interruptions.of(channel, instrument, interval));
    if (status !== 200) {
      fail();
      return;
    }
    try {
      const cursor = this.#cursor;
      cursor.open(text);
      cursor.object();
      while (cursor.key()) {
        if (cursor.is('trades')) this.#rows.pastTrades(cursor, request, instrument);
        else if (cursor.is('candles')) this.#rows.pastKlines(cursor, request, instrument);
        else cursor.skip();
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${VENUE} ${channel}: ${error.message}`);
      fail();
    }
  }

  /** The whole message is passed over first: one that is cut changes nothing, and its members may come in any order. */
  #read(number: number, frame: string): void {
    const cursor = this.#cursor;
    let [channel, type, time, eventsAt, sequence] = ['', '', '', -1, Number.NaN];
    cursor.open(frame);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('channel')) channel = cursor.string();
      else if (cursor.is('type')) type = cursor.string();
      else if (cursor.is('timestamp')) time = cursor.string();
      else if (cursor.is('sequence_num')) sequence = cursor.number();
      else {
        if (cursor.is('events')) eventsAt = cursor.at;
        cursor.skip();
      }
    }
    cursor.close();
    if (!Number.isNaN(sequence)) this.#check(number, sequence);
    this.#isNumbered = true;
    this.#isOfBooks = channel === 'l2_data';
    if (channel === '' && type === 'error') {
      this.#host.tally.aside('error');
      this.#host.refused(number, frame);
    } else if (ASIDE.includes(channel)) this.#host.tally.aside(channel);
    else if (['l2_data', 'market_trades', 'candles', 'ticker', 'ticker_batch'].includes(channel)) {
      if (eventsAt === -1) throw new FrameError('a message without events');
      const exchangeTime = time === '' ? null : microsecondsOfText(time);
      cursor.at = eventsAt;
      cursor.array();
      while (cursor.item()) this.#event(number, channel, sequence, exchangeTime);
    } else {
      this.#host.tally.aside('unknown');
      this.#host.notice('warning', 'FRAME_UNKNOWN', `${VENUE}: ${frame.slice(0, 100)}`);
    }
  }

  #check(number: number, sequence: number): void {
    const connection = this.#connections.get(number)!;
    const { last } = connection;
    connection.last = sequence;
    if (!Number.isNaN(last)) {
      this.#links.checked++;
      if (sequence === last + 1) this.#links.passed++;
      else {
        this.#broken(number, connection, last, sequence);
        return;
      }
    } else if (connection.isFromStart && sequence !== 0) {
      this.#broken(number, connection, -1, sequence);
      return;
    }
    connection.wholeAt = this.#host.receiveTime;
  }

  #broken(number: number, connection: Connection, last: number, sequence: number): void {
    // It is about to be replaced, with everything on it.
    if (connection.isAbandoned) return;
    connection.isAbandoned = true;
    const detail = `sequence_num=${sequence} previous=${last}`;
    this.#gaps.lost({
      ...{ channel: null, instrument: undefined, cause: 'SEQUENCE', rule: RULE, detail },
      ...{ from: connection.wholeAt, after: String(last), before: String(sequence) },
    });
    this.#loseAll(number, 'SEQUENCE', RULE, detail);
    this.#host.reconnect(number, `${RULE}: ${detail}`);
  }

  #event(connection: number, channel: string, sequence: number, exchangeTime: number | null): void {
    const cursor = this.#cursor;
    let [type, product, listAt] = ['', '', -1];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('type')) type = cursor.string();
      else if (cursor.is('product_id')) product = cursor.string();
      else {
        if (LISTS.some(list => cursor.is(list))) listAt = cursor.at;
        cursor.skip();
      }
    }
    const end = cursor.at;
    if (listAt === -1) throw new FrameError('an event that brings nothing');
    cursor.at = listAt;
    const isWhole = type === 'snapshot';
    if (channel === 'l2_data') this.#levels(connection, product, isWhole, sequence, exchangeTime);
    else {
      const text = Number.isNaN(sequence) ? null : String(sequence);
      this.#rows.read(cursor, connection, channel, isWhole, exchangeTime, text);
    }
    cursor.at = end;
  }

  #levels(
    connection: number,
    product: string,
    isWhole: boolean,
    sequence: number,
    exchangeTime: number | null,
  ): void {
    if (product === '') throw new FrameError('levels of no product');
    this.#product = product;
    const book = this.#book(product, connection);
    const cursor = this.#cursor;
    const changes = this.#changes;
    changes.clear();
    try {
      cursor.array();
      while (cursor.item()) this.#level();
    } catch (error) {
      // Its number has been used, so that nothing else will tell that what it brought is missing.
      const detail = error instanceof Error ? error.message : String(error);
      book.feed.lose('UNREADABLE', READABLE_RULE, detail);
      throw error;
    }
    // A whole book of one that is about to be replaced is not to be trusted either.
    if (this.#connections.get(connection)?.isAbandoned === true) return;
    if (isWhole) {
      book.connection = connection;
      book.feed.snapshot(changes, sequence, exchangeTime);
    } else if (book.connection === connection) {
      const sequences = { first: Number.NaN, last: sequence, previous: Number.NaN };
      book.feed.delta(changes, sequences, exchangeTime);
    }
  }

  /** `{"side":"bid","price_level":"65062.5","new_quantity":"0.00583"}`, members in any order. */
  #level(): void {
    const cursor = this.#cursor;
    let [side, priceAt, sizeAt] = ['', -1, -1];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('side')) side = cursor.string();
      else {
        if (cursor.is('price_level')) priceAt = cursor.at;
        else if (cursor.is('new_quantity')) sizeAt = cursor.at;
        cursor.skip();
      }
    }
    const end = cursor.at;
    if (priceAt === -1 || sizeAt === -1) throw new FrameError('a level without a price or a size');
    if (side !== 'bid' && side !== 'offer' && side !== 'ask') throw new FrameError(`no side: ${side}`);
    const levels = side === 'bid' ? this.#changes.bids : this.#changes.asks;
    cursor.at = priceAt;
    levels.readPrice(cursor);
    cursor.at = sizeAt;
    levels.readSize(cursor);
    cursor.at = end;
  }

  #book(product: string, connection: number): Book {
    let book = this.#products.get(product);
    if (book === undefined) {
      const instrument = this.#host.instruments.of(product);
      const feed = new BookFeed(this.#host, this.#gaps, RULES, instrument, one => this.#again(one));
      book = { feed, connection, askedAt: Number.NEGATIVE_INFINITY };
      this.#products.set(product, book);
      this.books.set(product, feed);
    }
    return book;
  }

  /** Subscribes to one book again, on the connection that carries it. */
  #again({ native }: Instrument): void {
    const book = this.#products.get(native);
    const connection = book && this.#connections.get(book.connection);
    const { receiveTime } = this.#host;
    if (book === undefined || connection === undefined || connection.isAbandoned) return;
    if (receiveTime - book.askedAt < AGAIN_AFTER) return;
    book.askedAt = receiveTime;
    for (const type of ['unsubscribe', 'subscribe']) {
      const request = { type, product_ids: [native], channel: 'level2' };
      this.#host.send(book.connection, JSON.stringify(request));
    }
  }

  #loseBooks(number: number, cause: string, rule: string, detail: string): void {
    for (const { connection: own, feed } of this.#products.values()) {
      if (own === number && feed.isValid) feed.lose(cause, rule, detail);
    }
  }

  #loseAll(number: number, cause: string, rule: string, detail: string): void {
    const connection = this.#connections.get(number);
    if (connection !== undefined) connection.isAbandoned = true;
    this.#loseBooks(number, cause, rule, detail);
    const from = connection?.wholeAt ?? Number.NaN;
    this.#rows.interrupted(number, { cause, rule, detail, from });
  }
}
