import fc from 'fast-check';
import {
  backtest,
  crossOver,
  type Data,
  type DataFeed,
  ema,
  instrument,
  memoryFeed,
  type ResampleOptions,
  replay,
  resample,
  rsi,
  sma,
  strategy,
  tradesHash,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import { silentFeed } from '../../src/live/inputs.ts';
import { type Columns, chunked, chunkSizes, walk } from '../support/bars.ts';
import { barsOf } from '../support/collect.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2024, 0, 1);

/** Trades on 1m bars with the trend of several longer intervals. */
class Several extends strategy() {
  five = this.data.resample('5m');
  hour = this.data.resample('1h');
  four = this.hour.resample('4h');
  cross = crossOver(sma(this.data.close, 3), sma(this.data.close, 8));
  strength = rsi(this.five.close, 5);
  trend = ema(this.hour.close, 4);

  next() {
    if (this.cross.now > 0 && this.strength.now < 75 && this.hour.close.now > this.trend.now * 0.99) {
      this.buy({ quote: this.cash / 3 });
    } else if (this.cross.now < 0 && this.position.isOpen) this.close({ data: this.hour });
  }
}

async function outcome(data: DataFeed, range: { from?: number; to?: number } = {}) {
  const result = await backtest({ strategy: Several, data, record: true, ...range });
  const { elapsedMs: _, ...stats } = result.stats;
  return {
    stats,
    hash: tradesHash(result),
    metrics: result.metrics,
    value: result.equity.value,
    time: result.equity.time,
    orders: [...result.orders].map(order => JSON.stringify(order)),
    recording: result.recording,
  };
}

/** What each data shows at each step. */
function watch(make: (data: Data) => readonly Data[], seen: Map<number, unknown[]>) {
  return class Watch extends strategy() {
    longer = make(this.data);
    override prenext() {
      this.next();
    }
    next() {
      const rows = this.longer.map(({ length, bar }) => {
        const { openTime, closeTime, open, high, low, close, volume } = bar;
        return { length, openTime, closeTime, open, high, low, close, volume };
      });
      seen.set(this.time, rows);
    }
  };
}

test('however the base is cut into chunks, a strategy on longer bars does the same to the last bit', async () => {
  const columns = walk(6000, 5, { gaps: 0.02 });
  const whole = await outcome(memoryFeed(columns));
  expect(whole.metrics.trades.total).toBeGreaterThan(20);
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await outcome(chunked(columns, sizes, { interval: '1m' }))).toEqual(whole);
    }),
    { numRuns: 10, examples: [[[1]], [[1024]]] },
  );
});

test('a longer bar is seen from its end on, and not before: it is the last one that has ended', async () => {
  const columns = walk(3000, 8, { gaps: 0.1 });
  const feed = memoryFeed(columns);
  for (const [interval, length] of [
    ['5m', 5 * MINUTE],
    ['1h', HOUR],
    ['1d', 24 * HOUR],
  ] as const) {
    const seen = new Map<number, unknown[]>();
    await backtest({ strategy: watch(data => [data.resample(interval)], seen), data: feed });
    const bars = await barsOf(resample(feed, interval));
    expect(bars.length).toBeGreaterThan(0);
    for (const [time, [row]] of seen) {
      const ended = bars.filter(([start]) => start + length <= time);
      const [start, open, high, low, close, volume] = ended.at(-1) ?? Array(6).fill(Number.NaN);
      expect(row).toEqual({
        ...{ length: ended.length, openTime: start, closeTime: start + length },
        ...{ open, high, low, close, volume },
      });
    }
    // Each of them has its moment, if none of the base then.
    for (const [start] of bars) expect(seen.has(start + length)).toBe(true);
  }
});

test('cutting the data anywhere changes nothing that was seen before', async () => {
  const columns = walk(400, 3, { gaps: 0.1 });
  const all = new Map<number, unknown[]>();
  const make = (data: Data) => [
    data.resample('3m'),
    data.resample('1h'),
    data.resample('15m').resample('45m'),
  ];
  await backtest({ strategy: watch(make, all), data: memoryFeed(columns) });
  for (const bars of [25, 60, 61, 179, 180, 181, 333]) {
    const cut = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.subarray(0, bars)]),
    ) as unknown as Columns;
    const some = new Map<number, unknown[]>();
    await backtest({ strategy: watch(make, some), data: memoryFeed(cut, { interval: '1m' }) });
    expect([...some]).toEqual([...all].slice(0, some.size));
  }
});

