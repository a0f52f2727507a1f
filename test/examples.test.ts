import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { memoryFeed, syntheticBars } from 'qt-trader';
import { expect, onTestFinished, test, vi } from 'vitest';
import { localExchange } from '../src/exchange/local-exchange.ts';
import { okx } from './support/venue-simulator/okx.ts';
import { servedVenue } from './support/venue-simulator/served.ts';

/** What each example must print: the point of it. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'backtest-from-code.ts': [24, 48, 96].map(
    fast => new RegExp(`^fast ${fast}: return -?\\d+\\.\\d\\d %, Sharpe -?\\d+\\.\\d\\d, [1-9]\\d* trades$`),
  ),
  'csv-to-json.ts': [
    /^\{"time":"2022-01-01T00:00:00\.000Z","open":42000,"high":42000,"low":41630\.3,"close":41809,"volume":1718\}$/,
    /"time":"2022-01-01T04:00/,
    /"time":"2022-01-01T08:00/,
    /"time":"2022-01-01T12:00/,
    /"time":"2022-01-01T16:00/,
  ],
  'data-frames.ts': [
    /^[1-9]\d* trades, the best of 20\d\d-\d\d-\d\d$/,
    /^EMA \d+\.\d\d and \d+\.\d\d at the last bar$/,
    /^a table of [1-9]\d* x 15$/,
  ],
  'follow-books.ts': Array.from(
    { length: 10 },
    () => /^BTC-USDT (buy|sell) \d+(\.\d+)? at \d+(\.\d+)?, spread \d+(\.\d+)?$/,
  ),
  'live-klines.ts': Array.from({ length: 10 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 31, 0, 20 + i)).toISOString();
    return new RegExp(`^${time} close \\d+(\\.\\d+)?, mean \\d+\\.\\d\\d$`);
  }),
  'real-rehearsal.ts': [
    /^ready: 0 of the checks failed$/,
    /^49 commands sent, 0 outcomes unknown$/,
    /^75 orders, 48 executions, 24 trades$/,
    /^session: 0\.60 USDT, holds 0 BTC$/,
    /^exchange: holds 0 BTC$/,
  ],
};

/** What an example is started with. */
const ARGUMENTS: Readonly<Record<string, () => Promise<string[]>>> = {
  'follow-books.ts': async () => {
    const { rest, stream } = await servedVenue(okx);
    return ['okx', 'BTC-USDT', stream, rest];
  },
  'live-klines.ts': async () => {
    const bars = syntheticBars({ interval: '1m', bars: 30, from: Date.UTC(2024, 0, 31) });
    const exchange = await localExchange({
      data: [memoryFeed(bars, { symbol: 'BTCUSDT', interval: '1m' })],
      from: bars.time[20],
      speed: 600,
      clients: 1,
      port: 0,
    });
    onTestFinished(() => exchange.close());
    return [exchange.url, 'BTCUSDT', '1m'];
  },
};

test('every example has its expected output here', () => {
  expect(readdirSync('examples').sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))('examples/%s runs', async (name, lines) => {
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), ...((await ARGUMENTS[name]?.()) ?? [])];
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(/* @vite-ignore */ resolve('examples', name));
  const printed = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  process.argv = argv;
  expect(printed).toHaveLength(lines.length);
  for (const [i, line] of lines.entries()) expect(printed[i]).toMatch(line);
});
