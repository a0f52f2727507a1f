import type { BookRules } from '../../books/book-rules.ts';
import { krakenChecksum, krakenOrdersChecksum } from '../../books/checksums.ts';
import { type OrderChange, OrderFeed, type OrderRules, type WireOrder } from '../../books/order-feed.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import { isObject, memberOf, parseObject } from '../../wire/json-object.ts';
import { Members } from '../../wire/members.ts';
import { microsecondsOfText } from '../../wire/times.ts';
import { KlineLinks } from '../continuity/kline-links.ts';
import { TradeLinks } from '../continuity/trade-links.ts';
import { TradeRecovery } from '../continuity/trade-recovery.ts';
import type { DecoderHost } from '../contract.ts';
import { BoundFeeds } from '../decoding/bound-feeds.ts';
import { InBandBooks } from '../decoding/in-band-books.ts';
import { InBandDecoder } from '../decoding/in-band-decoder.ts';
import type { Instrument } from '../instruments.ts';
import { chunksOf } from '../planning/chunks.ts';
import { head } from '../records/heads.ts';
import { klineRow, takerSide, tickerRow, tradeRow } from '../records/rows.ts';
import { KrakenPrecisions } from './precisions.ts';
import {
  isDecimals,
  klinesRequest,
  krakenInstrument,
  krakenInterval,
  modernPair,
  type PastTrade,
  readKlines,
  readPairs,
  readTrades,
  restPair,
  tradesRequest,
} from './rest.ts';
import { DEFAULT_DEPTH, depthFor, ID, MOST_SYMBOLS, readLevels, requestText } from './words.ts';

/** State of one symbol. */
interface SymbolState {
  readonly instrument: Instrument;
  readonly trades: TradeLinks;
  readonly recovery: TradeRecovery<PastTrade>;
  readonly klines: KlineLinks;
}

/** Frames of the second version of Kraken's websocket. */
export class KrakenDecoder extends InBandDecoder {
  readonly #books: InBandBooks;
  readonly #orders: BoundFeeds<OrderFeed>;
  readonly #symbols = new Map<string, SymbolState>();
  readonly #precisions: KrakenPrecisions;
  /** Levels a side that were asked for, by channel and symbol. */
  readonly #depths = new Map<string, number>();

  constructor(host: DecoderHost) {
    super(ID, host);
    this.#precisions = new KrakenPrecisions(host.instruments);
    const rules: BookRules = {
      venue: ID,
      checksum: {
        rule: 'CRC32 of the top 10 levels == checksum',
        of: (book, { native }) => krakenChecksum(book, this.#precisions.of(native, book)),
      },
    };
    this.#books = new InBandBooks(
      host,
      this.gaps,
      () => rules,
      (connection, natives) => this.#resubscribe(connection, natives),
    );
    const orderRules: OrderRules = {
      venue: ID,
      checksum: {
        rule: 'CRC32 of the orders at the top 10 prices == checksum',
        of: (book, { native }) => krakenOrdersChecksum(book, this.#precisions.of(native, book)),
      },
    };
    this.#orders = new BoundFeeds(
      host,
      (native, need) => {
        return new OrderFeed(host, this.gaps, orderRules, host.instruments.of(native), need);
      },
      // To subscribe again needs the token of an account, which only who opened the connection has.
      connection => host.reconnect(connection, 'a book of orders is not what it was'),
    );
  }

  get books() {
    return this.#books.feeds;
  }

  get orderBooks() {
    return this.#orders.feeds;
  }

