import { gunzipSync } from 'node:zlib';
import type { KlineRecord, TakerSide } from '../../../model/records.ts';
import { type BookRules, countsUp, namesPrevious } from '../../books/book-rules.ts';
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
import type { DecoderHost, PastRequests } from '../contract.ts';
import { StreamDecoder } from '../decoding/stream-decoder.ts';
import type { SymbolStreams } from '../decoding/symbol-streams.ts';
import type { Instrument } from '../instruments.ts';
import { head, timeOf } from '../records/heads.ts';
import { klineRow, tradeRow } from '../records/rows.ts';
import { canonicalInterval, contractOf, type HtxMarket, numberOrNull } from './words.ts';

/** No frame of the venue is so long once it is unpacked; one that is would be an attack on memory. */
const MOST_BYTES = 16 << 20;
const GZIP_RULE = 'binary frame cannot be decompressed';

/** Frames of HTX: gzip, of topics that are named in `ch` (pushed) or `rep` (asked for). */
export class HtxDecoder extends StreamDecoder {
  readonly #market: HtxMarket;
  /** Whole books, which need no rule. */
  readonly #refreshed: BookRules;
  /** Changes of spot books, which join a snapshot that is asked for on the same socket. */
  readonly #byPrice: BookRules;
  /** Changes of contracts' books, which begin with a snapshot. */
  readonly #frequent: BookRules;
  readonly #members = new MemberPlaces([
    ...['ch', 'rep', 'tick', 'data', 'ts', 'ping', 'status', 'subbed', 'unsubbed', 'op', 'action', 'err-msg'],
  ]);
  readonly #sequences = { first: Number.NaN, last: 0, previous: 0 };
  #request = 1000;

  constructor(market: HtxMarket, host: DecoderHost, past: PastRequests) {
    super(market.id, host, past);
    this.#market = market;
    const venue = market.id;
    this.#refreshed = { venue };
    this.#byPrice = {
      venue,
      link: namesPrevious(
        'prevSeqNum == previous seqNum',
        (last, { previous }) => `prevSeqNum=${previous} previous seqNum=${last}`,
      ),
      join: {
        rule: 'snapshot join: prevSeqNum==S',
        isStale: (snapshot, delta) => delta.last <= snapshot,
        joins: (snapshot, delta) => delta.previous === snapshot,
        describe: (snapshot, delta) => `S=${snapshot} prevSeqNum=${delta.previous}`,
      },
    };
    this.#frequent = {
      venue,
      link: countsUp(
        'version == previous version + 1',
        (last, delta) => `version=${delta.last} previous=${last}`,
      ),
    };
  }

  override binary(connection: number, bytes: Uint8Array): void {
    this.connection = connection;
    let frame: string;
    try {
      frame = gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
    } catch (error) {
      this.unreadable('', error instanceof Error ? error.message : String(error), GZIP_RULE);
      return;
    }
    this.text(connection, frame);
  }

  protected override asksFor(text: string, stream: 'trades' | 'book', { native }: Instrument): boolean {
    return text.includes(`"sub":"market.${native}.${stream === 'trades' ? 'trade.detail' : 'mbp.'}`);
  }

  protected override suspect(frame: string): string | undefined {
    const topic = /"(?:ch|rep)"\s*:\s*"market\.([^."]+)\.([^"]+)"/.exec(frame);
    if (topic === null) return /"(?:subbed|ping|err-msg)"/.test(frame) ? '' : undefined;
    return /^(mbp|depth)\./.test(topic[2]) ? topic[1] : '';
  }

  protected read(frame: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.open(frame);
    members.read(cursor);
    cursor.close();
    if (members.has('ping')) this.#pong(`{"pong":${members.text(cursor, 'ping')}}`);
    else if (members.has('ch')) this.#pushed(frame, members.text(cursor, 'ch'), cursor);
    else if (members.has('rep')) this.#replied(frame, members.text(cursor, 'rep'), cursor);
    else if (members.text(cursor, 'op') === 'ping')
      this.#pong(`{"op":"pong","ts":${members.text(cursor, 'ts')}}`);
    else if (members.text(cursor, 'action') === 'ping') {
      members.seek(cursor, 'data');
      this.#pong(`{"action":"pong","data":{"ts":${textOf(objectOf(readTexts(cursor), 'data'), 'ts')}}}`);
    } else if (members.text(cursor, 'status') === 'error') this.#refused(frame);
    else if (members.has('subbed') || members.has('unsubbed') || members.text(cursor, 'op') === 'sub') {
      this.host.tally.aside('ack');
    } else this.unknown(frame);
  }

  #pong(answer: string): void {
    this.host.tally.aside('ping');
    this.host.send(this.connection, answer);
  }

  #refused(frame: string): void {
    this.host.tally.aside('error');
    this.host.refused(this.connection, frame);
  }

  #pushed(frame: string, topic: string, cursor: JsonCursor): void {
    const members = this.#members;
    const [, native, stream] = /^market\.([^.]+)\.(.+)$/.exec(topic) ?? [];
    if (stream === undefined) {
      this.unknown(frame);
      return;
    }
    const pushed = members.text(cursor, 'ts');
    const time = pushed === '' ? null : timeOf(pushed);
    if (!members.seek(cursor, 'tick')) throw new FrameError('no tick');
    if (/^(mbp\.|depth\.)/.test(stream)) {
      this.#book(native, stream, time, cursor);
      return;
    }
    const tick = objectOf(readTexts(cursor), 'tick');
    if (stream === 'trade.detail') this.#trades(native, tick);
    else if (stream.startsWith('kline.')) this.#kline(native, stream.slice('kline.'.length), tick, time);
    else if (stream === 'bbo') this.#best(native, tick, time);
    else if (stream === 'detail' || stream === 'ticker') this.#dayTicker(native, tick, time);
    else this.unknown(frame);
  }

  #replied(frame: string, topic: string, cursor: JsonCursor): void {
    const members = this.#members;
    if (members.text(cursor, 'status') === 'error') {
      this.#refused(frame);
      return;
    }
    const [, native, stream] = /^market\.([^.]+)\.(mbp\.\d+)$/.exec(topic) ?? [];
    if (stream === undefined) {
      this.host.tally.aside('rep');
      return;
    }
    const pushed = members.text(cursor, 'ts');
    if (!members.seek(cursor, 'data')) throw new FrameError('no data');
    const { sequence } = this.#levels(cursor);
    const streams = this.of(native);
    const feed = this.bookOf(streams, stream, this.#byPrice);
    if (feed === undefined || streams.isCut) return;
    streams.bookCarriers.add(this.connection);
    feed.snapshot(this.changes, sequence, pushed === '' ? null : timeOf(pushed));
  }

  #book(native: string, stream: string, pushed: number | null, cursor: JsonCursor): void {
    const streams = this.of(native);
    const { event, previous, sequence, time, version } = this.#levels(cursor);
    const at = time ?? pushed;
    const sequences = this.#sequences;
    sequences.previous = previous;
    if (/^mbp\.\d+$/.test(stream)) {
      const feed = this.bookOf(streams, stream, this.#byPrice);
      if (feed === undefined) return;
      streams.bookCarriers.add(this.connection);
      streams.isCut = false;
      sequences.last = sequence;
      if (Number.isNaN(sequence) || Number.isNaN(previous)) throw new FrameError('no seqNum and prevSeqNum');
      feed.delta(this.changes, sequences, at);
    } else if (stream.endsWith('.high_freq')) {
      const feed = this.bookOf(streams, stream, this.#frequent);
      if (feed === undefined) return;
      if (Number.isNaN(version)) throw new FrameError('no version');
      sequences.last = version;
      if (event === 'snapshot') this.snapshotInBand(streams, version, at);
      else if (event !== 'update') throw new FrameError(`a book of event "${event}"`);
      else if (this.isCarried(streams)) {
        feed.delta(this.changes, sequences, at);
        this.askAgain(streams);
      }
    } else if (this.bookOf(streams, stream, this.#refreshed) !== undefined) {
      this.snapshotInBand(streams, version, at);
    }
  }

  #levels(cursor: JsonCursor) {
    const { asks, bids } = this.changes;
    this.changes.clear();
    const found = {
      ...{ sequence: Number.NaN, previous: Number.NaN, version: Number.NaN },
      ...{ event: '', time: null as number | null },
    };
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('bids')) bids.readLevels(cursor);
      else if (cursor.is('asks')) asks.readLevels(cursor);
      else if (cursor.is('seqNum')) found.sequence = cursor.number();
      else if (cursor.is('prevSeqNum')) found.previous = cursor.number();
      else if (cursor.is('version')) found.version = cursor.number();
      else if (cursor.is('event')) found.event = cursor.string();
      else if (cursor.is('ts')) found.time = timeOf(cursor.scalar() ?? '');
      else cursor.skip();
    }
    return found;
  }

  protected askForBook({ bookStream, instrument }: SymbolStreams, connection: number): void {
    const topic = `market.${instrument.native}.${bookStream}`;
    if (/^mbp\.\d+$/.test(bookStream)) {
      this.host.send(connection, JSON.stringify({ req: topic, id: String(++this.#request) }));
    } else if (bookStream.endsWith('.high_freq')) {
      for (const action of ['unsub', 'sub']) {
        const id = String(++this.#request);
        this.host.send(connection, JSON.stringify({ [action]: topic, data_type: 'incremental', id }));
      }
    }
    // Whole books come with every frame of the other streams.
  }

  #trades(native: string, tick: TextObject): void {
    const streams = this.of(native);
    for (const value of listOf(tick.data, 'data')) this.#trade(streams, objectOf(value, 'a trade'), false);
  }

  #trade(streams: SymbolStreams, row: TextObject, isMissed: boolean): void {
    const id = numberText(row, 'id');
    const time = timeOf(textOf(row, 'ts'));
    if (!streams.tradeIds.isNew(id)) {
      if (!isMissed) streams.duplicateTrades.value++;
      return;
    }
    const priceText = numberText(row, 'price');
    const sizeText = numberText(row, 'amount');
    if (!isMissed) this.tradesFlow(streams, time);
    this.host.emit(
      tradeRow(head(this.host, this.venue, streams.instrument, time), {
        ...{ id, side: sideOf(textOrNull(row, 'direction')), priceText, sizeText, isLate: isMissed },
      }),
    );
  }

  #kline(native: string, name: string, row: TextObject, time: number | null, isLate = false): void {
    const texts: KlineRecord['texts'] = [
      numberText(row, 'open'),
      numberText(row, 'high'),
      numberText(row, 'low'),
      numberText(row, 'close'),
      numberText(row, 'amount'),
    ];
    const { instrument, klines } = this.of(native);
    const count = textOrNull(row, 'count');
    const interval = canonicalInterval(name);
    const openTime = timeOf(numberText(row, 'id'));
    if (!isLate && !klines.row(interval, openTime, this.connection)) return;
    this.host.emit(
      klineRow(head(this.host, this.venue, instrument, time), {
        ...{ interval, openTime, texts, isLate, quoteVolume: this.#market.quoteVolume(row) },
        trades: count === null ? null : Number(count),
      }),
    );
  }

  #best(native: string, tick: TextObject, pushed: number | null): void {
    const { instrument, tickers } = this.of(native);
    const made = textOrNull(tick, 'quoteTime') ?? textOrNull(tick, 'ts');
    const [bid = null, bidSize = null] = quoted(tick, 'bid');
    const [ask = null, askSize = null] = quoted(tick, 'ask');
    tickers.value++;
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, made === null ? pushed : timeOf(made)),
      sequence: textOrNull(tick, 'seqId') ?? textOrNull(tick, 'version'),
      ...{ bid, bidSize, ask, askSize, last: null, volume: null, high: null, low: null },
    });
  }

  #dayTicker(native: string, tick: TextObject, time: number | null): void {
    const { instrument, tickers } = this.of(native);
    const [bid = null, bidSize = null] = quoted(tick, 'bid');
    const [ask = null, askSize = null] = quoted(tick, 'ask');
    tickers.value++;
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, time, textOrNull(tick, 'version')),
      ...{ bid, bidSize, ask, askSize },
      last: numberOrNull(tick, 'lastPrice') ?? numberOrNull(tick, 'close'),
      volume: numberOrNull(tick, 'amount'),
      high: numberOrNull(tick, 'high'),
      low: numberOrNull(tick, 'low'),
    });
  }

  protected readAnswer(url: URL, text: string): void {
    const path = url.pathname;
    const isTrades = path.endsWith('/history/trade');
    const isKlines = path.endsWith('/history/kline');
    const isList = /\/(symbols|swap_contract_info|contract_contract_info|linear-swap-contract-info)$/.test(
      path,
    );
    if (!isTrades && !isKlines && !isList) return;
    const { cursor } = this;
    cursor.open(text);
    const answer = objectOf(readTexts(cursor), 'the answer');
    cursor.close();
    const rows = listOf(answer.data, 'data').map(row => objectOf(row, 'a row'));
    const native = nativeOf(url);
    if (isTrades) this.#missedTrades(this.of(native), rows);
    else if (isKlines) {
      const period = url.searchParams.get('period') ?? '';
      const found = rows.map(row => ({ openTime: timeOf(numberText(row, 'id')), row }));
      this.of(native).klines.bring(canonicalInterval(period), found, ({ row }) =>
        this.#kline(native, period, row, null, true),
      );
    } else for (const row of rows) this.host.instruments.add(contractOf(row));
  }

  #missedTrades(streams: SymbolStreams, rows: readonly TextObject[]): void {
    // The latest is first; equal times keep their order.
    const found = rows
      .flatMap(row => listOf(row.data, 'data'))
      .map(value => {
        const row = objectOf(value, 'a trade');
        return { row, time: timeOf(textOf(row, 'ts')) };
      });
    streams.holes.bring(found.reverse(), ({ row }) => this.#trade(streams, row, true));
  }

  protected override refused(url: URL): void {
    const { pathname, searchParams } = url;
    if (pathname.endsWith('/history/trade')) this.of(nativeOf(url)).holes.failed();
    else if (pathname.endsWith('/history/kline')) {
      this.of(nativeOf(url)).klines.failed(canonicalInterval(searchParams.get('period') ?? ''));
    }
  }
}

/** Whose rows a request asks for. */
function nativeOf({ searchParams }: URL): string {
  return searchParams.get('symbol') ?? searchParams.get('contract_code') ?? '';
}

/** Empty where the venue does not say, as for some of the trades of contracts. */
function sideOf(text: string | null): TakerSide | null {
  if (text === null) return null;
  if (text !== 'buy' && text !== 'sell') throw new FrameError(`a trade whose side is ${text}`);
  return text;
}

/** Price and size of the best level of a side; contracts have them in a list. */
function quoted(tick: TextObject, side: 'bid' | 'ask'): readonly (string | null)[] {
  const value = tick[side];
  return Array.isArray(value)
    ? value.map(String)
    : [numberOrNull(tick, side), numberOrNull(tick, `${side}Size`)];
}
