import type { Channel } from '../../../model/records.ts';
import { BookFeed } from '../../books/book-feed.ts';
import type { BookRules } from '../../books/book-rules.ts';
import { LevelChanges } from '../../books/level-changes.ts';
import { type OrderChange, OrderFeed, type OrderRules, type WireOrder } from '../../books/order-feed.ts';
import { FrameError, JsonCursor } from '../../wire/json-cursor.ts';
import { numberText, objectOf, readTexts, type TextObject, textOf } from '../../wire/json-texts.ts';
import { Gaps } from '../continuity/gaps.ts';
import type { Decoder, DecoderHost, RestRequest } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { levelsChecksum, ordersChecksum } from './checksum.ts';
import { BitfinexConnection, type OwnChannel, SEQUENCE_RULE } from './connection.ts';
import { BITFINEX_PAST, bitfinexPast } from './rest.ts';
import { BitfinexRows } from './rows.ts';
import { bitfinexInstrument } from './symbols.ts';

const VENUE = 'bitfinex';
const MINUS = 0x2d;
/** So many in a row were not lost first messages: the venue counts otherwise than it did. */
const MOST_FALSE_STARTS = 3;
const NOTHING = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };
const BOOK_RULES: BookRules = {
  venue: VENUE,
  checksum: { rule: 'CRC32 (signed) of the top 25 levels == cs', of: levelsChecksum },
};
const ORDER_RULES: OrderRules = {
  venue: VENUE,
  checksum: { rule: 'CRC32 (signed) of the top 25 orders == cs', of: ordersChecksum },
};

export class BitfinexDecoder implements Decoder {
  readonly books = new Map<string, BookFeed>();
  readonly orderBooks = new Map<string, OrderFeed>();
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #rows: BitfinexRows;
  readonly #cursor = new JsonCursor();
  readonly #changes = new LevelChanges();
  readonly #connections = new Map<number, BitfinexConnection>();
  /** Which channel each book is made of. */
  readonly #carriers = new Map<string, { readonly channel: OwnChannel; readonly connection: number }>();
  #names: Record<string, string> = {};
  /** Connections in a row whose first number was another than 1. */
  #falseStarts = 0;
  /** The number of the message that is being read is known. */
  #isNumbered = false;

  constructor(host: DecoderHost) {
    this.#host = host;
    this.#gaps = new Gaps(host, VENUE);
    this.#rows = new BitfinexRows(host, this.#gaps, VENUE, BITFINEX_PAST);
  }

  opened(connection: number): void {
    this.#connections.set(connection, new BitfinexConnection(connection, this.#host));
  }

  sent(): void {}

  closed(connection: number, reason: string): void {
    const closed = this.#connections.get(connection);
    if (closed === undefined) return;
    this.#connections.delete(connection);
    this.#loseAll(closed, 'DISCONNECTED', 'the connection stands', reason);
  }

