import type { KlineRecord } from '../../../model/records.ts';
import { type BookRules, beginsAfterLast, countsUp, reachesAfterSnapshot } from '../../books/book-rules.ts';
import type { PriceRange } from '../../books/level-changes.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import {
  asNumberText,
  listOf,
  numberText,
  objectOf,
  readTexts,
  type TextObject,
  textOf,
  textOrNull,
} from '../../wire/json-texts.ts';
import { MemberPlaces } from '../../wire/member-places.ts';
import type { DecoderHost, PastRequests } from '../contract.ts';
import type { SymbolStreams } from '../decoding/symbol-streams.ts';
import type { Instrument } from '../instruments.ts';
import { head, timeOf } from '../records/heads.ts';
import { klineRow, tradeRow } from '../records/rows.ts';
import { sideOf, UnifiedDecoder } from './unified.ts';
import { canonicalInterval, type KucoinMarket, tickerNumber } from './words.ts';

/** Levels a side below which a book of the best hundred is asked for again. */
const FEWEST_LEVELS = 20;

export const spotRules = (venue: string): BookRules => ({
  venue,
  link: beginsAfterLast(
    'sequenceStart == previous sequenceEnd + 1',
    (last, { first }) => `start=${first} previous end=${last}`,
  ),
  join: {
    ...reachesAfterSnapshot(
      'snapshot join: sequenceStart<=S+1<=sequenceEnd',
      (snapshot, { first, last }) => `S=${snapshot} start=${first} end=${last}`,
    ),
    isByChange: true,
  },
});

const futuresRules = (venue: string): BookRules => ({
  venue,
  link: countsUp(
    'sequence == previous sequence + 1',
    (last, delta) => `sequence=${delta.last} previous=${last}`,
  ),
  join: reachesAfterSnapshot(
    'snapshot join: sequence==S+1',
    (snapshot, { last }) => `S=${snapshot} sequence=${last}`,
  ),
});

