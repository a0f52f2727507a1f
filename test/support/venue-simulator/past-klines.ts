import { klinesOf, lengthOf, type MarketKline } from './klines.ts';
import { restName } from './kraken-text.ts';
import { bare, priceText, sizeText } from './market.ts';
import type { VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** What is wrong with a page of klines: nothing, only part of it is there, or rows that nobody asked for. */
export type PageFault = 'none' | 'empty' | 'short' | 'overlapping';

/** How one venue is asked for klines of the past, and answers; times are epoch ms. */
interface PastKlines {
  readonly path: RegExp;
  native(url: URL): string | null;
  range(query: URLSearchParams): readonly [from: number, to: number];
  readonly isNewestFirst: boolean;
  /** Rows of one answer; few, so that more have to be asked for. */
  readonly most: number;
  answer(rows: readonly MarketKline[], native: string): string;
}

const price = (ticks: number) => bare(priceText(ticks));
const size = (lots: number) => bare(sizeText(lots));
const seconds = (ms: number) => Math.floor(ms / 1000);
const named = (name: string) => (url: URL) => url.searchParams.get(name);
const between =
  (first: string, last: string, unit: number) =>
  (query: URLSearchParams): readonly [number, number] => [
    Number(query.get(first)) * unit,
    Number(query.get(last)) * unit,
  ];
const ohlc = ({ close, high, low, open }: MarketKline) => [open, high, low, close].map(price);

const binance: PastKlines = {
  path: /\/klines$/,
  native: named('symbol'),
  range: between('startTime', 'endTime', 1),
  ...{ isNewestFirst: false, most: 1000 },
  answer: rows =>
    JSON.stringify(
      rows.map(one => [
        one.openTime,
        ...ohlc(one),
        size(one.volume),
        one.openTime + 59_999,
        '1',
        one.count,
        '1',
        '1',
        '0',
      ]),
    ),
};

const okx: PastKlines = {
  path: /\/history-candles$/,
  native: named('instId'),
  range: query => [0, Number(query.get('after')) - 1],
  ...{ isNewestFirst: true, most: 100 },
  answer: rows =>
    JSON.stringify({
      ...{ code: '0', msg: '' },
      data: rows.map(one => [String(one.openTime), ...ohlc(one), size(one.volume), '1', '1', '1']),
    }),
};

const kraken: PastKlines = {
  path: /\/OHLC$/,
  native: named('pair'),
  range: query => [Number(query.get('since')) * 1000 + 1, Number.POSITIVE_INFINITY],
  ...{ isNewestFirst: false, most: 720 },
  answer: (rows, native) =>
    JSON.stringify({
      error: [],
      result: {
        [native]: rows.map(one => [seconds(one.openTime), ...ohlc(one), '1', size(one.volume), one.count]),
        last: 0,
      },
    }),
};

const bybit: PastKlines = {
  path: /\/market\/kline$/,
  native: named('symbol'),
  range: between('start', 'end', 1),
  ...{ isNewestFirst: true, most: 1000 },
  answer: rows => {
    const list = rows.map(one => [String(one.openTime), ...ohlc(one), size(one.volume), '1']);
    return JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: 'linear', list } });
  },
};

const htx: PastKlines = {
  path: /\/history\/kline$/,
  native: url => url.searchParams.get('symbol') ?? url.searchParams.get('contract_code'),
  range: query => (query.has('from') ? between('from', 'to', 1000)(query) : [0, Number.POSITIVE_INFINITY]),
  ...{ isNewestFirst: true, most: 2000 },
  answer: rows => {
    const data = rows.map(one => {
      const [open, high, low, close] = ohlc(one).map(Number);
      const amount = Number(size(one.volume));
      return { id: seconds(one.openTime), open, close, low, high, amount, vol: 1, count: one.count };
    });
    return JSON.stringify({ status: 'ok', data });
  },
};

const kucoin: PastKlines = {
  path: /\/market\/candles$/,
  native: named('symbol'),
  range: between('startAt', 'endAt', 1000),
  ...{ isNewestFirst: true, most: 1500 },
  answer: rows => {
    const data = rows.map(one => {
      const [open, high, low, close] = ohlc(one);
      return [String(seconds(one.openTime)), open, close, high, low, size(one.volume), '1'];
    });
    return JSON.stringify({ code: '200000', data });
  },
};

