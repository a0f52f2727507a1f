import { setTimeout } from 'node:timers/promises';
import { type Interval, type Kline, type KlineContext, klines, memoryFeed, type QtError } from 'qt-trader';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFaults } from '../../src/exchange/fault-script.ts';
import { inProcessExchange } from '../../src/exchange/in-process.ts';
import { loadMarket } from '../../src/exchange/market.ts';
import type { DataFeed, FeedRequest } from '../../src/feeds/feed.ts';
import { follow } from '../../src/live/follow.ts';
import { KlineHistory } from '../../src/live/kline-history.ts';
import { deliver } from '../../src/live/klines.ts';
import { record } from '../../src/live/record/recorder.ts';
import type { BarSink } from '../../src/live/record/sinks.ts';
import { sliceBars } from '../../src/model/bars.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { fakeLive, klineBars } from './support/fake-live.ts';

const BTC = klineBars('BTCUSDT', 50);
const ETH = klineBars('ETHUSDT', 50);
const chunk = (from: number, to: number, phase: 'warmup' | 'run' = 'run') =>
  ({ kind: 'bars', bars: sliceBars(BTC, from, to), phase, late: false }) as const;

describe('deliver', () => {
  test('gives every bar with all that the exchange says, and which it is', async () => {
    const given: [Kline, KlineContext][] = [];
    const live = fakeLive([{ symbol: 'BTCUSDT', script: [chunk(0, 2, 'warmup'), chunk(2, 3)] }]);
    await deliver(live, { onBar: (bar, context) => void given.push([bar, context]) }, {});
    expect(given.map(([bar]) => bar.time)).toEqual([...BTC.time.subarray(0, 3)]);
    expect(given.map(([, { phase }]) => phase)).toEqual(['warmup', 'warmup', 'run']);
    expect(given[2]).toEqual([
      {
        time: BTC.time[2],
        open: BTC.open[2],
        high: BTC.high[2],
        low: BTC.low[2],
        close: BTC.close[2],
        volume: BTC.volume[2],
        quoteVolume: BTC.extra.quoteVolume[2],
        trades: BTC.extra.trades[2],
        takerBuyBase: BTC.extra.takerBuyBase[2],
        takerBuyQuote: BTC.extra.takerBuyQuote[2],
      },
      { symbol: 'BTCUSDT', interval: '1m', late: false, phase: 'run', history: expect.any(KlineHistory) },
    ]);
  });

  test('waits for a promise before it gives the next bar of any symbol, and calls at once without one', async () => {
    let inside = 0;
    const order: string[] = [];
    const live = () =>
      fakeLive([
        { symbol: 'BTCUSDT', bars: BTC },
        { symbol: 'ETHUSDT', bars: ETH },
      ]);
    await deliver(
      live(),
      {
        async onBar(bar, { symbol }) {
          expect(++inside).toBe(1);
          if (bar.time === BTC.time[3]) await setTimeout(5);
          else await undefined;
          order.push(`${symbol} ${bar.time}`);
          inside--;
        },
      },
      {},
    );
    expect(order.filter(entry => entry.startsWith('BTC'))).toEqual(
      [...BTC.time].map(time => `BTCUSDT ${time}`),
    );
    expect(order.filter(entry => entry.startsWith('ETH'))).toEqual(
      [...ETH.time].map(time => `ETHUSDT ${time}`),
    );
    // A block that needs no waiting is not interrupted.
    const seen: string[] = [];
    const one = fakeLive([{ symbol: 'BTCUSDT', script: [chunk(0, 10)] }]);
    const done = deliver(one, { onBar: () => void seen.push('bar') }, {});
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => seen.push('other'))));
    await done;
    expect(seen.lastIndexOf('bar') - seen.indexOf('bar')).toBe(9);
  });

  test('asks each feed for what follows the last bar that is there', async () => {
    const requests: (number | undefined)[] = [];
    const onRequest = ({ after }: FeedRequest) => void requests.push(after);
    const live = () =>
      fakeLive([
        { symbol: 'BTCUSDT', onRequest },
        { symbol: 'ETHUSDT', onRequest },
      ]);
    await deliver(live(), { onBar: () => {} }, { after: 5 });
    await deliver(live(), { onBar: () => {} }, { after: { ethusdt: 7 } });
    expect(requests).toEqual([5, 5, undefined, 7]);
  });

  test('ends all feeds with what a handler threw, at once or later', async () => {
    for (const onBar of [
      () => {
        throw new Error('no');
      },
      async () => {
        await setTimeout(1);
        throw new Error('no');
      },
    ]) {
      const live = fakeLive([
        { symbol: 'BTCUSDT', bars: BTC },
        { symbol: 'ETHUSDT', endless: true },
      ]);
      await expect(deliver(live, { onBar }, {})).rejects.toThrow('no');
    }
  });

  test('ends all feeds with the error of one', async () => {
    const error = new Error('gone');
    const live = fakeLive([
      { symbol: 'BTCUSDT', error },
      { symbol: 'ETHUSDT', endless: true },
    ]);
    await expect(deliver(live, { onBar: () => {} }, {})).rejects.toBe(error);
  });

  test('ends without an error when it is told to, whatever a feed makes of it', async () => {
    const controller = new AbortController();
    const live = fakeLive([{ symbol: 'BTCUSDT', endless: true, script: [chunk(0, 5)] }]);
    let count = 0;
    const onBar = () => {
      if (++count === 3) controller.abort();
    };
    await deliver(live, { onBar }, {}, controller.signal);
    const failing: DataFeed = {
      ...live.feeds[0],
      async *events({ signal }) {
        await new Promise(done => signal.addEventListener('abort', done));
        throw new Error('in the middle of something');
      },
    };
    const second = new AbortController();
    const done = follow([failing], () => ({ warmup: 0 }), { onBars: () => {} }, second.signal);
    second.abort();
    await done;
  });
});

