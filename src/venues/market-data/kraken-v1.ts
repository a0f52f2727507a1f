import type { Channel } from '../../model/records.ts';
import type { BookRules } from '../books/book-feed.ts';
import { krakenChecksum, precisionShown } from '../books/checksums.ts';
import { LevelChanges, type SideChanges } from '../books/level-changes.ts';
import { FrameError, isJson, JsonCursor } from '../wire/json-cursor.ts';
import { memberOf, parseObject } from '../wire/json-object.ts';
import { Members } from '../wire/members.ts';
import { microsecondsOfSeconds } from '../wire/times.ts';
import { checkedInterval } from './checked-interval.ts';
import type {
  ConnectionPlan,
  Decoder,
  DecoderHost,
  RestRequest,
  Subscription,
  Venue,
  VenueAddresses,
} from './contract.ts';
import { Gaps } from './gaps.ts';
import { head } from './heads.ts';
import { InBandBooks } from './in-band-books.ts';
import type { Instrument } from './instruments.ts';
import {
  KRAKEN_ADDRESSES,
  KRAKEN_INTERVALS,
  krakenInstrument,
  krakenInterval,
  oldPair,
  pairsRequest,
  readPairs,
} from './kraken-rest.ts';
import { RecentRows } from './recent-ids.ts';
import { KRAKEN_V1_REQUESTS } from './requests/kraken.ts';
import { klineRow, takerSide, tickerRow, tradeRow } from './rows.ts';

const SECOND = 1000;
const ID = 'kraken-v1';
/** Levels a side that are subscribed to. */
const DEPTH = 1000;
const DEFAULT_DEPTH = 10;
const MOST_SUBSCRIPTIONS = 200;
const MOST_PAIRS = 50;

/** Kraken spot, first version of its websocket, as old captures have it. */
export const KRAKEN_V1: Venue = {
  id: ID,
  name: 'Kraken (first protocol)',
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: KRAKEN_ADDRESSES,
  limits: { connects: { count: 150, withinMs: 600 * SECOND } },
  instrumentRequests: addresses => [pairsRequest(addresses.rest)],
  guess: native => krakenInstrument(oldPair(native.toUpperCase())),
  plan,
  requests: KRAKEN_V1_REQUESTS,
  decoder: host => new KrakenV1Decoder(host),
};

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  trades: 'trade',
  book: 'book',
  l3: 'book',
  klines: 'ohlc',
  tickers: 'ticker',
};

function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (let from = 0; from < subscriptions.length; from += MOST_SUBSCRIPTIONS) {
    const part = subscriptions.slice(from, from + MOST_SUBSCRIPTIONS);
    plans.push({
      url: addresses.stream,
      requests: requestsOf(part),
      paceMs: SECOND / 4,
      keepAlive: { text: () => '{"event":"ping"}', everyMs: 30 * SECOND },
      silenceMs: 30 * SECOND,
      subscriptions: part,
    });
  }
  return plans;
}

function requestsOf(subscriptions: readonly Subscription[]): string[] {
  const groups = new Map<string, { subscription: object; pairs: string[] }>();
  for (const { channel, instrument, interval } of subscriptions) {
    const subscription = {
      name: CHANNEL_NAMES[channel],
      ...(channel === 'book' ? { depth: DEPTH } : {}),
      ...(channel === 'klines' ? { interval: checkedInterval('Kraken', KRAKEN_INTERVALS, interval) } : {}),
    };
    const name = JSON.stringify(subscription);
    const group = groups.get(name) ?? { subscription, pairs: [] };
    groups.set(name, group);
    group.pairs.push(oldPair(instrument.native));
  }
  return [...groups.values()].flatMap(({ pairs, subscription }) =>
    requestTexts('subscribe', pairs, subscription),
  );
}

function requestTexts(event: string, pairs: readonly string[], subscription: object): string[] {
  const texts: string[] = [];
  for (let from = 0; from < pairs.length; from += MOST_PAIRS) {
    texts.push(JSON.stringify({ event, pair: pairs.slice(from, from + MOST_PAIRS), subscription }));
  }
  return texts;
}

/** The trades of one pair. */
interface TradeStream {
  readonly instrument: Instrument;
  readonly rows: RecentRows;
  /** Connections that were granted it; two while one replaces the other. */
  readonly connections: Set<number>;
  /** When the last one came, µs; NaN for none. */
  receivedAt: number;
}

class KrakenV1Decoder implements Decoder {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #books: InBandBooks;
  readonly #cursor = new JsonCursor();
  readonly #changes = new LevelChanges();
  readonly #streams = new Map<string, TradeStream>();
  /** Positions of what a frame carries, between its channel's number and its name. */
  readonly #payloads: number[] = [];
  #channel = '';
  #native: string | undefined;

