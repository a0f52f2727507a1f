import type { KlineRecord, TickerRecord } from '../../../model/records.ts';
import { type BookRules, countsUp } from '../../books/book-rules.ts';
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
import { StreamDecoder } from '../decoding/stream-decoder.ts';
import type { SymbolStreams } from '../decoding/symbol-streams.ts';
import type { Instrument } from '../instruments.ts';
import { head, timeOf } from '../records/heads.ts';
import { klineRow, tradeRow } from '../records/rows.ts';
import { type Category, canonicalInterval, contractInstrument, sideOf, spotInstrument } from './words.ts';

/** The members of tickers, by their names in contracts, spot and options. */
const TICKER = {
  bid: ['bid1Price', 'bidPrice'],
  bidSize: ['bid1Size', 'bidSize'],
  ask: ['ask1Price', 'askPrice'],
  askSize: ['ask1Size', 'askSize'],
  last: ['lastPrice'],
  volume: ['volume24h'],
  high: ['highPrice24h'],
  low: ['lowPrice24h'],
} as const;
type TickerState = { -readonly [Key in keyof typeof TICKER]: string | null };

/** Frames of Bybit v5. What a symbol is follows from the socket that it comes on: `BTCUSDT` is spot on one, a contract on others. */
export class BybitDecoder extends StreamDecoder {
  readonly #rules: BookRules;
  readonly #members = new MemberPlaces([
    'topic',
    'type',
    'ts',
    'cts',
    'data',
    'success',
    'op',
    'ret_msg',
    'cs',
  ]);
  readonly #sequences = { first: 0, last: 0, previous: Number.NaN };
  /** By connection, each of which begins with whole ones. */
  readonly #tickers = new Map<number, Map<SymbolStreams, TickerState>>();
  readonly #categories = new Map<number, Category>();
  #hasContracts = false;
  #request = 1000;

  constructor(venue: string, host: DecoderHost, past: PastRequests) {
    super(venue, host, past);
    this.#rules = {
      venue,
      link: countsUp('u == previous u + 1', (last, delta) => `u=${delta.last} previous=${last}`),
    };
  }

  override opened(connection: number, url: string): void {
    const [, category] = /\/public\/(spot|linear|inverse|option)/.exec(url) ?? [];
    if (category === undefined) return;
    this.#categories.set(connection, category as Category);
    if (category !== 'spot') this.#hasContracts = true;
  }

  protected override suspect(frame: string): string | undefined {
    const topic = /"topic"\s*:\s*"([^".]+)\.([^"]+)"/.exec(frame);
    if (topic === null) return /"(?:success|ret_msg|conn_id)"/.test(frame) ? '' : undefined;
    return topic[1] === 'orderbook' ? this.#key(topic[2].slice(topic[2].indexOf('.') + 1)) : '';
  }

  /** Spot has the names of contracts: where both come to one decoder, those of spot are told apart. */
  #key(native: string): string {
    const isSpot = this.#categories.get(this.connection) === 'spot';
    const key = isSpot && this.#hasContracts ? `spot:${native}` : native;
    const { instruments } = this.host;
    if (isSpot && !this.symbols.has(key) && this.venue !== 'bybit-spot') {
      instruments.add({ ...spotInstrument(native), native: key });
    }
    return key;
  }

  protected read(frame: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.open(frame);
    members.read(cursor);
    cursor.close();
    const topic = members.text(cursor, 'topic');
    if (topic !== '') this.#message(frame, topic, cursor);
    else if (members.text(cursor, 'ret_msg') === 'pong' || members.text(cursor, 'op') === 'pong') {
      this.host.tally.aside('pong');
    } else if (members.text(cursor, 'success') === 'true') this.host.tally.aside('ack');
    else if (members.has('success')) {
      this.host.tally.aside('error');
      this.host.refused(this.connection, frame);
    } else this.unknown(frame);
  }

  #message(frame: string, topic: string, cursor: JsonCursor): void {
    const members = this.#members;
    const [kind, ...rest] = topic.split('.');
    const native = rest.at(-1) ?? '';
    const pushed = members.text(cursor, 'ts');
    const time = pushed === '' ? null : timeOf(pushed);
    if (!members.seek(cursor, 'data')) throw new FrameError('no data');
    if (kind === 'orderbook') this.#book(rest.length > 1 ? rest[0] : '', native, time, cursor);
    else if (kind === 'publicTrade') this.#trades(listOf(readTexts(cursor), 'data'));
    else if (kind === 'kline') this.#klines(native, listOf(readTexts(cursor), 'data'), time);
    else if (kind === 'tickers') this.#ticker(native, objectOf(readTexts(cursor), 'data'), time);
    else if (/liquidation/i.test(kind)) this.host.tally.aside('liquidation');
    else this.unknown(frame);
  }

  #book(depth: string, topicOf: string, pushed: number | null, cursor: JsonCursor): void {
    const members = this.#members;
    const { asks, bids } = this.changes;
    this.changes.clear();
    let [native, last] = [topicOf, Number.NaN];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('b')) bids.readLevels(cursor);
      else if (cursor.is('a')) asks.readLevels(cursor);
      else if (cursor.is('u')) last = cursor.number();
      else if (cursor.is('s')) native = cursor.string();
      else cursor.skip();
    }
    if (Number.isNaN(last)) throw new FrameError('a book without u');
    const matched = members.text(cursor, 'cts');
    const time = matched === '' ? pushed : timeOf(matched);
    const streams = this.of(this.#key(native));
    const feed = this.bookOf(streams, `orderbook.${depth}`, this.#rules);
    if (feed === undefined) return;
    const type = members.text(cursor, 'type');
    if (type === 'snapshot') this.snapshotInBand(streams, last, time);
    else if (type !== 'delta') throw new FrameError(`a book of type "${type}"`);
    else if (this.isCarried(streams)) {
      const sequences = this.#sequences;
      sequences.first = last;
      sequences.last = last;
      feed.delta(this.changes, sequences, time);
      this.askAgain(streams);
    }
  }

  protected askForBook({ bookStream, instrument }: SymbolStreams, connection: number): void {
    const args = [`${bookStream}.${instrument.native.replace(/^spot:/, '')}`];
    for (const op of ['unsubscribe', 'subscribe']) {
      this.host.send(connection, JSON.stringify({ op, args, req_id: String(++this.#request) }));
    }
  }

  #trades(rows: readonly unknown[]): void {
    for (const value of rows) {
      const row = objectOf(value as TextObject, 'a trade');
      const streams = this.of(this.#key(textOf(row, 's')));
      const id = textOf(row, 'i');
      if (!streams.tradeIds.isNew(id)) {
        streams.duplicateTrades.value++;
        continue;
      }
      const time = timeOf(numberText(row, 'T'));
      this.tradesFlow(streams, time);
      const texts = { priceText: numberText(row, 'p'), sizeText: numberText(row, 'v') };
      this.#trade(streams, id, row.S, texts, time, textOrNull(row, 'seq'), false);
    }
  }

  #trade(
    { instrument }: SymbolStreams,
    id: string,
    side: TextObject[string],
    texts: { readonly priceText: string; readonly sizeText: string },
    time: number,
    sequence: string | null,
    isLate: boolean,
  ): void {
    this.host.emit(
      tradeRow(head(this.host, this.venue, instrument, time, sequence), {
        ...{ id, side: sideOf(side), ...texts, isLate },
      }),
    );
  }

  #klines(native: string, rows: readonly unknown[], time: number | null): void {
    for (const value of rows) {
      const row = objectOf(value as TextObject, 'a kline');
      const names = ['open', 'high', 'low', 'close', 'volume'];
      const texts = names.map(name => numberText(row, name)) as unknown as KlineRecord['texts'];
      const made = textOrNull(row, 'timestamp');
      this.#kline(
        native,
        canonicalInterval(textOf(row, 'interval')),
        numberText(row, 'start'),
        texts,
        Number(numberText(row, 'turnover')),
        row.confirm === true,
        made === null ? time : timeOf(made),
      );
    }
  }

  #kline(
    native: string,
    interval: string,
    start: string,
    texts: KlineRecord['texts'],
    quoteVolume: number,
    isClosed: boolean,
    time: number | null,
    isLate = false,
  ): void {
    const { instrument, klines } = this.of(this.#key(native));
    const openTime = timeOf(start);
    if (!isLate && !klines.row(interval, openTime, this.connection, isClosed)) return;
    this.host.emit(
      klineRow(head(this.host, this.venue, instrument, time), {
        ...{ interval, openTime, texts, quoteVolume, isClosed, isLate },
      }),
    );
  }

  /** Contracts send what has changed only. */
  #ticker(native: string, data: TextObject, time: number | null): void {
    const streams = this.of(this.#key(textOrNull(data, 'symbol') ?? native));
    const isDelta = this.#members.text(this.cursor, 'type') === 'delta';
    const own = this.#tickers.get(this.connection) ?? new Map<SymbolStreams, TickerState>();
    const known = own.get(streams);
    // What the changes change is not known.
    if (isDelta && known === undefined) return;
    const state: TickerState =
      isDelta && known !== undefined
        ? known
        : {
            bid: null,
            bidSize: null,
            ask: null,
            askSize: null,
            last: null,
            volume: null,
            high: null,
            low: null,
          };
    for (const [key, names] of Object.entries(TICKER) as [keyof TickerState, readonly string[]][]) {
      for (const name of names) {
        const text = textOrNull(data, name);
        if (text !== null) state[key] = asNumberText(text, name);
      }
    }
    this.#tickers.set(this.connection, own.set(streams, state));
    streams.tickers.value++;
    const record: TickerRecord = {
      kind: 'ticker',
      ...head(this.host, this.venue, streams.instrument, time),
      sequence: this.#members.text(this.cursor, 'cs') || null,
      ...state,
    };
    this.host.emit(record);
  }

  protected override asksFor(text: string, stream: 'trades' | 'book', { native }: Instrument): boolean {
    if (stream === 'book' || !text.includes('"subscribe"')) return false;
    return text.includes(`"publicTrade.${native.replace(/^spot:/, '')}"`);
  }

  override closed(connection: number, reason: string): void {
    super.closed(connection, reason);
    this.#tickers.delete(connection);
  }

  protected readAnswer(url: URL, text: string): void {
    const path = url.pathname;
    const isTrades = path.endsWith('/recent-trade');
    const isKlines = path.endsWith('/kline');
    if (!isTrades && !isKlines && !path.endsWith('/instruments-info')) return;
    const { cursor } = this;
    cursor.open(text);
    const result = objectOf(objectOf(readTexts(cursor), 'the answer').result, 'result');
    cursor.close();
    const rows = listOf(result.list, 'list');
    const native = url.searchParams.get('symbol') ?? '';
    if (isTrades) this.#missedTrades(native, rows);
    else if (isKlines)
      this.#missedKlines(native, canonicalInterval(url.searchParams.get('interval') ?? ''), rows);
    else for (const row of rows) this.#listed(objectOf(row, 'an instrument'), textOrNull(result, 'category'));
  }

  #missedTrades(native: string, rows: readonly unknown[]): void {
    const streams = this.of(native);
    const found = rows.map(value => {
      const row = objectOf(value as TextObject, 'a trade');
      return { row, id: textOf(row, 'execId'), time: timeOf(numberText(row, 'time')) };
    });
    // The latest is first; equal times keep their order.
    streams.holes.bring(found.reverse(), ({ id, row, time }) => {
      if (!streams.tradeIds.isNew(id)) return;
      const texts = { priceText: numberText(row, 'price'), sizeText: numberText(row, 'size') };
      this.#trade(streams, id, row.side, texts, time, textOrNull(row, 'seq'), true);
    });
  }

  /** Start, open, high, low, close, volume, turnover; the latest is first. */
  #missedKlines(native: string, interval: string, rows: readonly unknown[]): void {
    const streams = this.of(native);
    const found = rows.map(row => {
      const texts = listOf(row as TextObject[string], 'a kline').map(value => asNumberText(value, 'a kline'));
      return { openTime: timeOf(texts[0]), texts };
    });
    streams.klines.bring(
      interval,
      found,
      ({ texts: [start, open, high, low, close, volume, turnover] }) =>
        this.#kline(
          native,
          interval,
          start,
          [open, high, low, close, volume],
          Number(turnover),
          true,
          null,
          true,
        ),
      this.past?.klineRows,
    );
  }

  protected override refused({ pathname, searchParams }: URL): void {
    const native = searchParams.get('symbol') ?? '';
    if (pathname.endsWith('/recent-trade')) this.of(native).holes.failed();
    else if (pathname.endsWith('/kline')) {
      this.of(native).klines.failed(canonicalInterval(searchParams.get('interval') ?? ''));
    }
  }

  #listed(row: TextObject, category: string | null): void {
    const native = textOf(row, 'symbol');
    const isSpot = category === 'spot';
    const guessed = isSpot ? spotInstrument(native) : contractInstrument(native);
    const pair = `${textOf(row, 'baseCoin')}-${textOf(row, 'quoteCoin')}`;
    const tail = isSpot
      ? ''
      : guessed.symbol
          .split('-')
          .slice(2)
          .map(part => `-${part}`)
          .join('');
    this.host.instruments.add({ native, symbol: `${pair}${tail}` });
  }
}
