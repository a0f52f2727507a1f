import type { KlineRecord, TickerRecord } from '../../../model/records.ts';
import { BookFeed } from '../../books/book-feed.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import { isObject, parseObject } from '../../wire/json-object.ts';
import { KlineLinks } from '../continuity/kline-links.ts';
import { type MissingTrades, TradeLinks } from '../continuity/trade-links.ts';
import { TradeRecovery } from '../continuity/trade-recovery.ts';
import type { DecoderHost } from '../contract.ts';
import { VenueDecoder } from '../decoding/venue-decoder.ts';
import type { Instrument } from '../instruments.ts';
import { head, microseconds } from '../records/heads.ts';
import { klineRow, tradeRow } from '../records/rows.ts';
import { TickerCheck } from '../records/ticker-check.ts';
import type { Counter } from '../tally.ts';
import { code, Fields, LETTER } from './fields.ts';
import type { BinanceMarket } from './markets.ts';
import {
  aggregatesBetween,
  aggregatesFrom,
  type BinancePastTrade,
  bookRequest,
  klinesRequest,
  lastTrades,
  ROWS,
  readKlines,
  readTrades,
  tradesFrom,
} from './rest.ts';

/** State of one symbol. */
interface SymbolState {
  readonly instrument: Instrument;
  readonly feed: BookFeed;
  readonly check: TickerCheck;
  readonly trades: TradeLinks;
  readonly recovery: TradeRecovery<BinancePastTrade>;
  readonly klines: KlineLinks;
  /** Id of the aggregate after those that have come of what is missing. */
  nextAggregate: number | undefined;
  readonly aggregates: TradeLinks;
  readonly tickers: Counter;
  /** Connections on which changes of the book came; two while one replaces the other. */
  readonly bookCarriers: Set<number>;
}

export class BinanceDecoder extends VenueDecoder {
  readonly books = new Map<string, BookFeed>();
  readonly #market: BinanceMarket;
  readonly #symbols = new Map<string, SymbolState>();
  readonly #event = new Fields();
  readonly #kline = new Fields();
  readonly #sequences = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };
  /** Addresses of the connections that stand, which name their streams. */
  readonly #urls = new Map<number, string>();
  #last: SymbolState | undefined;
  #hasLevels = false;
  #hasKline = false;
  #hasTradesById: boolean;

  constructor(market: BinanceMarket, host: DecoderHost) {
    super(market.id, host);
    this.#market = market;
    this.#hasTradesById = market.hasTradesById;
  }

  override opened(connection: number, url: string): void {
    this.#urls.set(connection, url.toLowerCase());
  }

  closed(connection: number, reason: string): void {
    this.#urls.delete(connection);
    for (const { bookCarriers, feed, instrument, klines } of this.#symbols.values()) {
      klines.closed(connection, reason, interval => this.#carrierOf(instrument, `kline_${interval}`));
      if (!bookCarriers.delete(connection) || bookCarriers.size > 0) continue;
      // The one that replaces it brings the same changes, although none has come yet.
      if (this.#carrierOf(instrument, 'depth') !== undefined) continue;
      if (feed.isValid) feed.lose('DISCONNECTED', 'the connection stands', reason);
    }
  }

  /** A connection that was opened for a stream. */
  #carrierOf({ native }: Instrument, stream: string): number | undefined {
    const name = `${native}@${stream}`.toLowerCase();
    return [...this.#urls].find(([, url]) => url.includes(name))?.[0];
  }

  protected readAnswer({ pathname, searchParams }: URL, text: string): void {
    const endpoint = endpointOf(pathname);
    const native = searchParams.get('symbol') ?? '';
    if (endpoint === 'depth') this.#snapshot(native, text);
    else if (endpoint === 'exchangeInfo') this.#listed(text);
    else if (endpoint === 'klines') this.#pastKlines(native, searchParams.get('interval') ?? '', text);
    else if (/^(trades|historicalTrades|aggTrades)$/.test(endpoint)) {
      this.#pastTrades(native, readTrades(this.cursor, text));
    }
  }

  protected read(frame: string): void {
    const cursor = this.cursor;
    cursor.open(frame);
    this.#event.clear();
    this.changes.clear();
    this.#hasLevels = false;
    this.#hasKline = false;
    this.#sequences.previous = Number.NaN;
    let isShutdown = false;
    let [isAnswer, isError] = [false, false];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('stream')) {
        cursor.stringBounds();
        isShutdown = cursor.is('!serverShutdown');
      } else if (cursor.is('data')) {
        cursor.object();
        while (cursor.key()) this.#member();
      } else if (cursor.is('result') || cursor.is('error')) {
        isAnswer = true;
        isError = cursor.is('error');
        cursor.skip();
      } else this.#member();
    }
    cursor.close();
    if (isAnswer) {
      this.host.tally.aside('ack');
      if (isError) this.host.refused(this.connection, frame);
    } else if (this.#event.is(frame, LETTER.e, 'depthUpdate')) this.#depth(frame);
    else this.#dispatch(frame, isShutdown);
  }

  #member(): void {
    const cursor = this.cursor;
    const letter = cursor.letter;
    if (letter === 0 || letter > 127) {
      const isPrevious = cursor.is('pu');
      if (isPrevious) this.#sequences.previous = cursor.number();
      else cursor.skip();
      return;
    }
    const first = cursor.peek();
    if (first === 0x5b) {
      if (letter === LETTER.b) this.changes.bids.readLevels(cursor);
      else if (letter === LETTER.a) this.changes.asks.readLevels(cursor);
      else cursor.skip();
      this.#hasLevels = true;
    } else if (first === 0x7b && letter === LETTER.k) {
      this.#hasKline = true;
      this.#kline.clear();
      cursor.object();
      while (cursor.key()) {
        if (cursor.letter === 0 || cursor.letter > 127) cursor.skip();
        else this.#kline.read(cursor, cursor.letter);
      }
    } else if (first === 0x7b) cursor.skip();
    else this.#event.read(cursor, letter);
  }

