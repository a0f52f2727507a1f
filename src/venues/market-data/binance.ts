import type { Channel, KlineRecord, TickerRecord } from '../../model/records.ts';
import { BookFeed, type BookRules } from '../books/book-feed.ts';
import { LevelChanges } from '../books/level-changes.ts';
import { FrameError, JsonCursor } from '../wire/json-cursor.ts';
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
import { head, microseconds } from './heads.ts';
import { type Instrument, splitPair } from './instruments.ts';
import type { Counter } from './tally.ts';
import { TickerCheck } from './ticker-check.ts';
import { TradeLinks } from './trade-links.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
/** The venue takes 1,024. */
const MOST_STREAMS = 200;
const SNAPSHOT_LEVELS = 1000;

/** How the markets of Binance differ. */
interface Market {
  readonly id: string;
  readonly name: string;
  readonly addresses: VenueAddresses;
  /** The path of REST requests: `/api/v3`. */
  readonly api: string;
  readonly rules: BookRules;
  readonly depth: string;
  /** Streams by the path that serves them; undefined where one path serves all. */
  readonly paths?: (stream: string) => string;
  guess(native: string): Instrument;
}

const SPOT_RULES = (venue: string): BookRules => ({
  venue,
  link: {
    check: 'links',
    rule: 'U == previous u + 1',
    follows: (last, delta) => delta.first === last + 1,
    repeats: (last, delta) => delta.last <= last,
    describe: (last, delta) => `U=${delta.first} previous u=${last}`,
  },
  join: {
    rule: 'snapshot join: U<=L+1<=u',
    isStale: (snapshot, delta) => delta.last <= snapshot,
    joins: (snapshot, delta) => delta.first <= snapshot + 1 && snapshot + 1 <= delta.last,
    describe: (snapshot, delta) => `L=${snapshot} U=${delta.first} u=${delta.last}`,
  },
});

const FUTURES_RULES = (venue: string): BookRules => ({
  venue,
  link: {
    check: 'links',
    rule: 'pu == previous u',
    follows: (last, delta) => delta.previous === last,
    repeats: (last, delta) => delta.last <= last,
    describe: (last, delta) => `pu=${delta.previous} previous u=${last}`,
  },
  join: {
    rule: 'snapshot join: U<=L<=u',
    isStale: (snapshot, delta) => delta.last < snapshot,
    joins: (snapshot, delta) => delta.first <= snapshot && snapshot <= delta.last,
    describe: (snapshot, delta) => `L=${snapshot} U=${delta.first} u=${delta.last}`,
  },
});

function spotInstrument(native: string): Instrument {
  const upper = native.toUpperCase();
  const pair = splitPair(upper);
  return { native: upper, symbol: pair === undefined ? upper : `${pair.base}-${pair.quote}` };
}

/** `BTCUSDT` → BTC-USDT-PERP, `BTCUSDT_261225` → BTC-USDT-261225, `BTCUSD_PERP` → BTC-USD-PERP. */
function futuresInstrument(native: string): Instrument {
  const upper = native.toUpperCase();
  const [name, expiry = 'PERP'] = upper.split('_');
  const pair = splitPair(name);
  return { native: upper, symbol: pair === undefined ? upper : `${pair.base}-${pair.quote}-${expiry}` };
}

const MARKETS: readonly Market[] = [
  {
    id: 'binance-spot',
    name: 'Binance spot',
    addresses: { stream: 'wss://stream.binance.com:9443', rest: 'https://api.binance.com' },
    api: '/api/v3',
    rules: SPOT_RULES('binance-spot'),
    depth: 'depth@100ms',
    guess: spotInstrument,
  },
  {
    id: 'binance-us',
    name: 'Binance.US',
    addresses: { stream: 'wss://stream.binance.us:9443', rest: 'https://api.binance.us' },
    api: '/api/v3',
    rules: SPOT_RULES('binance-us'),
    depth: 'depth@100ms',
    guess: spotInstrument,
  },
  {
    id: 'binance-usdm',
    name: 'Binance USDⓈ-M futures',
    addresses: { stream: 'wss://fstream.binance.com', rest: 'https://fapi.binance.com' },
    api: '/fapi/v1',
    rules: FUTURES_RULES('binance-usdm'),
    depth: 'depth@100ms',
    // Since April 2026 a socket serves either kind of stream.
    paths: stream => (/@(depth|bookTicker|trade|rpiDepth)/.test(stream) ? '/public' : '/market'),
    guess: futuresInstrument,
  },
  {
    id: 'binance-coinm',
    name: 'Binance COIN-M futures',
    addresses: { stream: 'wss://dstream.binance.com', rest: 'https://dapi.binance.com' },
    api: '/dapi/v1',
    rules: FUTURES_RULES('binance-coinm'),
    depth: 'depth@100ms',
    guess: futuresInstrument,
  },
];