  protected kept(channel: string) {
    if (channel === '') return [this.#books, this.#orders];
    return channel === 'book' ? [this.#books] : channel === 'level3' ? [this.#orders] : [];
  }

  override sent(_connection: number, text: string): void {
    try {
      const request = parseObject(text);
      const { channel, depth, symbol } = memberOf(request, 'params');
      if (request.method !== 'subscribe') return;
      for (const native of [symbol].flat()) this.#asked(channel, native, depth);
    } catch (error) {
      // Whatever it was, it says nothing about books.
      if (!(error instanceof FrameError)) throw error;
    }
  }

  override closed(connection: number, reason: string): void {
    super.closed(connection, reason);
    for (const { klines } of this.#symbols.values()) klines.closed(connection, reason);
  }

  protected readAnswer({ pathname, searchParams }: URL, text: string): void {
    if (pathname.endsWith('/AssetPairs')) this.#listed(text);
    else if (pathname.endsWith('/Trades')) this.#pastTrades(searchParams.get('pair') ?? '', text);
    else if (pathname.endsWith('/OHLC')) this.#pastKlines(searchParams, text);
  }

  protected read(frame: string): void {
    const cursor = this.cursor;
    let method = '';
    let type = '';
    let data = -1;
    cursor.open(frame);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('channel')) this.channel = cursor.string();
      else if (cursor.is('type')) type = cursor.string();
      else if (cursor.is('method')) method = cursor.string();
      else {
        // What it is may be told after it.
        if (cursor.is('data')) {
          cursor.peek();
          data = cursor.at;
        }
        cursor.skip();
      }
    }
    cursor.close();
    if (method !== '') {
      this.#replied(method, frame);
      return;
    }
    const channel = this.channel;
    if (data === -1 || channel === 'status') this.#aside(channel, frame);
    else {
      cursor.at = data;
      if (channel === 'instrument') this.#instruments(frame);
      else if (READERS.has(channel)) {
        if (BOOKS.has(channel)) this.#bookItems(type === 'snapshot');
        else this.#items(channel, type === 'snapshot');
      } else this.#aside(channel, frame);
    }
  }

  #bookItems(isSnapshot: boolean): void {
    const cursor = this.cursor;
    cursor.array();
    while (cursor.item()) {
      if (this.channel === 'book') this.#book(isSnapshot);
      else this.#ordersItem(isSnapshot);
    }
  }

