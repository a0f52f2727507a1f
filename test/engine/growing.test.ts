import { backtest, backtraderProfile, type DataFeed, memoryFeed, sma, strategy, tradesHash } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import type { FeedEvent } from '../../src/feeds/feed.ts';
import { replay } from '../../src/feeds/transforms/resample.ts';
import { chunked, closes, walk } from '../support/bars.ts';
import { growingEvents, growingFeed, type Look } from '../support/growing.ts';
import { mulberry32 } from '../support/random-walk.ts';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);

/** Looks at bars of some parts of a minute with these closes; a part opens at the close before it. */
function looks(prices: readonly number[], parts = 2): Look[] {
  let before: Look['row'] | undefined;
  return prices.map((close, i) => {
    const open = prices[Math.max(0, i - 1)];
    const time = START + i * MINUTE;
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    const part = { time, open, high, low, close, volume: 1 };
    const isFirst = i % parts === 0;
    const row =
      isFirst || before === undefined
        ? part
        : {
            ...{ time: before.time, open: before.open, close, volume: before.volume + 1 },
            ...{ high: Math.max(before.high, high), low: Math.min(before.low, low) },
          };
    before = row;
    return { bar: Math.floor(i / parts), known: time + MINUTE, row, part };
  });
}

const terms = { interval: '2m', growsBy: '1m' } as const;

test('each revision is a step: the same bar, revised, with the bars before it as they closed', async () => {
  const seen: unknown[] = [];
  class Look extends strategy() {
    mean = sma(this.data, 2);
    override prenext() {
      this.next();
    }
    next() {
      const { data, time, mean, bar } = this;
      seen.push([
        ...[(time - START) / MINUTE, data.length, data.isClosed, bar.high, bar.low],
        ...[data.close.now, data.close.ago(1), mean.now, bar.volume],
      ]);
    }
  }
  const result = await backtest({ strategy: Look, data: growingFeed(looks([10, 14, 12, 8, 9]), terms) });
  expect(seen).toEqual([
    [1, 1, false, 10, 10, 10, Number.NaN, Number.NaN, 1],
    [2, 1, true, 14, 10, 14, Number.NaN, Number.NaN, 2],
    [3, 2, false, 14, 12, 12, 14, 13, 1],
    [4, 2, true, 14, 8, 8, 14, 11, 2],
    [5, 3, false, 9, 8, 9, 8, 8.5, 1],
  ]);
  expect(result.stats).toMatchObject({ bars: 3, steps: 5 });
});

test('an order fills at the open of the part that comes after it, and not within what was there before', async () => {
  class Once extends strategy() {
    next() {
      // The second part has closed, and the bar has been down to 5 in its first.
      if (this.time !== START + 2 * MINUTE) return;
      this.buy({ size: 1 });
      this.buy({ size: 1, limit: 6 });
    }
  }
  const data = growingFeed(looks([5, 12, 11, 9, 5.5, 7], 3), { interval: '3m', growsBy: '1m' });
  const result = await backtest({ strategy: Once, data, cash: 1000 });
  expect([...result.fills].map(fill => [(fill.time - START) / MINUTE, fill.price])).toEqual([
    [2, 12],
    [5, 6],
  ]);
});

test('live, the open part is what orders meet: each anew, though the bar is the same', () => {
  class Steps extends strategy() {
    next() {
      const minute = (this.time - START) / MINUTE;
      if (minute === 1) this.buy({ size: 1 });
      // The part before went down to 5, before this order.
      if (minute === 2) this.buy({ size: 1, limit: 6 });
    }
  }
  const path = looks([12, 5, 12, 5.5, 9], 5);
  const feed = growingFeed(path, { interval: '5m', growsBy: '1m' });
  const { engine, broker } = new SimulatedRun([feed], { strategy: Steps, cash: 1000 });
  const events = growingEvents(path, [1]);
  const step = () => {
    engine.take(0, events.next().value as FeedEvent);
    engine.step();
  };
  const forming = (minute: number, close: number, low = close) => {
    const time = START + minute * MINUTE;
    const bar = { time, open: 12, high: 12, low, close, volume: 1 };
    engine.offerForming(0, bar, time + 1000);
    engine.match();
  };
  const fills = () => {
    const { fills: table } = broker.account;
    return Array.from({ length: table.length }, (_, row) => table.price(row));
  };
  step();
  forming(1, 11);
  expect(fills()).toEqual([11]);
  forming(1, 5, 5);
  step();
  forming(2, 8, 8);
  expect(fills()).toEqual([11]);
  forming(2, 5.9, 5.9);
  expect(fills()).toEqual([11, 6]);
});

