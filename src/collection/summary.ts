import type {
  GapRecord,
  KlineRecord,
  Level,
  MarketRecord,
  OrderRecord,
  TickerRecord,
  TradeRecord,
} from '../model/records.ts';
import { OrderByOrderBook } from '../venues/books/order-by-order.ts';
import { plainDecimal } from '../venues/wire/decimal.ts';
import type { CaptureLine } from './capture.ts';
import type { Pipeline } from './pipeline.ts';

/** Where something was found that does not fit. */
export interface Detection {
  /** Of the frames that were received, from 0. */
  readonly recvIndex: number;
  /** Of the file, from 1. */
  readonly line: number;
  /** Native; null for a whole connection. */
  readonly symbol: string | null;
  readonly channel: string | null;
  readonly cause: string;
  readonly rule: string;
  readonly detail: string;
  /** Line of the file with which it was whole again; null if it never was. */
  closedAt: number | null;
}

interface SymbolData {
  trades: number;
  tradesInSnapshot: number;
  size: bigint;
  sizeDecimals: number;
  first: TradeRecord | undefined;
  last: TradeRecord | undefined;
  buys: number;
  sells: number;
  klines: number;
  klinesInSnapshot: number;
  klinesClosed: number;
  lastKline: KlineRecord | undefined;
  lastTicker: TickerRecord | undefined;
  /** Orders of the last whole book; undefined where there was none. */
  whole: OrderByOrderBook | undefined;
}

/** What a capture comes to: everything that `qt capture check` prints. */
export class Summary {
  readonly #file: string;
  readonly #symbols = new Map<string, SymbolData>();
  readonly detections: Detection[] = [];
  /** The last line was cut, and left out. */
  isCut = false;
  readonly #open = new Map<number, Detection>();
  #venue = '';
  #lines = 0;
  #frames = 0;
  #binary = 0;
  #answers = 0;
  #connects = 0;
  #sends = 0;
  /** Records of the line that is being read. */
  #gaps: GapRecord[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  record(record: MarketRecord): void {
    if (record.kind === 'gap') {
      this.#gaps.push(record);
      return;
    }
    const data = this.#of(record.native);
    if (record.kind === 'trade') trade(data, record);
    else if (record.kind === 'ticker') data.lastTicker = record;
    else if (record.kind === 'order') order(data, record);
    else if (record.kind === 'kline') {
      if (record.isHistory) data.klinesInSnapshot++;
      else {
        data.klines++;
        if (record.isClosed === true) data.klinesClosed++;
        data.lastKline = record;
      }
    }
  }

  line(line: CaptureLine): void {
    this.#lines++;
    if (line.kind === 'header') this.#venue = line.venue;
    else if (line.kind === 'connect') this.#connects++;
    else if (line.kind === 'send') this.#sends++;
    else if (line.kind === 'http') this.#answers++;
    else if (line.kind === 'recv') {
      this.#frames++;
      if ('b64' in line) this.#binary++;
    }
    for (const gap of this.#gaps) this.#gap(gap);
    this.#gaps = [];
  }

  /** Plain data, as it is printed. */
  result(pipeline: Pipeline) {
    const { decoder, tally } = pipeline;
    const natives = new Set([...this.#symbols.keys(), ...tally.natives, ...decoder.books.keys()]);
    for (const native of decoder.orderBooks?.keys() ?? []) natives.add(native);
    natives.delete('');
    const symbols: Record<string, Record<string, unknown>> = {};
    for (const native of [...natives].sort()) symbols[native] = this.#symbol(native, pipeline);
    const sum = (name: string) =>
      Object.values(symbols).reduce((total, one) => total + ((one[name] as number | undefined) ?? 0), 0) +
      (tally.of('').counters.get(name)?.value ?? 0);
    const states = checkTotal(tally, 'bookStates');
    return {
      file: this.#file,
      lines: this.#lines,
      venue: this.#venue,
      counts: {
        recv: this.#frames,
        binaryFrames: this.#binary,
        http: this.#answers,
        ...Object.fromEntries(TOTALS.map(name => [name, sum(name)])),
        other: { connects: this.#connects, sends: this.#sends, ...Object.fromEntries(tally.other) },
      },
      integrity: Object.fromEntries(
        [...tally.rules]
          .map(([name, rule]) => [name, { ...checkTotal(tally, name), rule }] as const)
          .filter(([, { checked }]) => checked > 0),
      ),
      bookStates: { checked: states.checked, crossed: states.checked - states.passed },
      isCut: this.isCut,
      gaps: this.detections.length,
      detections: this.detections,
      symbols,
    };
  }

  #gap(gap: GapRecord): void {
    if (gap.state === 'closed') {
      const known = this.#open.get(gap.gap);
      if (known !== undefined) {
        known.closedAt = this.#lines;
        this.#open.delete(gap.gap);
        return;
      }
    }
    const detection: Detection = {
      recvIndex: this.#frames - 1,
      line: this.#lines,
      symbol: gap.native === '' ? null : gap.native,
      channel: gap.channel,
      cause: gap.cause,
      rule: gap.rule,
      detail: gap.detail,
      closedAt: gap.state === 'closed' ? this.#lines : null,
    };
    this.detections.push(detection);
    if (gap.state === 'open') this.#open.set(gap.gap, detection);
  }

  #symbol(native: string, pipeline: Pipeline): Record<string, unknown> {
    const { tally, decoder, instruments } = pipeline;
    const { counters, checks } = tally.of(native);
    const data = this.#of(native);
    const book = decoder.books.get(native) ?? decoder.orderBooks?.get(native);
    const states = checks.get('bookStates');
    const text = (levels: Iterable<Level>) => Array.from(levels, ([price, size]) => [price, size]);
    return {
      symbol: instruments.of(native).symbol,
      trades: data.trades,
      tradesInSnapshot: data.tradesInSnapshot,
      tradeSize: decimalOf(data.size, data.sizeDecimals),
      firstTradeId: data.first?.id ?? null,
      lastTradeId: data.last?.id ?? null,
      buys: data.buys,
      sells: data.sells,
      ...(data.last === undefined
        ? {}
        : { lastTrade: { price: data.last.priceText, size: data.last.sizeText, side: data.last.side } }),
      klines: data.klines,
      klinesInSnapshot: data.klinesInSnapshot,
      klinesClosed: data.klinesClosed,
      ...(data.lastKline === undefined ? {} : { lastKline: klineOf(data.lastKline) }),
      ...(data.lastTicker === undefined ? {} : { lastTicker: tickerOf(data.lastTicker) }),
      ...(data.whole === undefined ? {} : wholeOf(data.whole)),
      ...Object.fromEntries([...counters].map(([name, { value }]) => [name, value])),
      ...Object.fromEntries([...checks].filter(([name]) => tally.rules.has(name))),
      crossedStates: states === undefined ? 0 : states.checked - states.passed,
      ...(book === undefined
        ? {}
        : {
            book: {
              valid: book.isValid,
              bids: text(book.book.bids.levels(TOP)),
              asks: text(book.book.asks.levels(TOP)),
              bidLevels: book.book.bids.length,
              askLevels: book.book.asks.length,
            },
          }),
    };
  }

  #of(native: string): SymbolData {
    let data = this.#symbols.get(native);
    if (data === undefined) {
      data = {
        ...{ trades: 0, tradesInSnapshot: 0, size: 0n, sizeDecimals: 0, buys: 0, sells: 0 },
        ...{ klines: 0, klinesInSnapshot: 0, klinesClosed: 0 },
        ...{
          first: undefined,
          last: undefined,
          lastKline: undefined,
          lastTicker: undefined,
          whole: undefined,
        },
      };
      this.#symbols.set(native, data);
    }
    return data;
  }
}