  #dispatch(frame: string, isShutdown: boolean): void {
    const event = this.#event;
    const kind = event.has(LETTER.e) ? event.text(frame, 'e') : '';
    if (kind === 'trade' || kind === 'aggTrade') this.#trade(frame, kind);
    else if (kind === 'bookTicker' || (kind === '' && event.has(code('B')) && event.has(code('A'))))
      this.#ticker(frame);
    else if (kind === 'kline' && this.#hasKline) this.#klineRow(frame);
    else if (kind === '24hrTicker' || kind === '24hrMiniTicker') this.#dayTicker(frame);
    else if (kind === 'serverShutdown' || isShutdown) this.host.tally.aside('serverShutdown');
    else if (kind !== '') this.host.tally.aside(kind);
    else this.unknown(frame);
  }

  #depth(frame: string): void {
    if (!this.#hasLevels) throw new FrameError('a depth update without levels');
    const event = this.#event;
    const state = this.#stateOf(frame);
    state.bookCarriers.add(this.connection);
    const sequences = this.#sequences;
    sequences.first = event.number('U');
    sequences.last = event.number('u');
    state.feed.delta(this.changes, sequences, microseconds(event.number('E')));
    if (state.feed.isValid && state.feed.hasMoved && !state.check.book(sequences.last, state.feed.book)) {
      state.feed.lose('TICKER', TICKER_RULE, `after u=${sequences.last}`);
    }
  }

  #trade(frame: string, kind: 'trade' | 'aggTrade'): void {
    const event = this.#event;
    const state = this.#stateOf(frame);
    const isSingle = kind === 'trade';
    const sizeText = event.text(frame, 'q');
    const size = Number(sizeText);
    // Futures send rows of size 0 for what was no trade (X other than MARKET).
    const id = event.text(frame, isSingle ? 't' : 'a');
    const links = isSingle ? state.trades : state.aggregates;
    const place = links.take(Number(id), this.#timeOfTrade());
    if (place === 'known') return;
    if (size === 0) {
      links.settle();
      return;
    }
    const priceText = event.text(frame, 'p');
    this.host.emit({
      kind: 'trade',
      ...head(this.host, this.venue, state.instrument, this.#timeOfTrade()),
      id,
      // m: the buyer is the maker, so that the seller took.
      side: event.isTrue(frame, 'm') ? 'sell' : 'buy',
      price: Number(priceText),
      priceText,
      size,
      sizeText,
      isHistory: false,
      isLate: place === 'late',
      fills: isSingle ? null : { first: event.text(frame, 'f'), last: event.text(frame, 'l') },
    });
    if (place === 'late') links.settle();
    else if (isSingle) state.recovery.start();
  }

  /** T, or when the event was made: the sister sites of old had no T. */
  #timeOfTrade(): number {
    const event = this.#event;
    return microseconds(event.number(event.has(LETTER.T) ? 'T' : 'E'));
  }