test('a data of longer bars is what a feed of them would be', async () => {
  const feed = memoryFeed(walk(5000, 12, { gaps: 0.05 }));
  const hashes = [];
  for (const beside of [false, true]) {
    class Follow extends strategy() {
      hour = beside ? this.datas[1] : this.data.resample('1h');
      average = sma(this.hour.close, 3);
      next() {
        const { now } = this.hour.close;
        if (now > this.average.now && !this.position.isOpen) this.buy();
        else if (now < this.average.now && this.position.isOpen) this.close();
      }
    }
    const result = await backtest({ strategy: Follow, data: beside ? [feed, resample(feed, '1h')] : feed });
    hashes.push([tradesHash(result), result.equity.length, result.metrics.trades.total]);
  }
  expect(hashes[0]).toEqual(hashes[1]);
  expect(hashes[0][2]).toBeGreaterThan(5);
});

test('orders on a data of longer bars are of its instrument, and filled on the finest bars', async () => {
  class Once extends strategy() {
    hour = this.data.resample('1h');
    next() {
      if (this.hour.length === 1 && !this.position.isOpen) this.buy({ data: this.hour, size: 1 });
    }
  }
  const columns = walk(200, 2);
  const { fills } = await backtest({ strategy: Once, data: memoryFeed(columns) });
  expect([...fills]).toMatchObject([{ time: START + HOUR, price: columns.open[60] }]);
});

test('the same terms give the same data, others another one; all of one base', async () => {
  class Asks extends strategy() {
    all = [{}, {}, { offset: '30m' }].map((options: ResampleOptions) => this.data.resample('1h', options));
    next() {
      expect(this.all[0]).toBe(this.all[1]);
      expect(this.all[2]).not.toBe(this.all[0]);
      expect(this.datas).toEqual([this.data]);
      expect(this.all[0].name).toBe('DATA 1h');
    }
  }
  const { stats } = await backtest({ strategy: Asks, data: memoryFeed(walk(200, 2)) });
  expect(stats.bars).toBe(200);
});

test('longer bars asked for while the strategy runs are an error, as are those that the base does not divide', async () => {
  class Late extends strategy() {
    next() {
      this.data.resample('1h');
    }
  }
  class Odd extends strategy() {
    odd = this.data.resample('90s');
    next() {}
  }
  const data = memoryFeed(walk(20, 2));
  await expect(backtest({ strategy: Late, data })).rejects.toMatchObject({ code: 'DATA_OUTSIDE_INIT' });
  await expect(backtest({ strategy: Odd, data })).rejects.toMatchObject({ code: 'RESAMPLE_INDIVISIBLE' });
});

class Slow extends strategy() {
  hour = this.data.resample('1h');
  average = sma(this.hour.close, 50);
  seen: number[] = [];
  next() {
    this.seen.push(this.time);
    if (Number.isNaN(this.average.now)) throw new Error('no value');
  }
}

test('the warm-up of a data of longer bars is that of its base: whole bars, wherever the run begins', async () => {
  const run = new SimulatedRun(
    [silentFeed({ instrument: instrument('BTCUSDT'), interval: '1m', stamps: 'open', columns: [] })],
    { strategy: Slow },
  );
  expect(run.engine.warmups).toEqual([51 * 60 - 1]);
  const columns = walk(6000, 4);
  for (const minutes of [3060, 3089, 3119, 4000]) {
    const from = START + minutes * MINUTE;
    const result = await backtest({ strategy: Slow, data: memoryFeed(columns), from });
    expect(result.equity.time[0]).toBe(from + MINUTE);
    expect(result.notes).toEqual([]);
    expect(result.stats.from).toBe(from);
    const cut = await backtest({ strategy: Several, data: memoryFeed(columns), from });
    const whole = await backtest({ strategy: Several, data: memoryFeed(columns), from, warmup: minutes });
    expect(cut.equity.length).toBe(whole.equity.length);
  }
});