  constructor(host: DecoderHost) {
    this.#host = host;
    this.#gaps = new Gaps(host, ID);
    const rules: BookRules = {
      venue: ID,
      checksum: {
        rule: 'CRC32 of the top 10 levels == c',
        // All numbers of one pair have the same decimals, zeros included.
        of: book => krakenChecksum(book, precisionShown(book)),
      },
    };
    this.#books = new InBandBooks(
      host,
      this.#gaps,
      () => rules,
      (connection, natives, stream) => this.#resubscribe(connection, natives, stream),
    );
  }

  get books() {
    return this.#books.feeds;
  }

  opened(): void {}

  sent(): void {}

  answer(request: RestRequest, status: number, text: string): void {
    const { pathname } = new URL(request.url);
    if (status !== 200 || !pathname.endsWith('/AssetPairs')) return;
    try {
      for (const pair of readPairs(text)) this.#host.instruments.add(pair);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${ID}: ${pathname}: ${error.message}`);
    }
  }

  binary(connection: number): void {
    this.#gaps.unreadable('', 'a binary frame', 'frame is text');
    this.#books.unreadable(connection, 'frame is text', 'a binary frame');
  }

  closed(connection: number, reason: string): void {
    this.#books.closed(connection, reason);
    for (const { connections, instrument, receivedAt } of this.#streams.values()) {
      if (!connections.delete(connection) || connections.size > 0) continue;
      const found = {
        cause: 'DISCONNECTED',
        rule: 'the connection stands',
        detail: reason,
        from: receivedAt,
      };
      this.#gaps.open({ channel: 'trades', instrument, ...found });
    }
  }

  text(connection: number, frame: string): void {
    this.#channel = '';
    this.#native = undefined;
    try {
      const cursor = this.#cursor;
      cursor.open(frame);
      if (cursor.isArray) this.#data(connection, frame);
      else this.#event(connection, frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#gaps.unreadable(frame, error.message);
      const isWhole = isJson(frame);
      if (!isWhole || this.#channel === '' || this.#channel.startsWith('book')) {
        const rule = isWhole ? 'frame is as the protocol says' : 'frame is not valid JSON';
        this.#books.unreadable(connection, rule, error.message, isWhole ? this.#native : undefined);
      }
    }
    this.#books.settle();
  }

  /** `[number, payload, …, channel, pair]` */
  #data(connection: number, frame: string): void {
    const cursor = this.#cursor;
    const payloads = this.#payloads;
    payloads.length = 0;
    let channel = '';
    let native = '';
    cursor.array();
    while (cursor.item()) {
      if (cursor.isObject || cursor.isArray) {
        payloads.push(cursor.at);
        cursor.skip();
      } else if (cursor.isString) {
        channel = native;
        native = cursor.string();
      } else cursor.skip();
    }
    cursor.close();
    if (payloads.length === 0 || channel === '') throw new FrameError('no channel with something in it');
    this.#channel = channel;
    this.#native = native;
    const [name, option = ''] = channel.split('-') as [string, string?];
    if (name === 'book') this.#book(connection, native, channel, Number(option) || DEFAULT_DEPTH);
    else if (name === 'trade') this.#trades(connection, native);
    else if (name === 'ticker') this.#ticker(native);
    else if (name === 'ohlc') this.#kline(native, Number(option) || 1);
    else if (name === 'spread') this.#host.tally.aside(name);
    else this.#unknown(frame);
  }

  #book(connection: number, native: string, channel: string, depth: number): void {
    const cursor = this.#cursor;
    const changes = this.#changes;
    changes.clear();
    let isSnapshot = false;
    let checksum = Number.NaN;
    let time = Number.NaN;
    // One message may have bids and asks in an object each.
    for (const payload of this.#payloads) {
      cursor.at = payload;
      cursor.object();
      while (cursor.key()) {
        if (cursor.is('as') || cursor.is('bs')) isSnapshot = true;
        if (cursor.is('a') || cursor.is('as')) time = readLevels(cursor, changes.asks, time);
        else if (cursor.is('b') || cursor.is('bs')) time = readLevels(cursor, changes.bids, time);
        else if (cursor.is('c')) checksum = cursor.number();
        else cursor.skip();
      }
    }
    const exchangeTime = Number.isNaN(time) ? null : time;
    if (isSnapshot) {
      this.#books.snapshot(native, connection, channel, changes, { exchangeTime, checksum, depth });
    } else {
      const facts = { exchangeTime, checksum, frame: cursor.text, at: 0 };
      this.#books.delta(native, connection, channel, changes, facts);
    }
  }

  #trades(connection: number, native: string): void {
    const cursor = this.#cursor;
    const { instrument, rows: known } = this.#tradesFlow(connection, native);
    const rows: Members[] = [];
    [cursor.at] = this.#payloads;
    cursor.array();
    while (cursor.item()) rows.push(Members.ofArray(cursor));
    known.begin(false);
    for (const row of rows) {
      if (!known.isNew([0, 1, 2, 3].map(at => row.text(at)).join(' '))) {
        this.#host.tally.of(native).counter('duplicateTrades').value++;
        continue;
      }
      const time = microsecondsOfSeconds(row.text(2));
      this.#host.emit(
        tradeRow(head(this.#host, ID, instrument, time), {
          id: null,
          side: takerSide(row.text(3)),
          priceText: row.decimal(0),
          sizeText: row.decimal(1),
        }),
      );
    }
  }

  /** Trades come, or will, on this connection. */
  #tradesFlow(connection: number, native: string): TradeStream {
    let stream = this.#streams.get(native);
    if (stream === undefined) {
      const instrument = this.#host.instruments.of(native);
      stream = { instrument, rows: new RecentRows(), connections: new Set(), receivedAt: Number.NaN };
      this.#streams.set(native, stream);
    }
    stream.connections.add(connection);
    stream.receivedAt = this.#host.receiveTime;
    this.#gaps.close('trades', stream.instrument);
    return stream;
  }

  /** `{"a":[price, whole lots, size], "b":[…], "c":[price, size], "v":[today, 24 h], …}` */
  #ticker(native: string): void {
    const cursor = this.#cursor;
    const rows = new Map<string, Members>();
    [cursor.at] = this.#payloads;
    cursor.object();
    while (cursor.key()) {
      const name = cursor.value();
      if (cursor.isArray) rows.set(name, Members.ofArray(cursor));
      else cursor.skip();
    }
    const at = (name: string, position: number) => rows.get(name)?.optionalDecimal(position) ?? null;
    this.#host.tally.of(native).counter('tickers').value++;
    this.#host.emit(
      tickerRow(head(this.#host, ID, this.#host.instruments.of(native), null), {
        bid: at('b', 0),
        bidSize: at('b', 2),
        ask: at('a', 0),
        askSize: at('a', 2),
        last: at('c', 0),
        volume: at('v', 1),
        high: at('h', 1),
        low: at('l', 1),
      }),
    );
  }

  /** `[time, end, open, high, low, close, vwap, volume, count]` */
  #kline(native: string, minutes: number): void {
    const cursor = this.#cursor;
    [cursor.at] = this.#payloads;
    const row = Members.ofArray(cursor);
    const instrument = this.#host.instruments.of(native);
    const time = microsecondsOfSeconds(row.text(0));
    this.#host.emit(
      klineRow(head(this.#host, ID, instrument, time), {
        interval: krakenInterval(minutes) ?? `${minutes}m`,
        openTime: microsecondsOfSeconds(row.text(1)) - minutes * 60e6,
        texts: [row.decimal(2), row.decimal(3), row.decimal(4), row.decimal(5), row.decimal(7)],
        trades: row.number(8),
      }),
    );
  }

  #event(connection: number, frame: string): void {
    const message = parseObject(frame);
    const { channelName, event, pair, status } = message;
    if (typeof event !== 'string') {
      this.#unknown(frame);
      return;
    }
    this.#host.tally.aside(event);
    if (status === 'error' || event === 'error') this.#host.refused(connection, frame);
    else if (status === 'subscribed' && typeof pair === 'string') {
      const { name } = memberOf(message, 'subscription');
      if (name === 'book' && typeof channelName === 'string')
        this.#books.awaited(pair, connection, channelName);
      else if (name === 'trade') this.#tradesFlow(connection, pair);
    }
  }

  #unknown(frame: string): void {
    this.#host.tally.aside('unknown');
    this.#host.notice('warning', 'FRAME_UNKNOWN', `${ID}: ${frame.slice(0, 100)}`);
  }

  #resubscribe(connection: number, natives: readonly string[], stream: string): void {
    const subscription = { name: 'book', depth: Number(stream.split('-')[1]) || DEFAULT_DEPTH };
    for (const event of ['unsubscribe', 'subscribe']) {
      for (const text of requestTexts(event, natives, subscription)) this.#host.send(connection, text);
    }
  }
}

/** Reads `[[price, size, time, "r"?], …]`; the later one of `time` and of the times there, µs. */
function readLevels(cursor: JsonCursor, side: SideChanges, time: number): number {
  let latest = time;
  cursor.array();
  while (cursor.item()) {
    cursor.array();
    if (!cursor.item()) throw new FrameError('a level without a price');
    side.readPrice(cursor);
    if (!cursor.item()) throw new FrameError('a level without a size');
    side.readSize(cursor);
    for (let at = 2; cursor.item(); at++) {
      if (at > 2) cursor.skip();
      else {
        const own = microsecondsOfSeconds(cursor.string());
        if (!(own <= latest)) latest = own;
      }
    }
  }
  return latest;
}