export const BINANCE: readonly Venue[] = MARKETS.map(market => ({
  id: market.id,
  name: market.name,
  channels: ['trades', 'book', 'klines', 'tickers'],
  addresses: market.addresses,
  limits: { connects: { count: 300, withinMs: 300 * SECOND } },
  instrumentRequests: addresses => [{ method: 'GET', url: `${addresses.rest}${market.api}/exchangeInfo` }],
  guess: market.guess,
  plan: (subscriptions, addresses) => plan(market, subscriptions, addresses),
  decoder: host => new BinanceDecoder(market, host),
}));

function plan(
  market: Market,
  subscriptions: readonly Subscription[],
  addresses: VenueAddresses,
): ConnectionPlan[] {
  const byPath = new Map<string, { stream: string; subscription: Subscription }[]>();
  for (const subscription of subscriptions) {
    const stream = streamOf(market, subscription);
    const path = market.paths?.(stream) ?? '';
    byPath.set(path, [...(byPath.get(path) ?? []), { stream, subscription }]);
  }
  return [...byPath].flatMap(([path, all]) => {
    const plans: ConnectionPlan[] = [];
    for (let from = 0; from < all.length; from += MOST_STREAMS) {
      const part = all.slice(from, from + MOST_STREAMS);
      plans.push({
        url: `${addresses.stream}${path}/stream?streams=${part.map(one => one.stream).join('/')}`,
        requests: [],
        paceMs: SECOND / 4,
        silenceMs: 60 * SECOND,
        oldestMs: 23 * HOUR,
        subscriptions: part.map(one => one.subscription),
      });
    }
    return plans;
  });
}

function streamOf(market: Market, { channel, instrument, interval }: Subscription): string {
  const names: Readonly<Record<Channel, string>> = {
    trades: 'trade',
    book: market.depth,
    l3: market.depth,
    klines: `kline_${interval ?? '1m'}`,
    tickers: 'bookTicker',
  };
  return `${instrument.native.toLowerCase()}@${names[channel]}`;
}

/** State of one symbol. */
interface SymbolState {
  readonly instrument: Instrument;
  readonly feed: BookFeed;
  readonly check: TickerCheck;
  readonly trades: TradeLinks;
  readonly aggregates: TradeLinks;
  readonly tickers: Counter;
  /** Connections on which changes of the book came; two while one replaces the other. */
  readonly bookCarriers: Set<number>;
}

const LETTER = {
  E: 0x45,
  T: 0x54,
  U: 0x55,
  a: 0x61,
  b: 0x62,
  e: 0x65,
  k: 0x6b,
  s: 0x73,
  t: 0x74,
  u: 0x75,
} as const;

const code = (letter: string) => letter.charCodeAt(0);

/** The scalar members of an object by their one-letter keys: bounds in the frame, and numbers where they are bare. */
class Fields {
  readonly starts = new Int32Array(128);
  readonly ends = new Int32Array(128);
  readonly numbers = new Float64Array(128);
  #seen = new Uint8Array(128);

  clear(): void {
    this.#seen.fill(0);
  }

  /** Reads the value that comes next. */
  read(cursor: JsonCursor, letter: number): void {
    const first = cursor.peek();
    cursor.bounds();
    this.starts[letter] = cursor.start;
    this.ends[letter] = cursor.end;
    this.#seen[letter] = 1;
    if (first >= 0x30 && first <= 0x39) this.numbers[letter] = cursor.mantissa;
    else this.numbers[letter] = Number.NaN;
  }

  has(letter: number): boolean {
    return this.#seen[letter] === 1;
  }

  text(frame: string, letter: string): string {
    const at = code(letter);
    if (!this.has(at)) throw new FrameError(`"${letter}" is missing`);
    return frame.slice(this.starts[at], this.ends[at]);
  }

  number(letter: string): number {
    const at = code(letter);
    if (!this.has(at) || Number.isNaN(this.numbers[at])) throw new FrameError(`no number "${letter}"`);
    return this.numbers[at];
  }

  isTrue(frame: string, letter: string): boolean {
    return this.text(frame, letter) === 'true';
  }
}

class BinanceDecoder implements Decoder {
  readonly books = new Map<string, BookFeed>();
  readonly #market: Market;
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #symbols = new Map<string, SymbolState>();
  readonly #cursor = new JsonCursor();
  readonly #event = new Fields();
  readonly #kline = new Fields();
  readonly #changes = new LevelChanges();
  readonly #sequences = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };
  /** Addresses of the connections that stand, which name their streams. */
  readonly #urls = new Map<number, string>();
  #connection = -1;
  #hasLevels = false;
  #hasKline = false;

