import type { Channel } from '../../../model/records.ts';
import type { BookRules } from '../../books/book-rules.ts';
import { krakenChecksum, precisionShown } from '../../books/checksums.ts';
import type { SideChanges } from '../../books/level-changes.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import { memberOf, parseObject } from '../../wire/json-object.ts';
import { Members } from '../../wire/members.ts';
import { microsecondsOfSeconds } from '../../wire/times.ts';
import { KlineLinks } from '../continuity/kline-links.ts';
import { RecentRows } from '../continuity/recent-ids.ts';
import type { ConnectionPlan, DecoderHost, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { InBandBooks } from '../decoding/in-band-books.ts';
import { InBandDecoder } from '../decoding/in-band-decoder.ts';
import type { Instrument } from '../instruments.ts';
import { checkedInterval } from '../planning/checked-interval.ts';
import { chunksOf } from '../planning/chunks.ts';
import { head } from '../records/heads.ts';
import { klineRow, takerSide, tickerRow, tradeRow } from '../records/rows.ts';
import { KRAKEN_V1_REQUESTS } from './requests.ts';
import {
  KRAKEN_ADDRESSES,
  KRAKEN_INTERVALS,
  krakenInstrument,
  krakenInterval,
  oldPair,
  pairsRequest,
  readPairs,
} from './rest.ts';

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
  for (const part of chunksOf(subscriptions, MOST_SUBSCRIPTIONS)) {
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
  return chunksOf(pairs, MOST_PAIRS).map(pair => JSON.stringify({ event, pair, subscription }));
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

class KrakenV1Decoder extends InBandDecoder {
  readonly #books: InBandBooks;
  readonly #streams = new Map<string, TradeStream>();
  readonly #klines = new Map<string, KlineLinks>();
  /** Positions of what a frame carries, between its channel's number and its name. */
  readonly #payloads: number[] = [];

  constructor(host: DecoderHost) {
    super(ID, host);
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
      this.gaps,
      () => rules,
      (connection, natives, stream) => this.#resubscribe(connection, natives, stream),
    );
  }

  get books() {
    return this.#books.feeds;
  }

  protected kept(channel: string) {
    return channel === '' || channel.startsWith('book') ? [this.#books] : [];
  }

  protected readAnswer({ pathname }: URL, text: string): void {
    if (!pathname.endsWith('/AssetPairs')) return;
    for (const pair of readPairs(text)) this.host.instruments.add(pair);
  }

  override closed(connection: number, reason: string): void {
    super.closed(connection, reason);
    for (const links of this.#klines.values()) links.closed(connection, reason);
    for (const { connections, instrument, receivedAt } of this.#streams.values()) {
      if (!connections.delete(connection) || connections.size > 0) continue;
      const found = {
        cause: 'DISCONNECTED',
        rule: 'the connection stands',
        detail: reason,
        from: receivedAt,
      };
      this.gaps.open({ channel: 'trades', instrument, ...found });
    }
  }

  protected read(frame: string): void {
    this.cursor.open(frame);
    if (this.cursor.isArray) this.#data(frame);
    else this.#event(frame);
  }

  /** `[number, payload, …, channel, pair]` */
  #data(frame: string): void {
    const cursor = this.cursor;
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
    this.channel = channel;
    this.native = native;
    const [name, option = ''] = channel.split('-') as [string, string?];
    if (name === 'book') this.#book(native, channel, Number(option) || DEFAULT_DEPTH);
    else if (name === 'trade') this.#trades(native);
    else if (name === 'ticker') this.#ticker(native);
    else if (name === 'ohlc') this.#kline(native, Number(option) || 1);
    else if (name === 'spread') this.host.tally.aside(name);
    else this.unknown(frame);
  }

  #book(native: string, channel: string, depth: number): void {
    const cursor = this.cursor;
    const changes = this.changes;
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
    const { connection } = this;
    if (isSnapshot) {
      this.#books.snapshot(native, connection, channel, changes, { exchangeTime, checksum, depth });
    } else {
      const facts = { exchangeTime, checksum, frame: cursor.text, at: 0 };
      this.#books.delta(native, connection, channel, changes, facts);
    }
  }

  #trades(native: string): void {
    const cursor = this.cursor;
    const { instrument, rows: known } = this.#tradesFlow(native);
    const rows: Members[] = [];
    [cursor.at] = this.#payloads;
    cursor.array();
    while (cursor.item()) rows.push(Members.ofArray(cursor));
    known.begin(false);
    for (const row of rows) {
      if (!known.isNew([0, 1, 2, 3].map(at => row.text(at)).join(' '))) {
        this.host.tally.of(native).counter('duplicateTrades').value++;
        continue;
      }
      const time = microsecondsOfSeconds(row.text(2));
      this.host.emit(
        tradeRow(head(this.host, ID, instrument, time), {
          id: null,
          side: takerSide(row.text(3)),
          priceText: row.decimal(0),
          sizeText: row.decimal(1),
        }),
      );
    }
  }

  /** Trades come, or will, on this connection. */
  #tradesFlow(native: string): TradeStream {
    let stream = this.#streams.get(native);
    if (stream === undefined) {
      const instrument = this.host.instruments.of(native);
      stream = { instrument, rows: new RecentRows(), connections: new Set(), receivedAt: Number.NaN };
      this.#streams.set(native, stream);
    }
    stream.connections.add(this.connection);
    stream.receivedAt = this.host.receiveTime;
    this.gaps.close('trades', stream.instrument);
    return stream;
  }

  /** `{"a":[price, whole lots, size], "b":[…], "c":[price, size], "v":[today, 24 h], …}` */
  #ticker(native: string): void {
    const cursor = this.cursor;
    const rows = new Map<string, Members>();
    [cursor.at] = this.#payloads;
    cursor.object();
    while (cursor.key()) {
      const name = cursor.value();
      if (cursor.isArray) rows.set(name, Members.ofArray(cursor));
      else cursor.skip();
    }
    const at = (name: string, position: number) => rows.get(name)?.optionalDecimal(position) ?? null;
    this.host.tally.of(native).counter('tickers').value++;
    this.host.emit(
      tickerRow(head(this.host, ID, this.host.instruments.of(native), null), {
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
    const cursor = this.cursor;
    [cursor.at] = this.#payloads;
    const row = Members.ofArray(cursor);
    const instrument = this.host.instruments.of(native);
    const time = microsecondsOfSeconds(row.text(0));
    const interval = krakenInterval(minutes) ?? `${minutes}m`;
    const openTime = microsecondsOfSeconds(row.text(1)) - minutes * 60e6;
    if (!this.#klineLinks(native, instrument).row(interval, openTime, this.connection)) return;
    this.host.emit(
      klineRow(head(this.host, ID, instrument, time), {
        interval,
        openTime,
        texts: [row.decimal(2), row.decimal(3), row.decimal(4), row.decimal(5), row.decimal(7)],
        trades: row.number(8),
      }),
    );
  }

  #klineLinks(native: string, instrument: Instrument): KlineLinks {
    let links = this.#klines.get(native);
    if (links === undefined) {
      links = new KlineLinks(this.host, this.gaps, instrument);
      this.#klines.set(native, links);
    }
    return links;
  }

  #event(frame: string): void {
    const message = parseObject(frame);
    const { channelName, event, pair, status } = message;
    if (typeof event !== 'string') {
      this.unknown(frame);
      return;
    }
    this.host.tally.aside(event);
    if (status === 'error' || event === 'error') this.host.refused(this.connection, frame);
    else if (status === 'subscribed' && typeof pair === 'string') {
      const { name } = memberOf(message, 'subscription');
      if (name === 'book' && typeof channelName === 'string')
        this.#books.awaited(pair, this.connection, channelName);
      else if (name === 'trade') this.#tradesFlow(pair);
    }
  }

  #resubscribe(connection: number, natives: readonly string[], stream: string): void {
    const subscription = { name: 'book', depth: Number(stream.split('-')[1]) || DEFAULT_DEPTH };
    for (const event of ['unsubscribe', 'subscribe']) {
      for (const text of requestTexts(event, natives, subscription)) this.host.send(connection, text);
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