const kucoinFutures: PastKlines = {
  path: /\/kline\/query$/,
  native: named('symbol'),
  range: between('from', 'to', 1),
  ...{ isNewestFirst: false, most: 500 },
  answer: rows =>
    JSON.stringify({
      code: '200000',
      data: rows.map(one => [one.openTime, ...[...ohlc(one), size(one.volume)].map(Number), 1]),
    }),
};

const phemex: PastKlines = {
  path: /\/kline\/list$/,
  native: named('symbol'),
  range: between('from', 'to', 1000),
  ...{ isNewestFirst: false, most: 1000 },
  answer: (rows, native) => {
    const scaled = (text: string) => {
      const [whole, fraction = ''] = text.split('.');
      return String(BigInt(whole + fraction.padEnd(8, '0')));
    };
    const number = native.startsWith('s') ? scaled : (text: string) => `"${text}"`;
    const all = rows.map(one => {
      const [open, high, low, close] = ohlc(one).map(number);
      return `[${seconds(one.openTime)},60,${open},${open},${high},${low},${close},${number(size(one.volume))},1]`;
    });
    return `{"code":0,"msg":"OK","data":{"total":-1,"rows":[${all.join(',')}]}}`;
  },
};

const bitfinex: PastKlines = {
  path: /\/candles\/trade.*\/hist$/,
  native: ({ pathname }) => /trade:[^:]+:([^/]+)\//.exec(decodeURIComponent(pathname))?.[1] ?? null,
  range: between('start', 'end', 1),
  ...{ isNewestFirst: false, most: 10_000 },
  answer: rows => {
    const all = rows.map(one => {
      const [open, high, low, close] = ohlc(one);
      return `[${[one.openTime, open, close, high, low, size(one.volume)].join(',')}]`;
    });
    return `[${all.join(',')}]`;
  },
};

const coinbase: PastKlines = {
  path: /\/products\/[^/]+\/candles$/,
  native: ({ pathname }) => /\/products\/([^/]+)\//.exec(pathname)?.[1] ?? null,
  range: between('start', 'end', 1000),
  ...{ isNewestFirst: true, most: 350 },
  answer: rows => {
    const candles = rows.map(one => {
      const [open, high, low, close] = ohlc(one);
      return { start: String(seconds(one.openTime)), low, high, open, close, volume: size(one.volume) };
    });
    return JSON.stringify({ candles });
  },
};

const PAST: Readonly<Record<string, PastKlines>> = {
  ...{ 'binance-spot': binance, 'binance-us': binance, 'binance-usdm': binance, 'binance-coinm': binance },
  ...{ okx, kraken, bybit, 'bybit-spot': bybit, htx, 'htx-swap': htx, kucoin, phemex, bitfinex, coinbase },
  'kucoin-futures': kucoinFutures,
};

/** The answer to a request for klines of the past; undefined where it is none, or the venue has none. */
export function pastKlines(
  protocol: VenueProtocol,
  url: URL,
  market: SimulatedMarket,
  now: number,
  fault: () => PageFault,
): string | undefined {
  const past = PAST[protocol.venue];
  if (past === undefined || !past.path.test(url.pathname)) return undefined;
  const native = past.native(url);
  const nameOf = protocol.venue === 'kraken' ? restName : protocol.native;
  const symbol = protocol.symbols.find(one => nameOf(one) === native);
  if (native === null || symbol === undefined) return undefined;
  const [from, to] = past.range(url.searchParams);
  const all = klinesOf(market.of(symbol), lengthOf(protocol), now);
  const asked = all.filter(({ openTime }) => openTime >= from && openTime <= to);
  const ordered = past.isNewestFirst ? asked.reverse() : asked;
  return past.answer(faulty(ordered.slice(0, past.most), all, fault()), native);
}

function faulty(rows: readonly MarketKline[], all: readonly MarketKline[], fault: PageFault) {
  if (fault === 'empty') return [];
  if (fault === 'short') return rows.slice(0, Math.ceil(rows.length / 2));
  // Others of before and after, as from a cache.
  if (fault === 'overlapping') return [...all.slice(0, 2), ...rows, ...all.slice(-1)];
  return rows;
}