test('next waits for the minimum period of the longest bars; a run too short for it says so', async () => {
  const result = await backtest({ strategy: Slow, data: memoryFeed(walk(2000, 4)) });
  expect(result.notes).toEqual(['next() never ran: DATA 1h has 33 bars, its lines need 50']);
});

test('the recording has every data with its lines', async () => {
  const { recording } = await backtest({ strategy: Several, data: memoryFeed(walk(1000, 4)), record: true });
  expect(recording?.map(({ interval, time, lines }) => [interval, time.length, lines.length > 0])).toEqual([
    ['1m', 1000, true],
    ['5m', 200, true],
    ['1h', 16, true],
    ['4h', 4, false],
  ]);
  expect(recording?.[2].time[1]).toBe(START + HOUR);
});

test('data resampled as a feed trades on its own bars', async () => {
  const feed = memoryFeed(walk(50_000, 21));
  class Cross extends strategy() {
    cross = crossOver(sma(this.data.close, 3), sma(this.data.close, 8));
    next() {
      if (this.cross.now > 0) this.buy();
      else if (this.cross.now < 0) this.close();
    }
  }
  const longer = resample(feed, '1h');
  const rows = await barsOf(longer);
  const column = (i: number) => Float64Array.from(rows, row => row[i]);
  const direct = memoryFeed(
    {
      time: column(0),
      open: column(1),
      high: column(2),
      low: column(3),
      close: column(4),
      volume: column(5),
    },
    { interval: '1h' },
  );
  const hash = async (data: DataFeed) =>
    tradesHash(await backtest({ strategy: Cross, data, from: START + 50 * HOUR }));
  expect(await hash(longer)).toBe(await hash(direct));
});

test('a replayed bar is in each step what the base has made of it so far, and its lines are revised with it', async () => {
  const columns = walk(1000, 6, { gaps: 0.1 });
  let steps = 0;
  let expected: number[] = [];
  class Grow extends strategy() {
    hour = this.data.replay('1h');
    closed = this.data.resample('1h');
    average = sma(this.hour.close, 3);
    #base: { period: number; high: number; volume: number; open: number } | undefined;
    #closes: number[] = [];
    override prenext() {
      this.next();
    }
    next() {
      const { openTime, closeTime, open, high, volume, close } = this.data.bar;
      // A step of the longer bar alone: its last part is missing, and the time has passed.
      if (this.time !== closeTime) return;
      steps++;
      const period = Math.floor(openTime / HOUR) * HOUR;
      if (this.#base?.period !== period) {
        this.#base = { period, high, volume, open };
        this.#closes.push(close);
      } else {
        this.#base.high = Math.max(this.#base.high, high);
        this.#base.volume += volume;
        this.#closes[this.#closes.length - 1] = close;
      }
      expect({ ...this.#base, close, length: this.#closes.length }).toEqual({
        period: this.hour.bar.openTime,
        open: this.hour.bar.open,
        high: this.hour.bar.high,
        volume: this.hour.bar.volume,
        close: this.hour.close.now,
        length: this.hour.length,
      });
      expected = this.#closes.slice(-3);
      if (expected.length === 3) {
        expect(this.average.now).toBeCloseTo(expected.reduce((sum, value) => sum + value, 0) / 3, 9);
      }
    }
  }
  const whole = await backtest({ strategy: Grow, data: memoryFeed(columns) });
  expect(steps).toBe(1000);
  await backtest({ strategy: Grow, data: chunked(columns, [1, 7, 100], { interval: '1m' }) });
  expect(whole.notes).toEqual([]);
});

test('a feed that is replayed makes a step a bar of its source, and fills orders on these', async () => {
  const columns = walk(300, 6);
  class Trade extends strategy() {
    next() {
      if (this.data.length === 2 && !this.position.isOpen && this.openOrders.length === 0)
        this.buy({ size: 1 });
    }
  }
  const result = await backtest({ strategy: Trade, data: replay(memoryFeed(columns), '1h') });
  expect(result.equity.length).toBe(300);
  expect([...result.fills]).toMatchObject([{ price: columns.open[61] }]);
});