  #items(channel: string, isSnapshot: boolean): void {
    const cursor = this.cursor;
    const items: Members[] = [];
    cursor.array();
    while (cursor.item()) items.push(Members.ofObject(cursor));
    if (channel === 'trade') this.#trades(items, isSnapshot);
    else if (channel === 'ohlc') for (const item of items) this.#kline(item, isSnapshot);
    else for (const item of items) this.#ticker(item);
  }

  #book(isSnapshot: boolean): void {
    const cursor = this.cursor;
    const changes = this.changes;
    const { at } = cursor;
    changes.clear();
    let native = '';
    let checksum = Number.NaN;
    let exchangeTime: number | null = null;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('symbol')) native = this.native = cursor.string();
      else if (cursor.is('bids')) readLevels(cursor, changes.bids);
      else if (cursor.is('asks')) readLevels(cursor, changes.asks);
      else if (cursor.is('checksum')) checksum = cursor.number();
      else if (cursor.is('timestamp')) exchangeTime = microsecondsOfText(cursor.string());
      else cursor.skip();
    }
    if (native === '') throw new FrameError('a book without a symbol');
    const { connection } = this;
    if (isSnapshot) {
      const { asks, bids } = changes;
      const depth = this.#depths.get(`book ${native}`) ?? depthFor(Math.max(asks.count, bids.count));
      this.#books.snapshot(native, connection, 'book', changes, { exchangeTime, checksum, depth });
    } else {
      const facts = { exchangeTime, checksum, frame: cursor.text, at };
      this.#books.delta(native, connection, 'book', changes, facts);
    }
  }

  #ordersItem(isSnapshot: boolean): void {
    const cursor = this.cursor;
    const { at } = cursor;
    const orders: WireOrder[] = [];
    const changes: OrderChange[] = [];
    let native = '';
    let checksum = Number.NaN;
    let exchangeTime: number | null = null;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('symbol')) native = this.native = cursor.string();
      else if (cursor.is('bids') || cursor.is('asks')) {
        const side = cursor.is('bids') ? 'bid' : 'ask';
        cursor.array();
        while (cursor.item()) {
          const row = Members.ofObject(cursor);
          const id = row.text('order_id');
          if (row.optional('event') === 'delete') changes.push({ kind: 'delete', id });
          else {
            const order = {
              id,
              side,
              priceText: row.decimal('limit_price'),
              sizeText: row.decimal('order_qty'),
            } as const;
            orders.push(order);
            changes.push({ kind: 'set', ...order });
          }
        }
      } else if (cursor.is('checksum')) checksum = cursor.number();
      else if (cursor.is('timestamp')) exchangeTime = microsecondsOfText(cursor.string());
      else cursor.skip();
    }
    if (native === '') throw new FrameError('a book without a symbol');
    const { connection } = this;
    if (isSnapshot) {
      const feed = this.#orders.forSnapshot(native, connection, 'level3');
      if (feed === undefined) return;
      feed.depth = this.#depths.get(`level3 ${native}`) ?? Number.POSITIVE_INFINITY;
      feed.snapshot(orders, Number.NaN, exchangeTime, { checksum });
    } else {
      const feed = this.#orders.forDelta(native, connection, 'level3', cursor.text, at, DUPLICATES_L3);
      feed?.delta(changes, Number.NaN, exchangeTime, checksum);
    }
  }

  #trades(items: readonly Members[], isSnapshot: boolean): void {
    if (!isSnapshot) for (const item of items) this.#trade(item, false, false);
    else {
      // What a first subscription shows is the past; a later one shows what was missed in between as well.
      const begun = new Set<string>();
      const sorted = [...items].sort((one, other) => one.number('trade_id') - other.number('trade_id'));
      for (const item of sorted) {
        const native = item.text('symbol');
        if (!this.#state(native).trades.isBegun) begun.add(native);
        this.#trade(item, true, begun.has(native));
      }
    }
  }

  #trade(members: Members, isPast: boolean, isHistory: boolean): void {
    const state = this.#state(members.text('symbol'));
    const { trades } = state;
    const number = members.number('trade_id');
    const time = microsecondsOfText(members.text('timestamp'));
    let isLate = false;
    if (isHistory) trades.begin(number, time);
    else {
      const place = isPast ? trades.takePast(number, time) : trades.take(number, time);
      if (place === 'known') return;
      isLate = place === 'late';
    }
    const id = members.text('trade_id');
    this.host.emit(
      tradeRow(head(this.host, ID, state.instrument, time, id), {
        id,
        side: takerSide(members.text('side')),
        priceText: members.decimal('price'),
        sizeText: members.decimal('qty'),
        ...{ isHistory, isLate },
      }),
    );
    if (isLate) trades.settle();
    else state.recovery.start();
  }

  #kline(members: Members, isHistory: boolean): void {
    const { instrument, klines } = this.#state(members.text('symbol'));
    const interval = krakenInterval(members.number('interval')) ?? `${members.text('interval')}m`;
    const openTime = microsecondsOfText(members.text('interval_begin'));
    if (!isHistory && !klines.row(interval, openTime, this.connection)) return;
    this.host.emit(
      klineRow(head(this.host, ID, instrument, null), {
        interval,
        openTime,
        texts: [
          members.decimal('open'),
          members.decimal('high'),
          members.decimal('low'),
          members.decimal('close'),
          members.decimal('volume'),
        ],
        trades: members.number('trades'),
        isHistory,
      }),
    );
  }

  #ticker(members: Members): void {
    const native = members.text('symbol');
    const { instrument } = this.#state(native);
    this.host.tally.of(native).counter('tickers').value++;
    const time = members.optional('timestamp');
    // A market without trades has zeros, and the year 1970.
    const exchangeTime = time === null ? null : microsecondsOfText(time);
    const price = (name: string) => {
      const text = members.optionalDecimal(name);
      return text !== null && Number(text) === 0 ? null : text;
    };
    this.host.emit(
      tickerRow(head(this.host, ID, instrument, exchangeTime === 0 ? null : exchangeTime), {
        bid: price('bid'),
        bidSize: members.optionalDecimal('bid_qty'),
        ask: price('ask'),
        askSize: members.optionalDecimal('ask_qty'),
        last: price('last'),
        volume: members.optionalDecimal('volume'),
        high: price('high'),
        low: price('low'),
      }),
    );
  }

  /** An answer to a request of ours. */
  #replied(method: string, frame: string): void {
    this.host.tally.aside(method);
    const reply = parseObject(frame);
    const result = memberOf(reply, 'result');
    if (reply.success === false) this.host.refused(this.connection, frame);
    else if (method === 'subscribe') {
      const { channel, depth, symbol } = result;
      this.#asked(channel, symbol, depth);
      if (typeof symbol !== 'string') return;
      if (channel === 'book') this.#books.awaited(symbol, this.connection, channel);
      else if (channel === 'level3') this.#orders.awaited(symbol, this.connection, channel);
    }
  }

  #asked(channel: unknown, native: unknown, asked: unknown): void {
    const depth = asked ?? DEFAULT_DEPTH;
    if (typeof channel !== 'string' || !BOOKS.has(channel) || typeof native !== 'string') return;
    if (Number.isInteger(depth) && (depth as number) > 0)
      this.#depths.set(`${channel} ${native}`, depth as number);
  }

  #aside(channel: string, frame: string): void {
    if (CHANNELS_ASIDE.has(channel)) {
      this.host.tally.aside(channel);
      return;
    }
    this.unknown(frame);
  }

  #instruments(frame: string): void {
    this.host.tally.aside('instrument');
    const { pairs } = memberOf(parseObject(frame), 'data');
    for (const pair of Array.isArray(pairs) ? pairs.filter(isObject) : []) {
      const { price_precision: price, qty_precision: size, symbol } = pair;
      if (typeof symbol !== 'string' || !isDecimals(price) || !isDecimals(size)) continue;
      const decimals = { priceDecimals: price, sizeDecimals: size };
      this.host.instruments.add({ ...krakenInstrument(symbol), ...decimals });
    }
  }

  #listed(text: string): void {
    for (const pair of readPairs(text)) {
      this.host.instruments.add({ ...pair, native: modernPair(pair.native) });
    }
  }

  #pastTrades(pair: string, text: string): void {
    this.#byRestPair(pair).recovery.bring(readTrades(text));
  }

  #pastTrade(instrument: Instrument, { id, priceText, side, sizeText, time }: PastTrade): void {
    this.host.emit(
      tradeRow(head(this.host, ID, instrument, time, String(id)), {
        ...{ id: String(id), side: takerSide(side), priceText, sizeText, isLate: true },
      }),
    );
  }

  protected override refused({ pathname, searchParams }: URL): void {
    if (!/\/(Trades|OHLC)$/.test(pathname)) return;
    const pair = searchParams.get('pair') ?? '';
    const state = [...this.#symbols].find(([native]) => restPair(native) === pair)?.[1];
    if (state === undefined) return;
    const { klines, recovery } = state;
    if (pathname.endsWith('/OHLC')) klines.failed(krakenInterval(Number(searchParams.get('interval'))) ?? '');
    else recovery.failed();
  }

  #pastKlines(query: URLSearchParams, text: string): void {
    const { instrument, klines } = this.#byRestPair(query.get('pair') ?? '');
    const interval = krakenInterval(Number(query.get('interval'))) ?? '';
    klines.bring(interval, readKlines(text), ({ openTime, texts, trades }) =>
      this.host.emit(
        klineRow(head(this.host, ID, instrument, null), {
          ...{ interval, openTime, texts, trades },
          ...{ isClosed: true, isLate: true },
        }),
      ),
    );
  }

  #resubscribe(connection: number, natives: readonly string[]): void {
    const byDepth = new Map<number, string[]>();
    for (const native of natives) {
      const depth = this.#depths.get(`book ${native}`) ?? DEFAULT_DEPTH;
      byDepth.set(depth, [...(byDepth.get(depth) ?? []), native]);
    }
    for (const [depth, all] of byDepth) {
      for (const symbol of chunksOf(all, MOST_SYMBOLS)) {
        this.host.send(connection, requestText('unsubscribe', { channel: 'book', symbol, depth }));
        const params = { channel: 'book', symbol, depth, snapshot: true };
        this.host.send(connection, requestText('subscribe', params));
      }
    }
  }

  #byRestPair(pair: string): SymbolState {
    for (const [native, state] of this.#symbols) {
      if (restPair(native) === pair) return state;
    }
    throw new FrameError(`an answer about ${pair}, of which nothing is known`);
  }

  #state(native: string): SymbolState {
    const known = this.#symbols.get(native);
    if (known !== undefined) return known;
    const host = this.host;
    const instrument = host.instruments.of(native);
    const trades = new TradeLinks(host, this.gaps, instrument, 'trade_id == previous + 1');
    const state: SymbolState = {
      ...{ instrument, trades },
      recovery: new TradeRecovery({
        ...{ links: trades, direction: 'forward' },
        ask: ({ since }, edge) => host.fetch(tradesRequest(host.addresses.rest, native, edge?.time ?? since)),
        emit: row => this.#pastTrade(instrument, row),
      }),
      klines: new KlineLinks(host, this.gaps, instrument, ({ from, interval }) =>
        host.fetch(klinesRequest(host.addresses.rest, native, interval, from)),
      ),
    };
    this.#symbols.set(native, state);
    return state;
  }
}

const BOOKS: ReadonlySet<string> = new Set(['book', 'level3']);
const READERS: ReadonlySet<string> = new Set([...BOOKS, 'trade', 'ohlc', 'ticker']);
const DUPLICATES_L3 = ['l3Deltas', 'duplicateL3Deltas'];
const CHANNELS_ASIDE: ReadonlySet<string> = new Set(['heartbeat', 'status', 'instrument']);