  text(number: number, frame: string): void {
    let connection = this.#connections.get(number);
    if (connection === undefined) {
      connection = new BitfinexConnection(number, this.#host);
      this.#connections.set(number, connection);
    }
    try {
      this.#isNumbered = false;
      this.#cursor.open(frame);
      if (this.#cursor.isObject) this.#event(connection, frame);
      else this.#message(connection, frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#gaps.unreadable(frame, error.message);
      // Whose it was is not known; the number of the next one will say whether one is missing.
      if (!this.#isNumbered && !frame.startsWith('{')) this.#loseBooks(connection, error.message);
    }
  }

  binary(): void {
    this.#gaps.unreadable('', 'a binary frame', 'frame is text');
  }

  answer(request: RestRequest, status: number, text: string): void {
    const past = bitfinexPast(request);
    if (past !== undefined) {
      this.#past(request, past, status, text);
      return;
    }
    const list = /\/v2\/conf\/(pub:[a-z:]+)$/.exec(decodeURIComponent(new URL(request.url).pathname))?.[1];
    if (status !== 200 || list === undefined) return;
    try {
      const [rows = []] = JSON.parse(text) as unknown[][];
      if (list === 'pub:map:currency:sym') {
        for (const row of rows) {
          const [own, name] = row as [string, string];
          this.#names[own] = name.toUpperCase();
        }
      } else if (list.startsWith('pub:list:pair:')) {
        for (const pair of rows) {
          this.#host.instruments.add(bitfinexInstrument(`t${String(pair)}`, this.#names));
        }
      }
    } catch (error) {
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${VENUE} ${list}: ${String(error)}`);
    }
  }

  #past(
    request: RestRequest,
    { channel, interval, native }: NonNullable<ReturnType<typeof bitfinexPast>>,
    status: number,
    text: string,
  ): void {
    const instrument = this.#host.instruments.of(native);
    const { interruptions } = this.#rows;
    if (status !== 200) {
      interruptions.refused(request, interruptions.of(channel, instrument, interval));
      return;
    }
    try {
      this.#cursor.open(text);
      if (channel === 'trades') this.#rows.pastTrades(this.#cursor, request, instrument);
      else this.#rows.pastKlines(this.#cursor, request, instrument, interval);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${VENUE} ${channel}: ${error.message}`);
      interruptions.refused(request, interruptions.of(channel, instrument, interval));
    }
  }

  #event(connection: BitfinexConnection, frame: string): void {
    const message = objectOf(readTexts(this.#cursor), 'a frame');
    this.#cursor.close();
    const event = textOf(message, 'event');
    if (!['info', 'conf', 'subscribed', 'unsubscribed', 'pong', 'error'].includes(event)) {
      this.#unknown(frame);
      return;
    }
    this.#host.tally.aside(event);
    if (event === 'subscribed') {
      const channel = connection.subscribed(message);
      if (channel === undefined) this.#unknown(frame);
      else this.#prepare(channel);
    } else if (event === 'unsubscribed') connection.unsubscribed(textOf(message, 'chanId'));
    else if (event === 'conf') {
      connection.configured(message.flags === undefined ? 0 : Number(numberText(message, 'flags')));
      if (this.#falseStarts >= MOST_FALSE_STARTS) connection.isFromStart = false;
    } else if (event === 'error') this.#host.refused(connection.number, frame);
    else if (event === 'info' && message.code !== undefined) {
      this.#told(connection, textOf(message, 'code'), message);
    }
  }

  /** 20051: the server restarts; 20060: its engine pauses; 20061: it goes on, and all has to be asked for anew. */
  #told(connection: BitfinexConnection, code: string, message: TextObject): void {
    const text = typeof message.msg === 'string' ? message.msg : '';
    this.#host.notice('info', `BITFINEX_${code}`, `${VENUE}: ${code} ${text}`);
    if (code === '20060') {
      this.#loseAll(connection, 'MAINTENANCE', 'no maintenance (20060)', text);
    } else if (code === '20051' || code === '20061') {
      this.#abandon(connection, 'MAINTENANCE', `no restart (${code})`, text);
    }
  }

  #unknown(frame: string): void {
    this.#host.tally.aside('unknown');
    this.#host.notice('warning', 'FRAME_UNKNOWN', `${VENUE}: ${frame.slice(0, 100)}`);
  }

  /** Data: the channel's number, what it brings, and by the flags a sequence and a time. */
  #message(connection: BitfinexConnection, frame: string): void {
    const cursor = this.#cursor;
    cursor.array();
    if (!cursor.item()) throw new FrameError('a message without a channel');
    const id = cursor.scalar() ?? '';
    if (!cursor.item()) throw new FrameError('a message that brings nothing');
    let kind = '';
    if (cursor.isString) {
      kind = cursor.string();
      if (kind !== 'hb' && !cursor.item()) throw new FrameError(`"${kind}" of nothing`);
    }
    const dataAt = cursor.at;
    if (kind !== 'hb') cursor.skip();
    // Everything is read before anything is used: a frame that is cut changes nothing.
    connection.sequence = Number.NaN;
    let exchangeTime: number | null = null;
    while (cursor.item()) {
      const number = cursor.number();
      if (number > LEAST_TIME) exchangeTime = number * 1000;
      else connection.sequence = number;
    }
    cursor.close();
    this.#check(connection);
    this.#isNumbered = true;
    const channel = connection.channels.get(id);
    if (kind === 'hb') this.#host.tally.aside('hb');
    else if (channel === undefined) {
      const left = connection.leaving(id);
      if (left === undefined) this.#unknown(frame);
      else if (kind === '') this.#received(left, 'Deltas');
    } else {
      cursor.at = dataAt;
      try {
        this.#data(connection, channel, kind, exchangeTime, frame);
      } catch (error) {
        // Its number has been used, so that nothing else will tell that what it brought is missing.
        const detail = error instanceof Error ? error.message : String(error);
        channel.book?.lose('UNREADABLE', READABLE_RULE, detail);
        channel.orders?.lose('UNREADABLE', READABLE_RULE, detail);
        throw error;
      }
    }
  }

  /** Every message of a connection has the number after that of the last one. */
  #check(connection: BitfinexConnection): void {
    if (connection.isNext()) {
      this.#falseStarts = 0;
      return;
    }
    const { last, sequence } = connection;
    connection.last = sequence;
    if (last === 0) this.#falseStarts++;
    // It is about to be replaced, with everything on it.
    if (connection.isAbandoned) return;
    this.#gaps.lost({
      ...{ channel: null, instrument: undefined, cause: 'SEQUENCE', rule: SEQUENCE_RULE },
      detail: `seq=${sequence} previous=${last}`,
      from: connection.wholeAt,
      after: String(last),
      before: String(sequence),
    });
    this.#abandon(connection, 'SEQUENCE', SEQUENCE_RULE, `seq=${sequence} previous=${last}`);
  }

  #data(
    connection: BitfinexConnection,
    channel: OwnChannel,
    kind: string,
    exchangeTime: number | null,
    frame: string,
  ): void {
    const sequence = connection.sequenceText;
    if (channel.name !== 'book') channel.hasBegun = true;
    else if (!this.#isCarrier(connection, channel, kind)) {
      if (connection.isAbandoned && !this.#carriers.has(carrierName(channel))) {
        if (kind === '')
          this.#received(channel, !channel.hasBegun && this.#isList() ? 'Snapshots' : 'Deltas');
        channel.hasBegun = true;
        return;
      }
      this.#host.tally.of(channel.instrument.native).counter('duplicateMessages').value++;
      return;
    }
    if (kind === 'cs') {
      const checksum = this.#cursor.number();
      channel.book?.verify(checksum);
      channel.orders?.verify(checksum);
    } else if (channel.name === 'trades') {
      if (kind === '' || kind === 'te') {
        this.#rows.trades(this.#cursor, channel, kind === 'te', sequence);
      } else if (kind === 'tu') this.#host.tally.aside('tu');
      else this.#unknown(frame);
    } else if (kind !== '') this.#unknown(frame);
    else if (channel.name === 'book' && channel.orders !== undefined) {
      this.#host.tally.aside('raw book (R0)');
      this.#orders(connection, channel, channel.orders, exchangeTime);
    } else if (channel.name === 'book') this.#levels(connection, channel, exchangeTime);
    else if (channel.name === 'ticker') this.#rows.ticker(this.#cursor, channel, exchangeTime, sequence);
    else this.#rows.klines(this.#cursor, channel, exchangeTime, sequence);
  }

  /**
   * Whether a book is made of what comes on this channel. Two connections carry it while one replaces the other: the one
   * that is newer, once its whole book is there.
   */
  #isCarrier(connection: BitfinexConnection, channel: OwnChannel, kind: string): boolean {
    const name = carrierName(channel);
    const known = this.#carriers.get(name);
    if (known?.channel === channel) return true;
    // Its changes are counted still; a whole book of it is not to be trusted either.
    if (connection.isAbandoned) return known === undefined && channel.hasBegun;
    const isWhole = kind === '' && !channel.hasBegun;
    if (known !== undefined && (!isWhole || connection.number < known.connection)) return false;
    this.#carriers.set(name, { channel, connection: connection.number });
    return true;
  }

  /** Whether a list of rows is next, which may be empty. */
  #isList(): boolean {
    this.#cursor.array();
    return !this.#cursor.item() || this.#cursor.isArray;
  }

  /** Counts what came of a book that it is not used for. */
  #received({ instrument, isRaw, name }: OwnChannel, what: 'Snapshots' | 'Deltas'): void {
    if (name !== 'book') return;
    if (isRaw) this.#host.tally.aside('raw book (R0)');
    this.#host.tally.of(instrument.native).counter(`${isRaw ? 'l3' : 'book'}${what}`).value++;
  }

  #levels(connection: BitfinexConnection, channel: OwnChannel, exchangeTime: number | null): void {
    const cursor = this.#cursor;
    const changes = this.#changes;
    changes.clear();
    const isList = this.#rows.each(cursor, () => this.#level());
    const sequences = { ...NOTHING, last: connection.sequence };
    if (isList && (!channel.hasBegun || !connection.sendsBulk)) {
      if (connection.isAbandoned) {
        this.#received(channel, 'Snapshots');
        return;
      }
      channel.hasBegun = true;
      channel.book?.snapshot(changes, connection.sequence, exchangeTime);
    } else channel.book?.delta(changes, sequences, exchangeTime);
  }

  /** `[price, count, amount]`: the sign of the amount is the side, a count of 0 takes the level away. */
  #level(): void {
    const cursor = this.#cursor;
    cursor.array();
    if (!cursor.item()) throw new FrameError('a level without a price');
    const priceAt = cursor.at;
    cursor.decimal();
    if (!cursor.item()) throw new FrameError('a level without a count');
    const isGone = cursor.number() === 0;
    if (!cursor.item()) throw new FrameError('a level without an amount');
    const side = cursor.peek() === MINUS ? this.#changes.asks : this.#changes.bids;
    cursor.at = priceAt;
    side.readPrice(cursor);
    cursor.item();
    // The count of 0 is the size of what is gone.
    if (isGone) side.readSize(cursor);
    else cursor.skip();
    cursor.item();
    if (isGone) cursor.skip();
    else side.readAmount(cursor);
    while (cursor.item()) cursor.skip();
  }

  #orders(
    connection: BitfinexConnection,
    channel: OwnChannel,
    feed: OrderFeed,
    exchangeTime: number | null,
  ): void {
    const changes: OrderChange[] = [];
    const isList = this.#rows.each(this.#cursor, () => changes.push(this.#order()));
    const whole = changes.filter(change => change.kind === 'set') satisfies WireOrder[];
    const isWhole = isList && whole.length === changes.length;
    if (isWhole && (!channel.hasBegun || !connection.sendsBulk)) {
      if (connection.isAbandoned) return;
      channel.hasBegun = true;
      feed.snapshot(whole, connection.sequence, exchangeTime);
    } else feed.delta(changes, connection.sequence, exchangeTime);
  }

  /** `[id, price, amount]`: a price of 0 takes the order away. */
  #order(): OrderChange {
    const cursor = this.#cursor;
    const [id, priceText, amount] = this.#rows.decimals(cursor, 3);
    if (Number(priceText) === 0) return { kind: 'delete', id };
    const isAsk = amount.startsWith('-');
    return {
      kind: 'set',
      id,
      side: isAsk ? 'ask' : 'bid',
      priceText,
      sizeText: isAsk ? amount.slice(1) : amount,
    };
  }

  #prepare(channel: OwnChannel): void {
    const { instrument } = channel;
    if (channel.name !== 'book') return;
    if (channel.isRaw) {
      let feed = this.orderBooks.get(instrument.native);
      feed ??= new OrderFeed(this.#host, this.#gaps, ORDER_RULES, instrument, one => this.#again(one, 'l3'));
      this.orderBooks.set(instrument.native, feed);
      channel.orders = feed;
    } else {
      let feed = this.books.get(instrument.native);
      feed ??= new BookFeed(this.#host, this.#gaps, BOOK_RULES, instrument, one => this.#again(one, 'book'));
      this.books.set(instrument.native, feed);
      channel.book = feed;
    }
  }

  /** Subscribes to one book again, on the connection that carries it. */
  #again({ native }: Instrument, kind: Channel): void {
    const name = `${kind} ${native}`;
    const carrier = this.#carriers.get(name)?.connection;
    this.#carriers.delete(name);
    for (const connection of this.#connections.values()) {
      if (carrier === undefined || connection.number === carrier) connection.again(native, kind);
    }
  }

  /** Nothing that comes on a connection can be trusted any more. */
  #abandon(connection: BitfinexConnection, cause: string, rule: string, detail: string): void {
    const isFirst = !connection.isAbandoned;
    connection.isAbandoned = true;
    this.#loseAll(connection, cause, rule, detail);
    if (isFirst) this.#host.reconnect(connection.number, `${rule}: ${detail}`);
  }

  #loseBooks(connection: BitfinexConnection, detail: string): void {
    for (const channel of [...connection.channels.values()]) {
      if (this.#carriers.get(carrierName(channel))?.channel !== channel) continue;
      if (channel.book?.isValid === true) channel.book.lose('UNREADABLE', READABLE_RULE, detail);
      if (channel.orders?.isValid === true) channel.orders.lose('UNREADABLE', READABLE_RULE, detail);
    }
  }

  /** Another connection brings the same, and has begun to. */
  #isCarriedElsewhere(connection: BitfinexConnection, { instrument, interval, name }: OwnChannel): boolean {
    for (const other of this.#connections.values()) {
      if (other === connection || other.isAbandoned) continue;
      for (const channel of other.channels.values()) {
        const isSame = channel.name === name && channel.instrument.native === instrument.native;
        if (isSame && channel.interval === interval && channel.hasBegun) return true;
      }
    }
    return false;
  }

  #loseAll(connection: BitfinexConnection, cause: string, rule: string, detail: string): void {
    for (const channel of connection.channels.values()) {
      if (channel.name === 'book') {
        const name = carrierName(channel);
        if (this.#carriers.get(name)?.channel !== channel) continue;
        this.#carriers.delete(name);
        if (channel.book?.isValid === true) channel.book.lose(cause, rule, detail);
        if (channel.orders?.isValid === true) channel.orders.lose(cause, rule, detail);
        continue;
      }
      if (channel.name === 'ticker' || this.#isCarriedElsewhere(connection, channel)) continue;
      const kind = channel.name === 'trades' ? 'trades' : 'klines';
      const found = { cause, rule, detail, from: connection.wholeAt };
      this.#rows.interruptions.begin(kind, channel.instrument, channel.interval, found);
    }
  }
}

const READABLE_RULE = 'every message can be read';

const carrierName = ({ instrument, isRaw }: OwnChannel) => `${isRaw ? 'l3' : 'book'} ${instrument.native}`;

/** Numbers of messages never get so high; milliseconds are higher since 1973. */
const LEAST_TIME = 1e11;