test('a recorder leaves out bars that are there already, and says how many', async () => {
  const written: [number, number][] = [];
  const sink: BarSink = {
    last: () => BTC.time[9],
    write(_, bars) {
      for (let i = 0; i < bars.length; i++) written.push([bars.time[i], bars.close[i]]);
    },
  };
  const live = fakeLive([{ symbol: 'BTCUSDT', script: [chunk(5, 12), chunk(11, 20), chunk(12, 15)] }]);
  const summary = await record(live, { sinks: new Map([['BTCUSDT', sink]]) });
  expect(summary).toEqual({ rows: 10, duplicates: 9, gaps: 0 });
  expect(written).toEqual(Array.from({ length: 10 }, (_, i) => [BTC.time[10 + i], BTC.close[10 + i]]));
});

describe('klines()', () => {
  const reject = async (options: { symbols: string[]; interval?: string; exchange?: string }) =>
    klines({
      onBar: () => {},
      ...options,
      interval: (options.interval ?? '1m') as Interval,
    }).catch((error: QtError) => error.code);

  test('refuses what cannot be asked for', async () => {
    expect(await reject({ symbols: [] })).toBe('SYMBOL_INVALID');
    expect(await reject({ symbols: ['BTC-USDT'] })).toBe('SYMBOL_INVALID');
    expect(await reject({ symbols: ['BTCUSDT', 'btcusdt'] })).toBe('SYMBOL_TWICE');
    expect(await reject({ symbols: ['BTCUSDT'], interval: '7m' })).toBe('INTERVAL_UNSUPPORTED');
    expect(await reject({ symbols: ['BTCUSDT'], interval: 'often' })).toBe('INTERVAL_INVALID');
    expect(await reject({ symbols: ['BTCUSDT'], exchange: 'mars' })).toBe('EXCHANGE_UNKNOWN');
  });

  test.each([1, 2, 3, 4, 5])(
    'gives each bar once through faults, and leaves nothing behind (seed %d)',
    async seed => {
      const timers = new VirtualTimers(Date.UTC(2024, 5, 1));
      const count = 240;
      const bars = [klineBars('BTCUSDT', count), klineBars('ETHUSDT', count)];
      const market = await loadMarket(
        bars.map((columns, i) => memoryFeed(columns, { symbol: ['BTCUSDT', 'ETHUSDT'][i], interval: '1m' })),
      );
      const place = inProcessExchange({
        market,
        timers,
        pace: 1,
        seed,
        faults: parseFaults(
          'drop=0.02,duplicate=0.05,reorder=0.05,missing-close=0.05,cut=0.001,rest-5xx=0.1',
        ),
        clients: 1,
      });
      onTestFinished(() => place.close());
      const given = new Map<string, number[]>();
      const controller = new AbortController();
      let over = false;
      const done = klines({
        symbols: ['btcusdt', 'ETHUSDT'],
        interval: '1m',
        exchange: 'local',
        network: place.network(),
        signal: controller.signal,
        after: BTC.time[0] - 60_000,
        onBar: (bar, { symbol }) => {
          if (!given.has(symbol)) given.set(symbol, []);
          given.get(symbol)!.push(bar.time);
        },
      }).finally(() => {
        over = true;
      });
      await timers.run({ until: timers.now() + (count + 60) * 60_000, done: () => over });
      await done;
      place.close();
      await timers.run();
      expect([place.openSockets, timers.pending]).toEqual([0, 0]);
      for (const [i, symbol] of ['BTCUSDT', 'ETHUSDT'].entries())
        expect(given.get(symbol)).toEqual([...bars[i].time]);
    },
  );

  test('ends while it still tries to reach the exchange', async () => {
    const controller = new AbortController();
    const codes: string[] = [];
    const done = klines({
      symbols: ['BTCUSDT'],
      interval: '1m',
      exchange: 'http://127.0.0.1:9',
      signal: controller.signal,
      onBar: () => {},
      onNotice: ({ code }) => {
        codes.push(code);
        controller.abort();
      },
    });
    await done;
    expect(codes).toEqual(['UNREACHABLE']);
  });
});
