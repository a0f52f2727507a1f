import { type BookRules, neverGoesBack } from '../../books/book-rules.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import {
  listOf,
  numberText,
  objectOf,
  readTexts,
  type TextObject,
  textOf,
  textOrNull,
} from '../../wire/json-texts.ts';
import { MemberPlaces } from '../../wire/member-places.ts';
import { RecentRows } from '../continuity/recent-ids.ts';
import type { DecoderHost, PastRequests } from '../contract.ts';
import { StreamDecoder } from '../decoding/stream-decoder.ts';
import type { SymbolStreams } from '../decoding/symbol-streams.ts';
import type { Instrument } from '../instruments.ts';
import { intervalOfSeconds, secondsOfInterval } from '../planning/intervals.ts';
import { head, timeOf } from '../records/heads.ts';
import { klineRow, tradeRow } from '../records/rows.ts';
import {
  CONTRACT_DECIMALS,
  decimalsOf,
  isReal,
  type KlineRow,
  product,
  readKline,
  scaled,
  scaledOrNull,
  sequenceOf,
  type TradeRow,
  tradeOf,
} from './words.ts';

const RULES: BookRules = {
  venue: 'phemex',
  link: { ...neverGoesBack('sequence'), holdsForSnapshots: true },
  repeated: { rule: 'in-band 60 s snapshot == local book' },
};

const PAST: PastRequests = {
  trades: (rest, instrument) => {
    const path = isReal(instrument) ? '/md/v2/trade' : '/md/trade';
    return { method: 'GET', url: `${rest}${path}?symbol=${encodeURIComponent(instrument.native)}` };
  },
  klines: (rest, { native }, interval, from, to) => {
    const query = `symbol=${encodeURIComponent(native)}&resolution=${secondsOfInterval(interval)}`;
    const range = `from=${seconds(from)}&to=${seconds(to)}`;
    return { method: 'GET', url: `${rest}/exchange/public/md/v2/kline/list?${query}&${range}` };
  },
};

const TRADES_PATH = /\/md\/(v2\/)?trade$/;
const LIVE = { isHistory: false, isLate: false } as const;
const LATE = { isHistory: false, isLate: true } as const;

const seconds = (time: number) => Math.floor(time / 1_000_000);