/** Frames of KuCoin's API of topics, and of its newer one, which may come on any of its sockets. */
export class KucoinDecoder extends UnifiedDecoder {
  protected override readonly askPause = 1_000_000;
  readonly #market: KucoinMarket;
  readonly #rules: BookRules;
  readonly #snapshotRules: BookRules;
  readonly #members = new MemberPlaces([
    'type',
    'topic',
    'subject',
    'data',
    'id',
    'T',
    'result',
    'message',
    'code',
    'msg',
  ]);
  readonly #sequences = { first: 0, last: 0, previous: Number.NaN };

  constructor(market: KucoinMarket, host: DecoderHost, past: PastRequests) {
    super(market.id, host, past);
    this.#market = market;
    this.#rules = market.isFutures ? futuresRules(market.id) : spotRules(market.id);
    this.#snapshotRules = { venue: market.id };
  }

  protected override asksFor(text: string, stream: 'trades' | 'book', { native }: Instrument): boolean {
    const topic = this.#market.topics[stream];
    const names = new RegExp(`"type":"subscribe","topic":"${topic}:([^"]*)"`).exec(text)?.[1];
    return names?.split(',').includes(native) === true;
  }

  protected override suspect(frame: string): string | undefined {
    const topic = /"(?:topic|T)":"([^"]+)"/.exec(frame)?.[1];
    const subject = /"subject":"([^"]+)"/.exec(frame)?.[1];
    if (topic !== undefined && !/level2|obu/.test(topic)) return '';
    if (subject !== undefined && !/level2|l2update/.test(subject)) return '';
    return /(?:level2\w*:|"symbol":"|"s":")([^",]+)"/.exec(frame)?.[1];
  }

  protected read(frame: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.open(frame);
    members.read(cursor);
    cursor.close();
    if (members.has('T')) {
      this.readUnified(frame, members.text(cursor, 'T'));
      return;
    }
    const type = members.text(cursor, 'type');
    if (type === 'message') this.#message(frame, cursor);
    else if (type === 'welcome' || type === 'ack' || type === 'pong') this.host.tally.aside(type);
    else if (type === 'error' || (type === '' && members.has('code') && members.has('msg'))) {
      this.host.tally.aside('error');
      this.host.refused(this.connection, frame);
    } else if (members.text(cursor, 'message') === 'welcome') this.host.tally.aside('welcome');
    else if (members.has('result')) this.host.tally.aside('ack');
    else this.unknown(frame);
  }

  #message(frame: string, cursor: JsonCursor): void {
    const members = this.#members;
    const [topic, names = ''] = members.text(cursor, 'topic').split(':', 2) as [string, string?];
    const subject = members.text(cursor, 'subject');
    if (!members.seek(cursor, 'data')) throw new FrameError('no data');
    if (topic === '/market/level2') this.#changesOf(names, cursor);
    else if (topic === '/contractMarket/level2') this.#change(names, cursor);
    else if (/^\/(spotMarket|contractMarket)\/level2Depth\d+$/.test(topic)) this.#depth(topic, names, cursor);
    else {
      const data = objectOf(readTexts(cursor), 'data');
      if (topic === '/market/match' || topic === '/contractMarket/execution') this.#trade(names, data);
      else if (topic === '/market/ticker' || topic.startsWith('/contractMarket/ticker')) {
        this.#ticker(names === 'all' ? subject : names, data);
      } else if (topic === '/market/snapshot') this.#dayTicker(objectOf(data.data, 'data'));
      else if (topic === '/market/candles' || topic === '/contractMarket/limitCandle')
        this.#kline(names, data);
      else this.unknown(frame);
    }
  }

  protected askForBook({ bookStream, instrument }: SymbolStreams, connection: number): void {
    const { rest } = this.host.addresses;
    if (bookStream.startsWith('obu')) {
      this.askForUnifiedBook(instrument.native, connection);
      return;
    }
    // Whole books come with every frame of these.
    if (bookStream !== 'level2') return;
    const symbol = encodeURIComponent(instrument.native);
    this.host.fetch({ method: 'GET', url: `${rest}${this.#market.snapshotPath}?symbol=${symbol}` });
  }

  protected readAnswer(url: URL, text: string): void {
    const { cursor } = this;
    const path = url.pathname;
    const native = url.searchParams.get('symbol') ?? '';
    cursor.open(text);
    if (/\/(orderbook\/level2(_\d+)?|level2\/(snapshot|depth\d+))$/.test(path)) {
      this.#snapshot(native, Number(/(?:_|depth)(\d+)$/.exec(path)?.[1] ?? Number.POSITIVE_INFINITY));
      return;
    }
    const isTrades = path.endsWith('/market/histories') || path.endsWith('/trade/history');
    const isKlines = path.endsWith('/market/candles') || path.endsWith('/kline/query');
    const isList = path.endsWith('/symbols') || path.endsWith('/contracts/active');
    if (!isTrades && !isKlines && !isList) return;
    const answer = objectOf(readTexts(cursor), 'the answer');
    cursor.close();
    const rows = listOf(answer.data, 'data');
    if (isTrades)
      this.#missedTrades(
        native,
        rows.map(row => objectOf(row, 'a trade')),
      );
    else if (isKlines)
      this.#missedKlines(
        url,
        rows.map(row => listOf(row, 'a kline').map(value => asNumberText(value, 'a kline'))),
      );
    else
      for (const row of rows) this.host.instruments.add(this.#market.listed(objectOf(row, 'an instrument')));
  }

  #changesOf(topicOf: string, cursor: JsonCursor): void {
    const sequences = this.#sequences;
    const { asks, bids } = this.changes;
    this.changes.clear();
    let [native, first, last, time] = [topicOf, Number.NaN, Number.NaN, null as number | null];
    let hasChanges = false;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('symbol')) native = cursor.string();
      else if (cursor.is('sequenceStart')) first = cursor.number();
      else if (cursor.is('sequenceEnd')) last = cursor.number();
      else if (cursor.is('time')) time = timeOf(cursor.scalar() ?? '');
      else if (cursor.is('changes')) {
        hasChanges = true;
        cursor.object();
        while (cursor.key()) {
          if (cursor.is('asks')) asks.readNumberedLevels(cursor);
          else if (cursor.is('bids')) bids.readNumberedLevels(cursor);
          else cursor.skip();
        }
      } else cursor.skip();
    }
    if (!hasChanges || Number.isNaN(first) || Number.isNaN(last)) throw new FrameError('no changes');
    // A price of 0 only moves the sequence on.
    this.changes.filter(price => price !== 0);
    sequences.first = first;
    sequences.last = last;
    this.#delta(native, time);
  }

  /** `"change":"90631.2,sell,2"`. */
  #change(topicOf: string, cursor: JsonCursor): void {
    const sequences = this.#sequences;
    this.changes.clear();
    let [last, time, change] = [Number.NaN, null as number | null, -1];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('sequence')) last = cursor.number();
      else if (cursor.is('timestamp')) time = timeOf(cursor.scalar() ?? '');
      else if (cursor.is('change')) {
        cursor.string();
        change = cursor.start;
      } else cursor.skip();
    }
    if (change === -1 || Number.isNaN(last)) throw new FrameError('no change');
    const side = /^[^,"]+,(buy|sell),/.exec(cursor.text.slice(change, change + 80));
    if (side === null) throw new FrameError('a change that is not price,side,size');
    const levels = side[1] === 'buy' ? this.changes.bids : this.changes.asks;
    cursor.at = change;
    levels.readPrice(cursor);
    cursor.at = change + side[0].length;
    levels.readSize(cursor);
    this.changes.filter(price => price !== 0);
    sequences.first = last;
    sequences.last = last;
    this.#delta(topicOf, time);
  }

  #delta(native: string, time: number | null): void {
    const streams = this.of(native);
    const feed = this.bookOf(streams, 'level2', this.#rules);
    if (feed === undefined) return;
    streams.bookCarriers.add(this.connection);
    streams.isCut = false;
    feed.delta(this.changes, this.#sequences, time);
    if (!feed.isValid || !streams.isPartial) return;
    const fewest = Math.min(feed.book.bids.length, feed.book.asks.length);
    if (fewest < FEWEST_LEVELS) {
      feed.lose('DEPTH', `at least ${FEWEST_LEVELS} levels a side are known`, `${fewest} are left`);
    }
  }

  #depth(topic: string, native: string, cursor: JsonCursor): void {
    const { asks, bids } = this.changes;
    this.changes.clear();
    let time: number | null = null;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('asks')) asks.readLevels(cursor);
      else if (cursor.is('bids')) bids.readLevels(cursor);
      else if (cursor.is('timestamp')) time = timeOf(cursor.scalar() ?? '');
      else cursor.skip();
    }
    const streams = this.of(native);
    const stream = topic.slice(topic.lastIndexOf('/') + 1);
    if (this.bookOf(streams, stream, this.#snapshotRules) === undefined) return;
    this.snapshotInBand(streams, Number.NaN, time);
  }

  #snapshot(native: string, most: number): void {
    const { changes, cursor } = this;
    changes.clear();
    let [sequence, time] = [Number.NaN, null as number | null];
    cursor.object();
    while (cursor.key()) {
      if (!cursor.is('data')) {
        cursor.skip();
        continue;
      }
      cursor.object();
      while (cursor.key()) {
        if (cursor.is('sequence')) sequence = cursor.number();
        else if (cursor.is('bids')) changes.bids.readLevels(cursor);
        else if (cursor.is('asks')) changes.asks.readLevels(cursor);
        else if (cursor.is('time') || cursor.is('ts')) time = timeOf(cursor.scalar() ?? '');
        else cursor.skip();
      }
    }
    cursor.close();
    if (Number.isNaN(sequence)) throw new FrameError('a snapshot without a sequence');
    const streams = this.of(native);
    const feed = this.bookOf(streams, 'level2', this.#rules);
    // Its changes do not come any more: the book would stand still and look whole.
    if (feed === undefined || streams.isCut) return;
    const known = knownRange(this.changes.bids, this.changes.asks, most);
    streams.isPartial = known !== undefined;
    feed.snapshot(changes, sequence, time, Number.NaN, known);
  }

  #trade(topicOf: string, data: TextObject): void {
    const streams = this.of(textOrNull(data, 'symbol') ?? topicOf);
    const sequence = textOrNull(data, 'sequence');
    const id = textOrNull(data, 'tradeId');
    if (!streams.tradeIds.isNew(sequence ?? id ?? '')) {
      streams.duplicateTrades.value++;
      return;
    }
    const time = timeOf(textOrNull(data, 'time') ?? textOf(data, 'ts'));
    this.tradesFlow(streams, time);
    this.#emitTrade(streams, data, id, sequence, time, false);
  }

  #emitTrade(
    { instrument }: SymbolStreams,
    data: TextObject,
    id: string | null,
    sequence: string | null,
    time: number,
    isLate: boolean,
  ): void {
    const priceText = numberText(data, 'price');
    const sizeText = numberText(data, 'size');
    this.host.emit(
      tradeRow(head(this.host, this.venue, instrument, time, sequence), {
        ...{ id, side: sideOf(textOf(data, 'side')), priceText, sizeText, isLate },
      }),
    );
  }

  #ticker(native: string, data: TextObject): void {
    const { instrument, tickers } = this.of(native);
    const time = textOrNull(data, 'time') ?? textOrNull(data, 'Time') ?? textOrNull(data, 'ts');
    tickers.value++;
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, time === null ? null : timeOf(time)),
      sequence: textOrNull(data, 'sequence'),
      bid: tickerNumber(data, 'bestBid', 'bestBidPrice'),
      bidSize: tickerNumber(data, 'bestBidSize'),
      ask: tickerNumber(data, 'bestAsk', 'bestAskPrice'),
      askSize: tickerNumber(data, 'bestAskSize'),
      last: tickerNumber(data, 'price'),
      ...{ volume: null, high: null, low: null },
    });
  }

  #dayTicker(data: TextObject): void {
    const { instrument, tickers } = this.of(textOf(data, 'symbol'));
    const time = textOrNull(data, 'datetime');
    tickers.value++;
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, time === null ? null : timeOf(time)),
      bid: tickerNumber(data, 'buy'),
      bidSize: tickerNumber(data, 'bidSize'),
      ask: tickerNumber(data, 'sell'),
      askSize: tickerNumber(data, 'askSize'),
      last: tickerNumber(data, 'lastTradedPrice', 'close'),
      volume: tickerNumber(data, 'vol'),
      high: tickerNumber(data, 'high'),
      low: tickerNumber(data, 'low'),
    });
  }

  /** `names` is `BTC-USDT_1min`. */
  #kline(names: string, data: TextObject): void {
    const at = names.lastIndexOf('_');
    const native = textOrNull(data, 'symbol') ?? names.slice(0, at);
    const time = textOrNull(data, 'time');
    const row = listOf(data.candles, 'candles').map(value => asNumberText(value, 'a kline'));
    const interval = canonicalInterval(names.slice(at + 1));
    this.#emitKline(native, interval, row, time === null ? null : timeOf(time));
  }

  /** Start in seconds, open, close, high, low, volume, turnover. */
  #emitKline(
    native: string,
    interval: string,
    row: readonly string[],
    time: number | null,
    isLate = false,
  ): void {
    const [start, openText, closeText, highText, lowText, volumeText, turnover] = row;
    if (turnover === undefined) throw new FrameError('a kline of too few numbers');
    const texts: KlineRecord['texts'] = [openText, highText, lowText, closeText, volumeText];
    const { instrument, klines } = this.of(native);
    const openTime = timeOf(start);
    if (!isLate && !klines.row(interval, openTime, this.connection)) return;
    this.host.emit(
      klineRow(head(this.host, this.venue, instrument, time), {
        ...{ interval, openTime, texts, quoteVolume: Number(turnover), isLate },
      }),
    );
  }

  #missedTrades(native: string, rows: readonly TextObject[]): void {
    const streams = this.of(native);
    const found = rows.map(row => ({ row, time: timeOf(textOrNull(row, 'time') ?? textOf(row, 'ts')) }));
    // The latest is first; equal times keep their order.
    streams.holes.bring(found.reverse(), ({ row, time }) => {
      const sequence = textOrNull(row, 'sequence');
      const id = textOrNull(row, 'tradeId');
      if (streams.tradeIds.isNew(sequence ?? id ?? ''))
        this.#emitTrade(streams, row, id, sequence, time, true);
    });
  }

  #missedKlines(url: URL, rows: readonly (readonly string[])[]): void {
    const native = url.searchParams.get('symbol') ?? '';
    const interval = intervalOf(url);
    const found = rows.map(one => {
      const row = this.#market.klineRow(one);
      return { openTime: timeOf(row[0]), row };
    });
    this.of(native).klines.bring(
      interval,
      found,
      ({ row }) => this.#emitKline(native, interval, row, null, true),
      this.past?.klineRows,
    );
  }

  protected override refused(url: URL): void {
    const native = url.searchParams.get('symbol');
    if (native === null) return;
    const { holes, klines } = this.of(native);
    if (/\/(market\/histories|trade\/history)$/.test(url.pathname)) holes.failed();
    else if (/\/(market\/candles|kline\/query)$/.test(url.pathname)) klines.failed(intervalOf(url));
  }
}

/** Of a request for klines. Throws FrameError. */
function intervalOf({ searchParams }: URL): string {
  const interval = searchParams.get('type') ?? `${searchParams.get('granularity')}`;
  return canonicalInterval(/^\d+$/.test(interval) ? `${interval}min` : interval);
}

/** How far a snapshot of the best `most` levels reaches; undefined where it has all that there are. */
function knownRange(
  bids: { readonly count: number; levels(): readonly (readonly [string, string, number, number])[] },
  asks: typeof bids,
  most: number,
): PriceRange | undefined {
  if (bids.count < most && asks.count < most) return undefined;
  const prices = (side: typeof bids) => side.levels().map(([, , price]) => price);
  return {
    lowestBid: bids.count < most ? 0 : Math.min(...prices(bids)),
    highestAsk: asks.count < most ? Number.POSITIVE_INFINITY : Math.max(...prices(asks)),
  };
}
