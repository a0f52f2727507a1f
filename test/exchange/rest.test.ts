import { beforeAll, describe, expect, test } from 'vitest';
import type { SymbolInfo } from '../../src/exchange/exchange-info.ts';
import type { Market } from '../../src/exchange/market.ts';
import { RequestLimit } from '../../src/exchange/request-limit.ts';
import { answer, weightOf } from '../../src/exchange/rest.ts';
import { type Moment, Tape } from '../../src/exchange/tape.ts';
import { decimalText } from '../../src/model/decimal-text.ts';
import { MINUTE, market, minutes, START } from './support.ts';

const BARS = 1500;
let all: Market;
beforeAll(async () => {
  all = await market({ BTCUSDT: minutes(BARS), ETHUSDT: minutes(BARS, 2) });
});

function get(
  path: string,
  moment: Moment = { time: all.end, opened: true },
  symbols: ReadonlyMap<string, SymbolInfo> = new Map(),
): { status: number; body: never } {
  const [pathname, query = ''] = path.split('?');
  const tape = new Tape(all, { speed: null });
  const info = { lockstep: true, speed: null, time: moment.time, end: all.end, series: [] };
  const request = { method: 'GET', path: pathname, query };
  const { status, body } = answer(request, { tape, moment, time: moment.time, info, symbols });
  return { status, body: (body.startsWith('<') ? body : JSON.parse(body)) as never };
}

const klines = (query: string, moment?: Moment): (string | number)[][] =>
  get(`/api/v3/klines?symbol=BTCUSDT&interval=1m&${query}`, moment).body;
const opens = (query: string, moment?: Moment) =>
  klines(query, moment).map(([time]) => ((time as number) - START) / MINUTE);

describe('klines', () => {
  test('are 500 of the most recent ones, or as many as asked, up to 1000', () => {
    expect(opens('')).toEqual(Array.from({ length: 500 }, (_, i) => BARS - 500 + i));
    expect(opens('limit=2')).toEqual([BARS - 2, BARS - 1]);
    expect(opens('limit=5000')).toHaveLength(1000);
  });

  test('are the oldest ones from a start time on, so that pages follow each other', () => {
    expect(opens(`startTime=${START}&limit=3`)).toEqual([0, 1, 2]);
    expect(opens(`startTime=${START + 1}&limit=3`)).toEqual([1, 2, 3]);
    const pages: number[] = [];
    for (let from = START; ; from = START + (pages.at(-1)! + 1) * MINUTE) {
      const page = opens(`startTime=${from}&limit=1000`);
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(Array.from({ length: BARS }, (_, i) => i));
  });

  test('end with the one that opens at the end time', () => {
    expect(opens(`endTime=${START + 2 * MINUTE}`)).toEqual([0, 1, 2]);
    expect(opens(`endTime=${START + 2 * MINUTE - 1}&limit=1`)).toEqual([1]);
    expect(opens(`startTime=${START + MINUTE}&endTime=${START + 3 * MINUTE}`)).toEqual([1, 2, 3]);
    expect(opens(`startTime=${START + MINUTE}&endTime=${START}`)).toEqual([]);
  });

  test('end with the unfinished one once it has opened', () => {
    const time = START + 10 * MINUTE;
    expect(opens('limit=2', { time, opened: false })).toEqual([8, 9]);
    expect(opens('limit=2', { time, opened: true })).toEqual([9, 10]);
    const [, , open] = klines('limit=3', { time, opened: true });
    expect(open.slice(1, 5)).toEqual(Array(4).fill(open[1]));
    expect(open[6]).toBe(time + MINUTE - 1);
  });

  test('say the bar of the data in Binance’s twelve fields, as texts that keep every digit', () => {
    const [row] = klines(`startTime=${START}&limit=1`);
    const [source] = all.sources;
    expect(row).toEqual([
      START,
      decimalText(source.open[0]),
      decimalText(source.high[0]),
      decimalText(source.low[0]),
      decimalText(source.close[0]),
      decimalText(source.volume[0]),
      START + MINUTE - 1,
      decimalText(source.quoteVolume(0)),
      100,
      decimalText(source.takerBase(0)),
      decimalText(source.takerQuote(0)),
      '0',
    ]);
  });

  test('of longer intervals begin where theirs begin', () => {
    const hours: number[][] = get(
      `/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime=${START + 1}&limit=2`,
    ).body;
    expect(hours.map(([time]) => time)).toEqual([START + 60 * MINUTE, START + 120 * MINUTE]);
    const [month]: number[][] = get('/api/v3/uiKlines?symbol=BTCUSDT&interval=1M&limit=2').body;
    expect(month[0]).toBe(Date.UTC(2023, 3, 1));
  });

  test('shorter than the data are none', () => {
    expect(get('/api/v3/klines?symbol=BTCUSDT&interval=1s').body).toEqual([]);
  });
});

describe('errors are those of Binance', () => {
  test.each([
    ['/api/v3/klines?interval=1m', 400, -1102],
    ['/api/v3/klines?symbol=BTCUSDT', 400, -1102],
    ['/api/v3/klines?symbol=&interval=1m', 400, -1105],
    ['/api/v3/klines?symbol=DOGEUSDT&interval=1m', 400, -1121],
    ['/api/v3/klines?symbol=btcusdt&interval=1m', 400, -1100],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1x', 400, -1120],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1D', 400, -1120],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=many', 400, -1100],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=-1', 400, -1100],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&wait=1', 400, -1104],
    ['/api/v3/klines?symbol=BTCUSDT&symbol=BTCUSDT&interval=1m', 400, -1101],
    ['/api/v3/ticker/price?symbol=BTCUSDT&symbols=["ETHUSDT"]', 400, -1128],
    ['/api/v3/exchangeInfo?symbols=BTCUSDT', 400, -1100],
    ['/api/v3/depth?symbol=XRPUSDT', 400, -1121],
  ])('%s', (path, status, code) => {
    const { status: found, body } = get(path);
    expect([found, body]).toEqual([status, { code, msg: expect.any(String) }]);
  });

  test('a path that does not exist is 404', () => {
    expect(get('/api/v3/account').status).toBe(404);
    expect(get('/constructor').status).toBe(404);
  });
});