/** Frames of Phemex: scaled integers and real decimals. */
export class PhemexDecoder extends StreamDecoder {
  readonly #members = new MemberPlaces([
    ...['book', 'orderbook_p', 'trades', 'trades_p', 'kline', 'kline_p', 'market24h', 'spot_market24h'],
    ...[
      'symbol',
      'type',
      'sequence',
      'timestamp',
      'depth',
      'result',
      'error',
      'id',
      'method',
      'fields',
      'data',
    ],
    ...['priceScale', 'qtyScale'],
  ]);
  #request = 1000;
  readonly #known = new Map<SymbolStreams, RecentRows>();

  constructor(host: DecoderHost) {
    super('phemex', host, PAST);
  }

  protected override asksFor(text: string, stream: 'trades' | 'book', { native }: Instrument): boolean {
    return stream === 'trades' && new RegExp(`"trade(_p)?\\.subscribe","params":\\["${native}"`).test(text);
  }

  protected override suspect(frame: string): string | undefined {
    if (/^\s*\{\s*"(kline|kline_p|trades|trades_p|result|error|market24h)"/.test(frame)) return '';
    return /"symbol":"([^"]+)"/.exec(frame)?.[1];
  }

  protected read(frame: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.open(frame);
    members.read(cursor);
    cursor.close();
    if (members.has('book')) this.#book('book', cursor);
    else if (members.has('orderbook_p')) this.#book('orderbook_p', cursor);
    else if (members.has('trades')) this.#trades('trades', cursor);
    else if (members.has('trades_p')) this.#trades('trades_p', cursor);
    else if (members.has('kline')) this.#klines('kline', cursor);
    else if (members.has('kline_p')) this.#klines('kline_p', cursor);
    else if (members.has('market24h') || members.has('spot_market24h')) this.#dayTicker(cursor);
    else if (members.has('fields') && members.has('data')) this.#packedTickers(cursor);
    else if (members.has('result') || members.has('error')) this.#answered(frame, cursor);
    else this.unknown(frame);
  }

  protected askForBook({ bookStream, instrument }: SymbolStreams, connection: number): void {
    const topic = bookStream === 'orderbook_p' ? 'orderbook_p' : 'orderbook';
    // Subscribing again to one symbol replaces its subscription, with a snapshot; unsubscribing would end all of them.
    const params = JSON.stringify([instrument.native]);
    this.host.send(connection, `{"id":${++this.#request},"method":"${topic}.subscribe","params":${params}}`);
  }

  protected readAnswer(url: URL, text: string): void {
    const { cursor } = this;
    cursor.open(text);
    const answer = objectOf(readTexts(cursor), 'the answer');
    cursor.close();
    if (TRADES_PATH.test(url.pathname)) this.#missedTrades(objectOf(answer.result, 'result'));
    else if (url.pathname.endsWith('/kline/list')) this.#missedKlines(url, objectOf(answer.data, 'data'));
    else if (url.pathname.endsWith('/products')) this.#listed(objectOf(answer.data, 'data'));
  }

  #answered(frame: string, cursor: JsonCursor): void {
    const members = this.#members;
    members.seek(cursor, 'error');
    const failed = members.has('error') && readTexts(cursor) !== null;
    if (failed) {
      this.host.tally.aside('error');
      this.host.refused(this.connection, frame);
      return;
    }
    const result = members.seek(cursor, 'result') ? readTexts(cursor) : null;
    this.host.tally.aside(result === 'pong' ? 'pong' : 'ack');
  }

  #book(name: 'book' | 'orderbook_p', cursor: JsonCursor): void {
    const members = this.#members;
    const streams = this.of(members.text(cursor, 'symbol'));
    const type = members.text(cursor, 'type');
    const depth = members.text(cursor, 'depth');
    const sequence = sequenceOf(members.text(cursor, 'sequence'));
    const timestamp = members.text(cursor, 'timestamp');
    const time = timestamp === '' ? null : timeOf(timestamp);
    const { asks, bids } = this.changes;
    this.changes.clear();
    members.seek(cursor, name);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('bids')) bids.readLevels(cursor);
      else if (cursor.is('asks')) asks.readLevels(cursor);
      else cursor.skip();
    }
    const { instrument } = streams;
    if (name === 'book') {
      const { priceDecimals = CONTRACT_DECIMALS, sizeDecimals = 0 } = instrument;
      bids.scale(priceDecimals, sizeDecimals);
      asks.scale(priceDecimals, sizeDecimals);
    }
    const feed = this.bookOf(
      streams,
      depth === '' || depth === '30' ? name : `${name} of depth ${depth}`,
      RULES,
    );
    if (feed === undefined) return;
    if (type === 'snapshot') this.snapshotInBand(streams, sequence, time);
    else if (type !== 'incremental') throw new FrameError(`a book of type "${type}"`);
    else if (this.isCarried(streams)) {
      feed.delta(this.changes, { first: sequence, last: sequence, previous: Number.NaN }, time);
      this.askAgain(streams);
    }
  }

  #trades(name: 'trades' | 'trades_p', cursor: JsonCursor): void {
    const members = this.#members;
    const native = members.text(cursor, 'symbol');
    const type = members.text(cursor, 'type');
    const sequence = members.text(cursor, 'sequence');
    members.seek(cursor, name);
    const rows = listOf(readTexts(cursor), name).map(row => tradeOf(row));
    const streams = this.of(native);
    const isScaled = name === 'trades';
    if (type === 'snapshot') {
      // The latest is first.
      this.#history(streams, rows.reverse(), sequence, isScaled);
      return;
    }
    for (const row of this.#new(streams, rows)) this.#trade(streams, row, sequence, isScaled, LIVE);
    // Nothing of them need be new for the stream to flow.
    if (rows.length > 0) this.tradesFlow(streams, rows[rows.length - 1].time);
  }

  /** Those that have not come yet, be it in another message or on another connection. */
  #new(streams: SymbolStreams, rows: readonly TradeRow[]): readonly TradeRow[] {
    const known = this.#known.get(streams) ?? new RecentRows();
    this.#known.set(streams, known);
    known.begin(streams.holes.isOpen);
    const found = rows.filter(({ price, side, size, time }) =>
      known.isNew(`${time} ${side} ${price} ${size}`),
    );
    streams.duplicateTrades.value += rows.length - found.length;
    return found;
  }

  /** Trades of the past: of a first list all are, of a later one those that were told have come before. */
  #history(streams: SymbolStreams, rows: readonly TradeRow[], sequence: string, isScaled: boolean): void {
    const isFirst = !this.#known.has(streams);
    for (const row of this.#new(streams, rows)) {
      this.#trade(streams, row, sequence, isScaled, { isHistory: isFirst, isLate: false });
    }
    const [oldest] = rows;
    if (oldest === undefined) return;
    streams.holes.listed(oldest.time);
    if (!isFirst) this.tradesFlow(streams, rows[rows.length - 1].time);
  }

  #trade(
    { instrument }: SymbolStreams,
    row: TradeRow,
    sequence: string,
    isScaled: boolean,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    const { priceDecimals = CONTRACT_DECIMALS, sizeDecimals = 0 } = instrument;
    const priceText = isScaled ? scaled(row.price, priceDecimals) : row.price;
    const sizeText = isScaled ? scaled(row.size, sizeDecimals) : row.size;
    this.host.emit(
      tradeRow(head(this.host, this.venue, instrument, row.time, sequence === '' ? null : sequence), {
        ...{ id: null, side: row.side, priceText, sizeText, ...flags },
      }),
    );
  }

  #klines(name: 'kline' | 'kline_p', cursor: JsonCursor): void {
    const members = this.#members;
    const { instrument, klines } = this.of(members.text(cursor, 'symbol'));
    const sequence = members.text(cursor, 'sequence');
    const scales = { price: members.text(cursor, 'priceScale'), size: members.text(cursor, 'qtyScale') };
    members.seek(cursor, name);
    const rows = listOf(readTexts(cursor), name);
    const isScaled = name === 'kline';
    const priceDecimals = isScaled
      ? decimalsOf(scales.price, instrument.priceDecimals ?? CONTRACT_DECIMALS)
      : 0;
    const sizeDecimals = isScaled ? decimalsOf(scales.size, instrument.sizeDecimals ?? 0) : 0;
    const isList = members.text(cursor, 'type') === 'snapshot';
    const found = rows.map(row => readKline(listOf(row, 'a kline'), priceDecimals, sizeDecimals));
    if (isList) found.sort((one, other) => one.openTime - other.openTime);
    for (const row of found) {
      // A later list begins with what was missed.
      const isHistory = isList && !klines.isMissed(row.interval, row.openTime);
      if (!isHistory && !klines.row(row.interval, row.openTime, this.connection)) continue;
      this.#kline(instrument, row, sequence, { isHistory, isLate: false });
    }
  }

  #kline(
    instrument: Instrument,
    { interval, openTime, texts, turnover }: KlineRow,
    sequence: string,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    this.host.emit(
      klineRow(head(this.host, this.venue, instrument, null, sequence === '' ? null : sequence), {
        ...{ interval, openTime, texts, ...flags },
        // Scaled by the decimals of the quote currency, which the frame does not name.
        quoteVolume: isReal(instrument) ? Number(turnover) : null,
      }),
    );
  }

  #dayTicker(cursor: JsonCursor): void {
    const members = this.#members;
    const isSpot = members.has('spot_market24h');
    members.seek(cursor, isSpot ? 'spot_market24h' : 'market24h');
    const row = objectOf(readTexts(cursor), 'a ticker');
    const { instrument, tickers } = this.of(textOf(row, 'symbol'));
    const { priceDecimals = CONTRACT_DECIMALS, sizeDecimals = 0 } = instrument;
    const price = (key: string) => scaledOrNull(textOrNull(row, key), priceDecimals);
    tickers.value++;
    const timestamp = members.text(cursor, 'timestamp');
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, timestamp === '' ? null : timeOf(timestamp)),
      bid: price('bidEp') ?? price('bid'),
      bidSize: null,
      ask: price('askEp') ?? price('ask'),
      askSize: null,
      last: price('lastEp') ?? price('close'),
      volume: scaledOrNull(textOrNull(row, 'volumeEv') ?? textOrNull(row, 'volume'), sizeDecimals),
      high: price('highEp') ?? price('high'),
      low: price('lowEp') ?? price('low'),
    });
  }

  #packedTickers(cursor: JsonCursor): void {
    const members = this.#members;
    members.seek(cursor, 'fields');
    const fields = listOf(readTexts(cursor), 'fields');
    const timestamp = members.text(cursor, 'timestamp');
    members.seek(cursor, 'data');
    for (const values of listOf(readTexts(cursor), 'data')) {
      const list = listOf(values, 'a ticker');
      const row = Object.fromEntries(fields.map((name, at) => [String(name), list[at]])) as TextObject;
      const { instrument, tickers } = this.of(textOf(row, 'symbol'));
      tickers.value++;
      this.host.emit({
        kind: 'ticker',
        ...head(this.host, this.venue, instrument, timestamp === '' ? null : timeOf(timestamp)),
        ...{ bid: null, bidSize: null, ask: null, askSize: null },
        last: textOrNull(row, 'lastRp'),
        volume: textOrNull(row, 'volumeRq'),
        high: textOrNull(row, 'highRp'),
        low: textOrNull(row, 'lowRp'),
      });
    }
  }

  #missedTrades(result: TextObject): void {
    const streams = this.of(textOf(result, 'symbol'));
    const isScaled = result.trades_p === undefined;
    const rows = listOf(isScaled ? result.trades : result.trades_p, 'trades').map(row => tradeOf(row));
    const sequence = textOrNull(result, 'sequence') ?? '';
    // Only what may be missing is compared with what has come: the memory of that is short.
    const missed = new Set(
      this.#new(
        streams,
        rows.reverse().filter(({ time }) => streams.holes.has(time)),
      ),
    );
    streams.holes.bring(rows, row => {
      if (missed.has(row)) this.#trade(streams, row, sequence, isScaled, LATE);
    });
  }

  #missedKlines({ searchParams }: URL, data: TextObject): void {
    const { instrument, klines } = this.of(searchParams.get('symbol') ?? '');
    const real = isReal(instrument);
    const priceDecimals = real ? 0 : (instrument.priceDecimals ?? 0);
    const sizeDecimals = real ? 0 : (instrument.sizeDecimals ?? 0);
    const rows = listOf(data.rows, 'rows').map(row =>
      readKline(listOf(row, 'a kline'), priceDecimals, sizeDecimals),
    );
    const interval = intervalOfSeconds(Number(searchParams.get('resolution')));
    klines.bring(interval, rows, row => this.#kline(instrument, row, '', LATE));
  }

  protected override refused({ pathname, searchParams }: URL): void {
    const native = searchParams.get('symbol');
    if (native === null) return;
    const { holes, klines } = this.of(native);
    if (TRADES_PATH.test(pathname)) holes.failed();
    else if (pathname.endsWith('/kline/list')) {
      klines.failed(intervalOfSeconds(Number(searchParams.get('resolution'))));
    }
  }

  #listed(data: TextObject): void {
    const valueScales = new Map<string, number>();
    for (const one of listOf(data.currencies ?? [], 'currencies')) {
      const row = objectOf(one, 'a currency');
      valueScales.set(textOf(row, 'currency'), Number(numberText(row, 'valueScale')));
    }
    for (const key of ['products', 'perpProductsV2']) {
      for (const one of listOf(data[key] ?? [], key)) {
        const instrument = product(objectOf(one, 'a product'), valueScales);
        this.host.instruments.add(instrument);
      }
    }
  }
}