  constructor(market: Market, host: DecoderHost) {
    this.#market = market;
    this.#host = host;
    this.#gaps = new Gaps(host, market.id);
  }

  opened(connection: number, url: string): void {
    this.#urls.set(connection, url.toLowerCase());
  }

  sent(): void {}

  binary(): void {
    this.#gaps.unreadable('', 'a binary frame', 'frame is text');
  }

  closed(connection: number, reason: string): void {
    this.#urls.delete(connection);
    for (const { bookCarriers, feed, instrument } of this.#symbols.values()) {
      if (!bookCarriers.delete(connection) || bookCarriers.size > 0) continue;
      // The one that replaces it brings the same changes, although none has come yet.
      const stream = `${instrument.native.toLowerCase()}@depth`;
      if ([...this.#urls.values()].some(url => url.includes(stream))) continue;
      if (feed.isValid) feed.lose('DISCONNECTED', 'the connection stands', reason);
    }
  }

  text(connection: number, frame: string): void {
    this.#connection = connection;
    try {
      this.#read(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#gaps.unreadable(frame, error.message);
    }
  }

  answer(request: RestRequest, status: number, text: string): void {
    if (status !== 200) return;
    const url = new URL(request.url);
    try {
      if (url.pathname.endsWith('/depth')) this.#snapshot(url.searchParams.get('symbol') ?? '', text);
      else if (url.pathname.endsWith('/exchangeInfo')) this.#listed(text);
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof SyntaxError)) throw error;
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${url.host}${url.pathname}: ${error.message}`);
    }
  }

  #read(frame: string): void {
    const cursor = this.#cursor;
    cursor.open(frame);
    this.#event.clear();
    this.#changes.clear();
    this.#hasLevels = false;
    this.#hasKline = false;
    this.#sequences.previous = Number.NaN;
    let stream = '';
    let isAnswer = false;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('stream')) stream = cursor.string();
      else if (cursor.is('data')) {
        cursor.object();
        while (cursor.key()) this.#member();
      } else if (cursor.is('result') || cursor.is('error')) {
        isAnswer = true;
        cursor.skip();
      } else this.#member();
    }
    cursor.close();
    if (isAnswer) this.#host.tally.aside('ack');
    else this.#dispatch(frame, stream);
  }

  #member(): void {
    const cursor = this.#cursor;
    const letter = cursor.letter;
    if (letter === 0 || letter > 127) {
      const isPrevious = cursor.is('pu');
      if (isPrevious) this.#sequences.previous = cursor.number();
      else cursor.skip();
      return;
    }
    const first = cursor.peek();
    if (first === 0x5b) {
      if (letter === LETTER.b) this.#changes.bids.readLevels(cursor);
      else if (letter === LETTER.a) this.#changes.asks.readLevels(cursor);
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

  #dispatch(frame: string, stream: string): void {
    const event = this.#event;
    const kind = event.has(LETTER.e) ? event.text(frame, 'e') : '';
    if (kind === 'depthUpdate') this.#depth(frame);
    else if (kind === 'trade' || kind === 'aggTrade') this.#trade(frame, kind);
    else if (kind === 'bookTicker' || (kind === '' && event.has(code('B')) && event.has(code('A'))))
      this.#ticker(frame);
    else if (kind === 'kline' && this.#hasKline) this.#klineRow(frame);
    else if (kind === '24hrTicker' || kind === '24hrMiniTicker') this.#dayTicker(frame);
    else if (kind === 'serverShutdown' || stream === '!serverShutdown')
      this.#host.tally.aside('serverShutdown');
    else if (kind !== '') this.#host.tally.aside(kind);
    else {
      this.#host.tally.aside('unknown');
      this.#host.notice('warning', 'FRAME_UNKNOWN', `${this.#market.id}: ${frame.slice(0, 100)}`);
    }
  }

  #depth(frame: string): void {
    if (!this.#hasLevels) throw new FrameError('a depth update without levels');
    const event = this.#event;
    const state = this.#state(event.text(frame, 's'));
    state.bookCarriers.add(this.#connection);
    const sequences = this.#sequences;
    sequences.first = event.number('U');
    sequences.last = event.number('u');
    state.feed.delta(this.#changes, sequences, microseconds(event.number('E')));
    if (state.feed.isValid && state.feed.hasMoved && !state.check.book(sequences.last, state.feed.book)) {
      state.feed.lose('TICKER', TICKER_RULE, `after u=${sequences.last}`);
    }
  }

  #trade(frame: string, kind: 'trade' | 'aggTrade'): void {
    const event = this.#event;
    const state = this.#state(event.text(frame, 's'));
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
    this.#host.emit({
      kind: 'trade',
      ...head(this.#host, this.#market.id, state.instrument, this.#timeOfTrade()),
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
  }

  /** T, or when the event was made: the sister sites of old had no T. */
  #timeOfTrade(): number {
    const event = this.#event;
    return microseconds(event.number(event.has(LETTER.T) ? 'T' : 'E'));
  }

  #ticker(frame: string): void {
    const event = this.#event;
    const state = this.#state(event.text(frame, 's'));
    state.tickers.value++;
    const [bid, bidSize, ask, askSize] = ['b', 'B', 'a', 'A'].map(letter => event.text(frame, letter));
    const update = event.number('u');
    if (
      !state.check.ticker(update, Number(bid), Number(bidSize), Number(ask), Number(askSize)) &&
      state.feed.isValid
    ) {
      state.feed.lose('TICKER', TICKER_RULE, `u=${update}: ticker ${bid} ${ask}`);
    }
    this.#host.emit({
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
    const state = this.#state(event.text(frame, 's'));
    state.tickers.value++;
    const text = (letter: string) => (event.has(code(letter)) ? event.text(frame, letter) : null);
    this.#host.emit({
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
      ...head(this.#host, this.#market.id, instrument, exchangeTime),
      ...{ bid: null, bidSize: null, ask: null, askSize: null },
      ...{ last: null, volume: null, high: null, low: null },
    };
  }

  #klineRow(frame: string): void {
    const kline = this.#kline;
    const { instrument } = this.#state(this.#event.text(frame, 's'));
    const texts: KlineRecord['texts'] = [
      kline.text(frame, 'o'),
      kline.text(frame, 'h'),
      kline.text(frame, 'l'),
      kline.text(frame, 'c'),
      kline.text(frame, 'v'),
    ];
    const [open, high, low, close, volume] = texts.map(Number);
    this.#host.emit({
      kind: 'kline',
      ...head(this.#host, this.#market.id, instrument, microseconds(this.#event.number('E'))),
      interval: kline.text(frame, 'i'),
      openTime: microseconds(kline.number('t')),
      ...{ open, high, low, close, volume, texts },
      quoteVolume: Number(kline.text(frame, 'q')),
      trades: kline.number('n'),
      isClosed: kline.isTrue(frame, 'x'),
      isHistory: false,
      isLate: false,
    });
  }

  #snapshot(native: string, text: string): void {
    const state = this.#state(native);
    const cursor = this.#cursor;
    const changes = this.#changes;
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
    const { symbols = [] } = JSON.parse(text) as { symbols?: readonly Record<string, unknown>[] };
    for (const row of symbols) {
      const native = String(row.symbol);
      const type = row.contractType ?? row.contractStatus;
      const suffix = type === undefined ? '' : (/_(.+)$/.exec(native)?.[1] ?? 'PERP');
      const pair = `${row.baseAsset}-${row.quoteAsset}`;
      this.#host.instruments.add({
        native,
        symbol: suffix === '' ? pair : `${pair}-${suffix}`,
        ...(typeof row.contractSize === 'number' ? { contractSize: row.contractSize } : {}),
      });
    }
  }

  #state(native: string): SymbolState {
    const known = this.#symbols.get(native);
    if (known !== undefined) return known;
    const host = this.#host;
    const instrument = host.instruments.of(native);
    const tally = host.tally.of(native);
    const feed = new BookFeed(host, this.#gaps, this.#market.rules, instrument, one => this.#ask(one));
    const state: SymbolState = {
      instrument,
      feed,
      check: new TickerCheck(tally.check('bestEqualsTicker'), tally.check('bestEqualsTickerSizes')),
      trades: new TradeLinks(host, this.#gaps, instrument),
      aggregates: new TradeLinks(host, this.#gaps, instrument),
      tickers: tally.counter('tickers'),
      bookCarriers: new Set(),
    };
    host.tally.rules.set('bestEqualsTicker', TICKER_RULE);
    this.#symbols.set(native, state);
    this.books.set(native, feed);
    return state;
  }

  #ask(instrument: Instrument): void {
    const { rest } = this.#host.addresses;
    const query = `symbol=${instrument.native}&limit=${SNAPSHOT_LEVELS}`;
    this.#host.fetch({ method: 'GET', url: `${rest}${this.#market.api}/depth?${query}` });
  }
}

const TICKER_RULE = 'best bid/ask price == bookTicker with the same u';