  #ticker(frame: string): void {
    const event = this.#event;
    const state = this.#stateOf(frame);
    state.tickers.value++;
    const [bid, bidSize, ask, askSize] = ['b', 'B', 'a', 'A'].map(letter => event.text(frame, letter));
    const update = event.number('u');
    if (
      !state.check.ticker(update, Number(bid), Number(bidSize), Number(ask), Number(askSize)) &&
      state.feed.isValid
    ) {
      state.feed.lose('TICKER', TICKER_RULE, `u=${update}: ticker ${bid} ${ask}`);
    }
    this.host.emit({
      ...this.#tickerOf(state.instrument, event.has(LETTER.E) ? microseconds(event.number('E')) : null),
      sequence: event.text(frame, 'u'),
      bid,
      bidSize,
      ask,
      askSize,
    });
  }

  #dayTicker(frame: string): void {
    const event = this.#event;
    const state = this.#stateOf(frame);
    state.tickers.value++;
    const text = (letter: string) => (event.has(code(letter)) ? event.text(frame, letter) : null);
    this.host.emit({
      ...this.#tickerOf(state.instrument, microseconds(event.number('E'))),
      bid: text('b'),
      bidSize: text('B'),
      ask: text('a'),
      askSize: text('A'),
      last: text('c'),
      high: text('h'),
      low: text('l'),
      volume: text('v'),
    });
  }

  #tickerOf(instrument: Instrument, exchangeTime: number | null): TickerRecord {
    return {
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, exchangeTime),
      ...{ bid: null, bidSize: null, ask: null, askSize: null },
      ...{ last: null, volume: null, high: null, low: null },
    };
  }

  #klineRow(frame: string): void {
    const kline = this.#kline;
    const { instrument, klines } = this.#state(this.#event.text(frame, 's'));
    const interval = kline.text(frame, 'i');
    const openTime = microseconds(kline.number('t'));
    const isClosed = kline.isTrue(frame, 'x');
    if (!klines.row(interval, openTime, this.connection, isClosed)) return;
    const texts: KlineRecord['texts'] = [
      kline.text(frame, 'o'),
      kline.text(frame, 'h'),
      kline.text(frame, 'l'),
      kline.text(frame, 'c'),
      kline.text(frame, 'v'),
    ];
    this.host.emit(
      klineRow(head(this.host, this.venue, instrument, microseconds(this.#event.number('E'))), {
        ...{ interval, openTime, texts },
        quoteVolume: Number(kline.text(frame, 'q')),
        trades: kline.number('n'),
        isClosed,
      }),
    );
  }

  protected override refused({ pathname, searchParams }: URL): void {
    const endpoint = endpointOf(pathname);
    const native = searchParams.get('symbol') ?? '';
    if (endpoint === 'klines') this.#state(native).klines.failed(searchParams.get('interval') ?? '');
    else if (endpoint === 'historicalTrades') {
      // Who asks for a key there has the last ones without.
      this.#hasTradesById = false;
      this.#state(native).recovery.again();
    } else if (/^(trades|aggTrades)$/.test(endpoint)) this.#state(native).recovery.failed();
  }

  #askTrades(
    { native }: Instrument,
    stretch: MissingTrades,
    edge: BinancePastTrade | undefined,
    next: number,
  ): void {
    const market = this.#market;
    const { rest } = this.host.addresses;
    if (this.#hasTradesById) this.host.fetch(tradesFrom(market, rest, native, next));
    else if (edge === undefined) {
      this.#state(native).nextAggregate = undefined;
      this.host.fetch(lastTrades(market, rest, native));
    } else {
      const { nextAggregate } = this.#state(native);
      this.host.fetch(
        nextAggregate === undefined
          ? aggregatesBetween(market, rest, native, stretch.since, stretch.until)
          : aggregatesFrom(market, rest, native, nextAggregate),
      );
    }
  }

  #pastTrades(native: string, rows: readonly BinancePastTrade[]): void {
    const state = this.#state(native);
    const last = rows.at(-1)?.aggregate;
    if (last !== undefined) state.nextAggregate = last + 1;
    state.recovery.bring(rows);
  }

  #pastTrade(instrument: Instrument, row: BinancePastTrade): void {
    const { first = row.id, id, isBuyerMaker, priceText, sizeText, time } = row;
    if (Number(sizeText) === 0) return;
    this.host.emit(
      tradeRow(head(this.host, this.venue, instrument, time), {
        ...{ id: String(id), side: isBuyerMaker ? 'sell' : 'buy', priceText, sizeText },
        fills: row.aggregate === undefined ? null : { first: String(first), last: String(id) },
        isLate: true,
      }),
    );
  }

  #pastKlines(native: string, interval: string, text: string): void {
    const { instrument, klines } = this.#state(native);
    const rows = readKlines(this.cursor, text);
    klines.bring(
      interval,
      rows,
      row =>
        this.host.emit(
          klineRow(head(this.host, this.venue, instrument, null), {
            ...{ ...row, interval, isClosed: true, isLate: true },
          }),
        ),
      ROWS,
    );
  }

  #snapshot(native: string, text: string): void {
    const state = this.#state(native);
    const cursor = this.cursor;
    const changes = this.changes;
    changes.clear();
    let last = Number.NaN;
    let time: number | null = null;
    cursor.open(text);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('lastUpdateId')) last = cursor.number();
      else if (cursor.is('bids')) changes.bids.readLevels(cursor);
      else if (cursor.is('asks')) changes.asks.readLevels(cursor);
      else if (cursor.is('E')) time = microseconds(cursor.number());
      else cursor.skip();
    }
    cursor.close();
    if (Number.isNaN(last)) throw new FrameError('a snapshot without lastUpdateId');
    state.check.clear();
    state.feed.snapshot(changes, last, time);
  }

  #listed(text: string): void {
    const { symbols } = parseObject(text);
    for (const row of Array.isArray(symbols) ? symbols.filter(isObject) : []) {
      const native = String(row.symbol);
      const type = row.contractType ?? row.contractStatus;
      const suffix = type === undefined ? '' : (/_(.+)$/.exec(native)?.[1] ?? 'PERP');
      const pair = `${row.baseAsset}-${row.quoteAsset}`;
      this.host.instruments.add({
        native,
        symbol: suffix === '' ? pair : `${pair}-${suffix}`,
        ...(typeof row.contractSize === 'number' ? { contractSize: row.contractSize } : {}),
      });
    }
  }

  /** Of the symbol that the event names: mostly the one of the event before. */
  #stateOf(frame: string): SymbolState {
    const last = this.#last;
    if (last !== undefined && this.#event.is(frame, LETTER.s, last.instrument.native)) return last;
    this.#last = this.#state(this.#event.text(frame, 's'));
    return this.#last;
  }

  #state(native: string): SymbolState {
    const known = this.#symbols.get(native);
    if (known !== undefined) return known;
    const host = this.host;
    const instrument = host.instruments.of(native);
    const tally = host.tally.of(native);
    const feed = new BookFeed(host, this.gaps, this.#market.rules, instrument, one => this.#ask(one));
    const trades = new TradeLinks(host, this.gaps, instrument);
    const state: SymbolState = {
      ...{ instrument, feed, trades },
      recovery: new TradeRecovery({
        ...{ links: trades, direction: 'forward' },
        ask: (stretch, edge, next) => this.#askTrades(instrument, stretch, edge, next),
        emit: row => this.#pastTrade(instrument, row),
      }),
      klines: new KlineLinks(host, this.gaps, instrument, missing =>
        host.fetch(klinesRequest(this.#market, host.addresses.rest, native, missing)),
      ),
      check: new TickerCheck(tally.check('bestEqualsTicker'), tally.check('bestEqualsTickerSizes')),
      nextAggregate: undefined,
      aggregates: new TradeLinks(host, this.gaps, instrument),
      tickers: tally.counter('tickers'),
      bookCarriers: new Set(),
    };
    host.tally.rules.set('bestEqualsTicker', TICKER_RULE);
    this.#symbols.set(native, state);
    this.books.set(native, feed);
    return state;
  }

  #ask(instrument: Instrument): void {
    this.host.fetch(bookRequest(this.#market, this.host.addresses.rest, instrument.native));
  }
}

/** `/api/v3/depth` → depth. */
function endpointOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}

const TICKER_RULE = 'best bid/ask price == bookTicker with the same u';