describe.each([
  ['crypto', 'crypto'],
  ['backtrader', backtraderProfile()],
] as const)('with the profile %s', (_, profile) => {
  /** Orders of all kinds, by the last price and the time alone. */
  class Anything extends strategy() {
    next() {
      const next = mulberry32((this.time / MINUTE) % 100_003);
      if (next() > 0.3) return;
      const price = this.data.close.now;
      const kind = Math.floor(next() * 6);
      const near = price * (1 + (next() - 0.5) * 0.02);
      if (kind === 0) this.buy({ size: 1 });
      else if (kind === 1) this.close();
      else if (kind === 2) this.buy({ size: 1, limit: near });
      else if (kind === 3) this.buy({ size: 1, stop: near });
      else if (kind === 4 && this.position.isOpen) this.sell({ size: 1, limit: near });
      else if (!this.position.isOpen)
        this.buyBracket({ size: 1, stopLoss: price * 0.98, takeProfit: price * 1.02 });
    }
  }
  const run = async (data: DataFeed) => {
    const result = await backtest({ strategy: Anything, data, cash: 1000, profile });
    return {
      hash: tradesHash(result),
      fills: [...result.fills].map(({ time, price, size, fee }) => ({ time, price, size, fee })),
      value: result.equity.value,
    };
  };

  test('orders on longer bars that grow fare as on the bars they are made of, in chunks of any sizes', async () => {
    const columns = walk(3000, 8, { gaps: 0.02 });
    const alone = await run(memoryFeed(columns, { interval: '1m' }));
    expect(alone.fills.length).toBeGreaterThan(100);
    const { hash: _, ...expected } = alone;
    const whole = await run(replay(memoryFeed(columns, { interval: '1m' }), '1h'));
    expect(whole).toMatchObject(expected);
    for (const sizes of [[1], [7, 100]]) {
      expect(await run(replay(chunked(columns, sizes, { interval: '1m' }), '1h'))).toEqual(whole);
    }
  });
});

test('a recording has each bar once, as it closed', async () => {
  class Mean extends strategy() {
    mean = sma(this.data, 2);
    next() {}
  }
  const data = growingFeed(looks([10, 14, 12, 8, 9]), terms);
  const { recording } = await backtest({ strategy: Mean, data, record: true });
  const [recorded] = recording!;
  expect([...recorded.close]).toEqual([14, 8, 9]);
  expect([...recorded.time]).toEqual([0, 2, 4].map(minutes => START + minutes * MINUTE));
  expect([...recorded.lines[0].values]).toEqual([Number.NaN, 11, 8.5]);
});

test('a feed that says its bars grow gives growth with each chunk, and any other gives none', async () => {
  class Quiet extends strategy() {
    next() {}
  }
  const plain = memoryFeed(closes([1, 2, 3]));
  await expect(backtest({ strategy: Quiet, data: { ...plain, growsBy: '1s' } })).rejects.toMatchObject({
    code: 'GROWTH_UNDECLARED',
  });
  const growing = growingFeed(looks([1, 2]), terms);
  const events = growing.events.bind(growing);
  const { growsBy: _, ...silent } = growing;
  await expect(backtest({ strategy: Quiet, data: { ...silent, events } })).rejects.toMatchObject({
    code: 'GROWTH_UNDECLARED',
  });
});