describe('exchangeInfo', () => {
  interface Info {
    symbols: { symbol: string; baseAsset: string; filters: Record<string, string>[] }[];
  }

  test('has filters that do not bind, unless a real document is given', () => {
    const info: Info = get('/api/v3/exchangeInfo?symbol=BTCUSDT').body;
    expect(info.symbols.map(({ symbol, baseAsset }) => [symbol, baseAsset])).toEqual([['BTCUSDT', 'BTC']]);
    const filters = new Map(info.symbols[0].filters.map(filter => [filter.filterType, filter]));
    expect(filters.get('PRICE_FILTER')!.tickSize).toBe('0.00000000');
    expect(filters.get('LOT_SIZE')).toMatchObject({ stepSize: '0.00000000', minQty: '0.00000000' });
    expect(filters.get('NOTIONAL')!.minNotional).toBe('0.00000000');
    const real = {
      symbol: 'ETHUSDT',
      status: 'TRADING',
      filters: [{ filterType: 'LOT_SIZE', stepSize: '0.01' }],
    };
    const other: Info = get('/api/v3/exchangeInfo', undefined, new Map([['ETHUSDT', real]])).body;
    expect(other.symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(other.symbols[1]).toEqual(real);
  });

  test('gives the symbols asked for, or all', () => {
    expect((get('/api/v3/exchangeInfo?symbols=["ETHUSDT","BTCUSDT"]').body as Info).symbols).toHaveLength(2);
    expect((get('/api/v3/exchangeInfo').body as Info).symbols).toHaveLength(2);
  });
});

test('tickers, books and trades agree on the last price, and the day on the klines', () => {
  const [last] = klines('limit=1');
  const price = last[4];
  expect(get('/api/v3/ticker/price?symbol=BTCUSDT').body).toEqual({ symbol: 'BTCUSDT', price });
  expect(get('/api/v3/ticker/price').body).toHaveLength(2);
  const book: Record<string, string> = get('/api/v3/ticker/bookTicker?symbol=BTCUSDT').body;
  expect(Number(book.askPrice) - Number(price)).toBeCloseTo(0.01, 9);
  expect(Number(price) - Number(book.bidPrice)).toBeCloseTo(0.01, 9);
  const trades: Record<string, string>[] = get('/api/v3/trades?symbol=BTCUSDT&limit=1').body;
  expect(trades[0]).toMatchObject({ price, id: BARS * 100 });
  const depth: Record<string, string[][]> = get('/api/v3/depth?symbol=BTCUSDT&limit=5').body;
  expect([depth.bids.length, depth.bids[0][0], depth.asks[0][0]]).toEqual([5, book.bidPrice, book.askPrice]);
  const day: Record<string, string> = get('/api/v3/ticker/24hr?symbol=BTCUSDT').body;
  const rows = klines(`startTime=${all.end - 1440 * MINUTE + 1}&limit=1000`).concat(
    klines(`startTime=${all.end - 440 * MINUTE + 1}&limit=1000`),
  );
  expect(day.highPrice).toBe(decimalText(Math.max(...rows.map(row => Number(row[2])))));
  expect(day.lastPrice).toBe(price);
});

test('nothing is known before the first price', () => {
  const before = { time: START, opened: false };
  expect(klines('', before)).toEqual([]);
  expect(get('/api/v3/ticker/price', before).body).toEqual([]);
  expect(get('/api/v3/ticker/24hr', before).body).toEqual([]);
  expect(get('/api/v3/avgPrice?symbol=BTCUSDT', before).body).toEqual({});
  expect(get('/api/v3/depth?symbol=BTCUSDT', before).body).toEqual({ lastUpdateId: 0, bids: [], asks: [] });
  expect(get('/api/v3/trades?symbol=BTCUSDT', before).body).toEqual([]);
});

test('weights are those of Binance', () => {
  const weight = (path: string) => {
    const [pathname, query = ''] = path.split('?');
    return weightOf({ method: 'GET', path: pathname, query });
  };
  expect(weight('/api/v3/klines?symbol=A')).toBe(2);
  expect(weight('/api/v3/exchangeInfo')).toBe(20);
  expect(weight('/api/v3/time')).toBe(1);
  expect(weight('/api/v3/ticker/24hr')).toBe(80);
  expect(weight('/api/v3/depth?limit=1000')).toBe(50);
  expect(weight('/nothing')).toBe(0);
});

test('who goes over the limit gets 429, who goes on after that 418, until the ban is over', () => {
  const limit = new RequestLimit(100);
  const at = (now: number) => limit.count('::1', 20, now).error;
  for (let i = 0; i < 5; i++) expect(at(60_000)).toBeUndefined();
  expect(at(90_000)).toMatchObject({ status: 429, code: -1003, retryAfter: 30 });
  for (let i = 0; i < 9; i++) expect(at(90_000)!.status).toBe(429);
  expect(at(90_000)).toMatchObject({ status: 418, code: -1003, retryAfter: 120 });
  expect(limit.count('::1', 0, 209_999).error).toMatchObject({ status: 418, retryAfter: 1 });
  expect(limit.count('other', 20, 90_000)).toEqual({ used: 20, error: undefined });
  expect(at(210_000)).toBeUndefined();
});