/** Levels a side that are shown. */
const TOP = 10;

const TOTALS = [
  ...['trades', 'tradesInSnapshot', 'duplicateTrades'],
  ...['bookSnapshots', 'bookDeltas', 'bookDeltasApplied', 'bookDeltasStale', 'duplicateDeltas'],
  ...['klines', 'klinesInSnapshot', 'klinesClosed', 'tickers', 'l3NewOrder', 'l3OrderCanceled'],
  ...['l3Snapshots', 'l3Deltas', 'duplicateL3Deltas', 'unknownOrders', 'duplicateMessages', 'undecodable'],
];

function checkTotal(tally: Pipeline['tally'], name: string) {
  const total = { checked: 0, passed: 0 };
  for (const native of tally.natives) {
    const check = tally.of(native).checks.get(name);
    total.checked += check?.checked ?? 0;
    total.passed += check?.passed ?? 0;
  }
  return total;
}

/** Keeps the orders of whole books: `clear` begins one, `open` is one of its orders. */
function order(data: SymbolData, { action, orderId, priceText, side, sizeText }: OrderRecord): void {
  if (action === 'clear') data.whole = new OrderByOrderBook();
  else if (action === 'open' && priceText !== null && sizeText !== null) {
    data.whole?.set(orderId, side, priceText, sizeText);
  }
}

function wholeOf({ asks, bids }: OrderByOrderBook) {
  const sides = [bids, asks].map(side => ({
    orders: [...side.queues()].reduce((sum, { length }) => sum + length, 0),
    top: [...side.queues(TOP)].map(({ length, priceText, sizeText }) => [priceText, sizeText, length]),
  }));
  return {
    snapshotOrders: { bids: sides[0].orders, asks: sides[1].orders },
    snapshotTop: { bids: sides[0].top, asks: sides[1].top },
  };
}

function trade(data: SymbolData, record: TradeRecord): void {
  if (record.isHistory) {
    data.tradesInSnapshot++;
    return;
  }
  data.trades++;
  data.first ??= record;
  data.last = record;
  if (record.side === 'buy') data.buys++;
  else if (record.side === 'sell') data.sells++;
  const [whole, fraction = ''] = plainDecimal(record.sizeText).split('.');
  // Both with the same number of decimals, then added.
  if (fraction.length > data.sizeDecimals) {
    data.size *= 10n ** BigInt(fraction.length - data.sizeDecimals);
    data.sizeDecimals = fraction.length;
  }
  data.size += BigInt(whole + fraction.padEnd(data.sizeDecimals, '0'));
}

function decimalOf(value: bigint, decimals: number): string {
  const digits = String(value).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return plainDecimal(decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`);
}

function klineOf({ openTime, texts: [open, high, low, close, volume], isClosed }: KlineRecord) {
  return { start: openTime, open, high, low, close, volume, closed: isClosed };
}

function tickerOf({ bid, bidSize, ask, askSize, last }: TickerRecord) {
  return { bid, bidSize, ask, askSize, last };
}
