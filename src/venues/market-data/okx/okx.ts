import type { Channel, KlineRecord } from '../../../model/records.ts';
import type { BookRules, Sequences } from '../../books/book-rules.ts';
import { interleavedChecksum, signed } from '../../books/checksums.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import { memberOf, parseObject } from '../../wire/json-object.ts';
import { Members } from '../../wire/members.ts';
import { KlineLinks, type MissingKlines } from '../continuity/kline-links.ts';
import { TradeLinks } from '../continuity/trade-links.ts';
import { TradeRecovery } from '../continuity/trade-recovery.ts';
import type { ConnectionPlan, DecoderHost, Subscription, Venue, VenueAddresses } from '../contract.ts';
import { InBandBooks } from '../decoding/in-band-books.ts';
import { InBandDecoder } from '../decoding/in-band-decoder.ts';
import type { Instrument } from '../instruments.ts';
import { checkedInterval } from '../planning/checked-interval.ts';
import { chunksOf } from '../planning/chunks.ts';
import { head } from '../records/heads.ts';
import { klineRow, takerSide, tickerRow, tradeRow } from '../records/rows.ts';
import { OKX_REQUESTS } from './requests.ts';
import {
  instrumentRequests,
  klinesRequest,
  OKX_INTERVALS,
  okxInstrument,
  okxInterval,
  type PastTrade,
  readInstruments,
  readKlines,
  readTrades,
  tradesRequest,
} from './rest.ts';

const SECOND = 1000;
const ID = 'okx';
/** A connection takes 480 requests an hour: a book that breaks costs two. */
const MOST_SUBSCRIPTIONS = 200;
const MOST_ARGUMENTS = 50;
/** Trades, or klines, that one answer has at most. */
const PAGE_SIZE = 100;
/** Changes of one book that are remembered, so that one that comes again is known. */
const MOST_REMEMBERED = 64;

export const OKX: Venue = {
  id: ID,
  name: 'OKX',
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: { stream: 'wss://ws.okx.com:8443', rest: 'https://www.okx.com' },
  limits: { connects: { count: 3, withinMs: SECOND } },
  instrumentRequests,
  guess: native => okxInstrument(native.toUpperCase()),
  plan,
  requests: OKX_REQUESTS,
  decoder: host => new OkxDecoder(host),
};

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  trades: 'trades',
  book: 'books',
  l3: 'books',
  klines: 'candle',
  tickers: 'tickers',
};

function plan(subscriptions: readonly Subscription[], addresses: VenueAddresses): ConnectionPlan[] {
  const isKline = ({ channel }: Subscription) => channel === 'klines';
  return [
    ...plansFor(
      subscriptions.filter(one => !isKline(one)),
      `${addresses.stream}/ws/v5/public`,
    ),
    ...plansFor(subscriptions.filter(isKline), `${addresses.stream}/ws/v5/business`),
  ];
}

function plansFor(subscriptions: readonly Subscription[], url: string): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (const part of chunksOf(subscriptions, MOST_SUBSCRIPTIONS)) {
    plans.push({
      url,
      requests: requestTexts('subscribe', part.map(argumentOf)),
      paceMs: SECOND / 3,
      keepAlive: { text: () => 'ping', everyMs: 20 * SECOND },
      silenceMs: 45 * SECOND,
      subscriptions: part,
    });
  }
  return plans;
}

interface Argument {
  readonly channel: string;
  readonly instId: string;
}

function argumentOf({ channel, instrument, interval }: Subscription): Argument {
  const name = channel === 'klines' ? checkedInterval('OKX', OKX_INTERVALS, interval) : '';
  return { channel: `${CHANNEL_NAMES[channel]}${name}`, instId: instrument.native };
}

function requestTexts(op: string, all: readonly Argument[]): string[] {
  return chunksOf(all, MOST_ARGUMENTS).map(args => JSON.stringify({ op, args }));
}

