import { describe, expect, test } from 'vitest';
import { barEnd, type Interval } from '../../src/model/interval.ts';
import {
  BINANCE_INTERVALS,
  binanceBarStart,
  checkBinanceInterval,
  firstEndingAfter,
} from '../../src/venues/binance/intervals.ts';
import { klinesPath, readKlines } from '../../src/venues/binance/kline.ts';
import {
  errorBody,
  exchangeInfoPath,
  requestWeightLimit,
  silenceUntil,
} from '../../src/venues/binance/rest.ts';
import { klineStream, planStreams, REQUEST_PACE_MS } from '../../src/venues/binance/streams.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => klineStream(`C${i}USDT`, '1m'));

describe('streams', () => {
  test('are named in lower case, their interval as it is', () => {
    expect(klineStream('BTCUSDT', '1M')).toBe('btcusdt@kline_1M');
  });

  test('of a few series are all named in one URL', () => {
    expect(planStreams(['a@kline_1m', 'b@kline_1m'], '!replay')).toEqual([
      {
        path: '/stream?streams=a@kline_1m/b@kline_1m/!replay',
        streams: ['a@kline_1m', 'b@kline_1m'],
        requests: [],
      },
    ]);
  });

  test('stay within 1024 a connection, each asked for once, the last one last on every connection', () => {
    for (const [count, last, connections] of [
      [1, undefined, 1],
      [200, '!replay', 1],
      [1024, undefined, 1],
      [1024, '!replay', 2],
      [1025, undefined, 2],
      [5000, '!replay', 5],
    ] as const) {
      const plans = planStreams(names(count), last);
      expect(plans.length).toBe(connections);
      expect(plans.flatMap(({ streams }) => streams)).toEqual(names(count));
      for (const { path, streams, requests } of plans) {
        expect(path.length).toBeLessThan(8000);
        const asked = [
          ...path.slice('/stream?streams='.length).split('/'),
          ...requests.flatMap(text => JSON.parse(text).params as string[]),
        ];
        expect(asked).toEqual(last === undefined ? streams : [...streams, last]);
        expect(asked.length).toBeLessThanOrEqual(1024);
        expect(requests.map(text => JSON.parse(text).id)).toEqual(requests.map((_, i) => i + 1));
        for (const text of requests) expect(text.length).toBeLessThan(8000);
      }
    }
  });

  test('are asked for slower than five messages a second, with room for pongs', () => {
    expect(1000 / REQUEST_PACE_MS).toBeLessThan(4);
  });
});

describe('intervals', () => {
  test('are those of Binance, months and minutes apart', () => {
    for (const interval of BINANCE_INTERVALS) checkBinanceInterval(interval);
    for (const wrong of ['7m', '2M', '60s', '1y', '2d'] as const) {
      expect(() => checkBinanceInterval(wrong)).toThrow(/Binance has no klines of/);
    }
  });

  test('begin on their grid: weeks on Mondays, months on their first', () => {
    const time = Date.UTC(2026, 6, 23, 13, 47, 11);
    const start = (interval: Interval) => new Date(binanceBarStart(time, interval)).toISOString();
    expect(start('15m')).toBe('2026-07-23T13:45:00.000Z');
    expect(start('4h')).toBe('2026-07-23T12:00:00.000Z');
    expect(start('1w')).toBe('2026-07-20T00:00:00.000Z');
    expect(start('1M')).toBe('2026-07-01T00:00:00.000Z');
  });

  test('the first bar that ends after a moment begins at or before it, and the one before ends by then', () => {
    for (const interval of BINANCE_INTERVALS) {
      for (const time of [
        Date.UTC(2026, 0, 1),
        Date.UTC(2024, 1, 29, 23, 59, 59, 999),
        Date.UTC(2026, 6, 23, 1, 2),
      ]) {
        const open = firstEndingAfter(time, binanceBarStart(Date.UTC(2020, 4, 7), interval), interval);
        expect(open).toBeLessThanOrEqual(time);
        expect(barEnd(open, interval)).toBeGreaterThan(time);
      }
    }
  });
});

describe('REST', () => {
  // As in Binance's documents.
  const ROW = [
    1499040000000,
    '0.01634790',
    '0.80000000',
    '0.01575800',
    '0.01577100',
    '148976.11427815',
    1499644799999,
    '2434.19055334',
    308,
    '1756.87402397',
    '28.46694368',
    '0',
  ];

  test('rows become klines', () => {
    expect(readKlines([ROW])).toEqual([
      {
        time: 1499040000000,
        open: 0.0163479,
        high: 0.8,
        low: 0.015758,
        close: 0.015771,
        volume: 148976.11427815,
        quoteVolume: 2434.19055334,
        trades: 308,
        takerBuyBase: 1756.87402397,
        takerBuyQuote: 28.46694368,
      },
    ]);
    expect(readKlines([])).toEqual([]);
  });

  test('rows that make no sense are refused: no list, too short, no numbers, not ascending', () => {
    const wrong = [null, {}, 'x', [null], [ROW.slice(0, 9)], [ROW.with(4, 'x')], [ROW, ROW]];
    for (const document of wrong) expect(() => readKlines(document)).toThrow(/no klines/);
  });

  test('paths name symbol, interval, range and limit', () => {
    expect(klinesPath('BTCUSDT', '1M', { from: 5, limit: 7 })).toBe(
      '/api/v3/klines?symbol=BTCUSDT&interval=1M&startTime=5&limit=7',
    );
    expect(klinesPath('A&B', '1m', { to: 9 })).toBe(
      '/api/v3/klines?symbol=A%26B&interval=1m&endTime=9&limit=1000',
    );
    expect(exchangeInfoPath(['A', 'B'])).toBe('/api/v3/exchangeInfo?symbols=%5B%22A%22%2C%22B%22%5D');
    expect(exchangeInfoPath(['A'])).toBe('/api/v3/exchangeInfo?symbol=A');
    expect(exchangeInfoPath([])).toBe('/api/v3/exchangeInfo');
  });

  test('the weight that is allowed stands in exchangeInfo', () => {
    const limits = [
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300000 },
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
    ];
    expect(requestWeightLimit({ rateLimits: limits })).toBe(6000);
    expect(requestWeightLimit({})).toBeUndefined();
    expect(requestWeightLimit(null)).toBeUndefined();
  });

  test('silence lasts as long as Retry-After, the message or the documents say', () => {
    const answer = (status: number, headers: Record<string, string>, body = '') => ({
      status,
      headers,
      body,
    });
    expect(silenceUntil(answer(429, { 'retry-after': '7' }), 1000)).toBe(8000);
    expect(silenceUntil(answer(418, {}, 'IP banned until 1700000000000.'), 1000)).toBe(1700000000000);
    expect(silenceUntil(answer(429, {}), 0)).toBe(60_000);
    expect(silenceUntil(answer(418, {}), 0)).toBe(120_000);
  });

  test('an error says its code and message, if it is one of the exchange', () => {
    expect(errorBody('{"code":-1121,"msg":"Invalid symbol."}')).toEqual({
      code: -1121,
      msg: 'Invalid symbol.',
    });
    expect(errorBody('<html>')).toBeUndefined();
    expect(errorBody('null')).toBeUndefined();
    expect(errorBody('{"code":"x"}')).toBeUndefined();
  });
});