/** One book's rules: they remember what came, since a sequence may begin again and so does not order messages by itself. */
function bookRules(): BookRules {
  const seen: string[] = [];
  const name = ({ last, previous }: Sequences) => `${previous} ${last}`;
  return {
    venue: ID,
    link: {
      check: 'links',
      rule: 'prevSeqId == previous seqId',
      follows: (last, delta) => {
        // Captures of before 2022 have none.
        if (Number.isNaN(delta.last)) return true;
        if (delta.previous !== last) return false;
        seen.push(name(delta));
        if (seen.length > MOST_REMEMBERED) seen.shift();
        return true;
      },
      repeats: (last, delta) => delta.previous !== last && seen.includes(name(delta)),
      describe: (last, delta) => `prevSeqId=${delta.previous} previous seqId=${last}`,
    },
    checksum: {
      rule: 'CRC32 (signed) of the top 25 levels == checksum',
      of: book => signed(interleavedChecksum(book, 25)),
    },
  };
}

/** State of one symbol. */
interface SymbolState {
  readonly instrument: Instrument;
  readonly trades: TradeLinks;
  readonly recovery: TradeRecovery<PastTrade>;
  readonly klines: KlineLinks;
}

class OkxDecoder extends InBandDecoder {
  readonly #books: InBandBooks;
  readonly #symbols = new Map<string, SymbolState>();
  readonly #sequences = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };

  constructor(host: DecoderHost) {
    super(ID, host);
    this.#books = new InBandBooks(host, this.gaps, bookRules, (connection, natives, channel) => {
      const all = natives.map(instId => ({ channel, instId }));
      for (const op of ['unsubscribe', 'subscribe']) {
        for (const text of requestTexts(op, all)) host.send(connection, text);
      }
    });
  }

  get books() {
    return this.#books.feeds;
  }

  protected kept(channel: string) {
    return channel === '' || BOOKS.has(channel) ? [this.#books] : [];
  }

  override closed(connection: number, reason: string): void {
    super.closed(connection, reason);
    for (const { klines } of this.#symbols.values()) klines.closed(connection, reason);
  }

  protected readAnswer({ pathname, searchParams }: URL, text: string): void {
    if (pathname.endsWith('/instruments')) {
      for (const one of readInstruments(text)) this.host.instruments.add(one);
    } else if (pathname.endsWith('/history-trades')) {
      this.#state(searchParams.get('instId') ?? '').recovery.bring(readTrades(text));
    } else if (pathname.endsWith('/history-candles')) this.#pastKlines(searchParams, text);
  }

  protected read(frame: string): void {
    if (frame === 'pong') {
      this.host.tally.aside('pong');
      return;
    }
    const cursor = this.cursor;
    let action = '';
    let isEvent = false;
    let data = -1;
    cursor.open(frame);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('arg')) this.#argument();
      else if (cursor.is('action')) action = cursor.string();
      else {
        if (cursor.is('event')) isEvent = true;
        // What it is may be told after it.
        if (cursor.is('data')) {
          cursor.peek();
          data = cursor.at;
        }
        cursor.skip();
      }
    }
    cursor.close();
    if (isEvent) this.#event(frame);
    else if (data === -1 || this.channel === '') this.unknown(frame);
    else {
      cursor.at = data;
      this.#data(action);
    }
  }

  #argument(): void {
    const cursor = this.cursor;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('channel')) this.channel = cursor.string();
      else if (cursor.is('instId')) this.native = cursor.string() || undefined;
      else cursor.skip();
    }
  }

  #data(action: string): void {
    const cursor = this.cursor;
    const channel = this.channel;
    if (BOOKS.has(channel)) {
      cursor.array();
      while (cursor.item()) this.#book(action === 'update');
    } else if (channel === 'trades' || channel === 'trades-all') this.#objects(row => this.#trade(row));
    else if (channel === 'tickers') this.#objects(row => this.#ticker(row));
    else if (channel.startsWith('candle')) this.#klines();
    else this.host.tally.aside(channel);
  }

  /** All rows are read before the first is used. */
  #objects(use: (row: Members) => void): void {
    const cursor = this.cursor;
    const rows: Members[] = [];
    cursor.array();
    while (cursor.item()) rows.push(Members.ofObject(cursor));
    for (const row of rows) use(row);
  }

  #book(isDelta: boolean): void {
    const cursor = this.cursor;
    const changes = this.changes;
    const sequences = this.#sequences;
    const channel = this.channel;
    const { at } = cursor;
    changes.clear();
    sequences.last = Number.NaN;
    sequences.previous = Number.NaN;
    let checksum = Number.NaN;
    let exchangeTime: number | null = null;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('bids')) changes.bids.readLevels(cursor);
      else if (cursor.is('asks')) changes.asks.readLevels(cursor);
      else if (cursor.is('ts')) exchangeTime = cursor.number() * 1000;
      else if (cursor.is('checksum')) checksum = cursor.number();
      else if (cursor.is('seqId')) sequences.last = cursor.number();
      else if (cursor.is('prevSeqId')) sequences.previous = cursor.number();
      else cursor.skip();
    }
    // Since 2026 the venue sends 0 where it computes none.
    if (checksum === 0) checksum = Number.NaN;
    sequences.first = sequences.previous;
    const { connection, native } = this;
    if (native === undefined) throw new FrameError('a book without instId');
    if (isDelta) {
      const facts = { sequences, exchangeTime, checksum, frame: cursor.text, at };
      this.#books.delta(native, connection, channel, changes, facts);
    } else {
      const facts = { sequence: sequences.last, exchangeTime, checksum };
      this.#books.snapshot(native, connection, channel, changes, facts);
    }
  }

  #trade(row: Members): void {
    const state = this.#state(row.optional('instId') ?? this.native ?? '');
    const { trades } = state;
    const id = row.text('tradeId');
    const count = Number(row.optionalDecimal('count') ?? 1);
    const last = Number(id);
    let fills: { first: string; last: string } | null = null;
    let isLate = false;
    if (Number.isSafeInteger(last)) {
      // The id is that of the last one of those that the row sums up.
      const first = last - Math.max(1, count) + 1;
      const place = trades.take(last, row.number('ts') * 1000, first);
      if (place === 'known') return;
      isLate = place === 'late';
      if (first !== last) fills = { first: String(first), last: id };
    }
    this.host.emit(
      tradeRow(head(this.host, ID, state.instrument, row.number('ts') * 1000, id), {
        id,
        side: takerSide(row.text('side')),
        priceText: row.decimal('px'),
        sizeText: row.decimal('sz'),
        ...{ fills, isLate },
      }),
    );
    if (isLate) trades.settle();
    else state.recovery.start();
  }

  #ticker(row: Members): void {
    const { instrument } = this.#state(row.optional('instId') ?? this.native ?? '');
    this.host.tally.of(instrument.native).counter('tickers').value++;
    this.host.emit(
      tickerRow(head(this.host, ID, instrument, row.number('ts') * 1000), {
        bid: row.optionalDecimal('bidPx'),
        bidSize: row.optionalDecimal('bidSz'),
        ask: row.optionalDecimal('askPx'),
        askSize: row.optionalDecimal('askSz'),
        last: row.optionalDecimal('last'),
        volume: row.optionalDecimal('vol24h'),
        high: row.optionalDecimal('high24h'),
        low: row.optionalDecimal('low24h'),
      }),
    );
  }

  #klines(): void {
    const cursor = this.cursor;
    const { instrument, klines } = this.#state(this.native ?? '');
    const interval = okxInterval(this.channel.slice('candle'.length));
    const rows: Members[] = [];
    cursor.array();
    while (cursor.item()) rows.push(Members.ofArray(cursor));
    for (const row of rows) {
      const openTime = row.number(0) * 1000;
      // Rows of old have neither of the two.
      const isClosed = row.count > 8 ? row.text(8) === '1' : null;
      if (!klines.row(interval, openTime, this.connection, isClosed ?? undefined)) continue;
      const texts: KlineRecord['texts'] = [
        row.decimal(1),
        row.decimal(2),
        row.decimal(3),
        row.decimal(4),
        row.decimal(5),
      ];
      this.host.emit(
        klineRow(head(this.host, ID, instrument, null), {
          ...{ interval, openTime, texts },
          quoteVolume: row.count > 8 ? row.number(7) : null,
          isClosed,
        }),
      );
    }
  }

  #event(frame: string): void {
    const message = parseObject(frame);
    const { code, msg } = message;
    const name = String(message.event);
    this.host.tally.aside(name);
    const what = `${ID}: ${String(code)} ${String(msg).slice(0, 200)}`;
    if (name === 'error') this.host.refused(this.connection, frame);
    else if (name === 'notice') this.host.notice('info', 'VENUE_NOTICE', what);
    else if (name === 'subscribe') {
      const { channel, instId } = memberOf(message, 'arg');
      if (typeof instId === 'string' && typeof channel === 'string' && BOOKS.has(channel)) {
        this.#books.awaited(instId, this.connection, channel);
      }
    }
  }

  #pastTrade(instrument: Instrument, { id, priceText, side, sizeText, time }: PastTrade): void {
    this.host.emit(
      tradeRow(head(this.host, ID, instrument, time, String(id)), {
        ...{ id: String(id), side: takerSide(side), priceText, sizeText, isLate: true },
      }),
    );
  }

  #pastKlines(query: URLSearchParams, text: string): void {
    const { instrument, klines } = this.#state(query.get('instId') ?? '');
    const interval = okxInterval(query.get('bar') ?? '');
    const rows = readKlines(text).map(row => ({ openTime: Number(row[0]) * 1000, row }));
    klines.bring(
      interval,
      rows,
      ({ openTime, row: [, open, high, low, close, volume, , quoteVolume] }) =>
        this.host.emit(
          klineRow(head(this.host, ID, instrument, null), {
            ...{ interval, openTime, texts: [open, high, low, close, volume] },
            quoteVolume: quoteVolume === undefined ? null : Number(quoteVolume),
            ...{ isClosed: true, isLate: true },
          }),
        ),
      PAGE_SIZE,
    );
  }

  protected override refused({ pathname, searchParams }: URL): void {
    if (!/\/history-(trades|candles)$/.test(pathname)) return;
    const { klines, recovery } = this.#state(searchParams.get('instId') ?? '');
    if (pathname.endsWith('/history-candles')) klines.failed(okxInterval(searchParams.get('bar') ?? ''));
    else recovery.failed();
  }

  #askKlines(native: string, missing: MissingKlines): void {
    const { interval, to } = missing;
    const name = OKX_INTERVALS.get(interval) ?? interval.replace('@+08:00', '').toUpperCase();
    this.host.fetch(klinesRequest(this.host.addresses.rest, native, name, to));
  }

  #state(native: string): SymbolState {
    if (native === '') throw new FrameError('no instId');
    const known = this.#symbols.get(native);
    if (known !== undefined) return known;
    const host = this.host;
    const instrument = host.instruments.of(native);
    const trades = new TradeLinks(host, this.gaps, instrument, 'tradeId == previous + count');
    const state: SymbolState = {
      ...{ instrument, trades },
      recovery: new TradeRecovery({
        ...{ links: trades, direction: 'backward' },
        ask: ({ last }, edge) => host.fetch(tradesRequest(host.addresses.rest, native, edge?.id ?? last + 1)),
        emit: row => this.#pastTrade(instrument, row),
      }),
      klines: new KlineLinks(host, this.gaps, instrument, missing => this.#askKlines(native, missing)),
    };
    this.#symbols.set(native, state);
    return state;
  }
}

const BOOKS: ReadonlySet<string> = new Set([
  ...['books', 'books5', 'books-l2-tbt', 'books50-l2-tbt', 'books-rpi'],
]);
