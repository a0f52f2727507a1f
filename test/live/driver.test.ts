import { instrument, type StrategyClass, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import type { FeedEvent } from '../../src/feeds/feed.ts';
import { Decisions } from '../../src/live/decisions.ts';
import { LiveDriver } from '../../src/live/driver.ts';
import type { Bars } from '../../src/model/bars.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import type { JournalEntry } from '../../src/store/journal.ts';
import { type PushedFeed, pushedFeed } from '../support/pushed-feed.ts';

const BEGIN = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

/** Bar number `index`, which opens at 100 and closes at `close`. */
function bar(index: number, close = 100): FeedEvent {
  const one = (value: number) => Float64Array.of(value);
  const bars: Bars = {
    length: 1,
    time: one(BEGIN + index * MINUTE),
    open: one(100),
    high: one(Math.max(100, close)),
    low: one(Math.min(100, close)),
    close: one(close),
    volume: one(1),
    extra: {},
  };
  return { kind: 'bars', bars, phase: 'run', late: false };
}

function forming(index: number, price: number, afterMs = 500): FeedEvent {
  const time = BEGIN + index * MINUTE;
  const open = { time, open: price, high: price, low: price, close: price, volume: 1 };
  return { kind: 'forming', bar: open, time: time + afterMs };
}

const live: FeedEvent = { kind: 'status', status: 'live' };

/** Two series, fed by hand. */
function scene(strategy: StrategyClass, commit: (entries: readonly JournalEntry[]) => void = () => {}) {
  const feeds = ['BTCUSDT', 'ETHUSDT'].map(symbol =>
    pushedFeed({ instrument: instrument(symbol), interval: '1m' }),
  ) as [PushedFeed, PushedFeed];
  const timers = new VirtualTimers(BEGIN);
  const run = new SimulatedRun(feeds, { strategy, cash: 10_000 });
  const kept: JournalEntry[] = [];
  const driver = new LiveDriver({
    run,
    decisions: new Decisions(run),
    feeds,
    after: [undefined, undefined],
    timers,
    barrierMs: 1500,
    commit: entries => {
      commit(entries);
      kept.push(...entries);
    },
  });
  const kinds = () => kept.map(({ kind }) => kind).filter(kind => kind !== 'notice');
  /** Lets promises settle, and time pass until `afterMs` from the beginning. */
  const pass = (afterMs: number) => timers.run({ until: BEGIN + afterMs });
  return { feeds, timers, run, driver, kept, kinds, pass };
}

class Quiet extends strategy() {
  next() {}
}

/** Always holds the first symbol. */
class Holder extends strategy() {
  next() {
    if (!this.position.isOpen && this.openOrders.length === 0) this.buy({ quote: 5000 });
  }
}

test('a step waits for a series that is behind, and is made without it when the barrier is over', async () => {
  const { feeds, driver, kinds, pass, kept } = scene(Quiet);
  const over = driver.run();
  for (const feed of feeds) feed.push(live, bar(0));
  feeds[0].push(bar(1));
  await pass(1400);
  expect(kinds().filter(kind => kind === 'step').length).toBe(1);
  await pass(1600);
  expect(kinds().slice(-2)).toEqual(['release', 'step']);
  feeds[1].push(bar(1));
  await pass(1700);
  expect(kept.at(-1)).toMatchObject({ kind: 'step', late: true });
  driver.stop('keep');
  expect(await over).toBe(false);
});

test('the barrier runs from when every series has been heard of, not from the next bar', async () => {
  const { feeds, driver, kinds, pass } = scene(Quiet);
  const over = driver.run();
  feeds[0].push(live, bar(0));
  await pass(10_000);
  expect(kinds()).not.toContain('step');
  feeds[1].push(live);
  await pass(12_000);
  expect(kinds().slice(-2)).toEqual(['release', 'step']);
  driver.stop('keep');
  await over;
});

test.each(['keep', 'cancel'] as const)(
  'who stops with %s while a step waits for a series gets no step; the bar in hand is kept for going on',
  async policy => {
    const { feeds, driver, kinds, pass, timers } = scene(Quiet);
    const over = driver.run();
    for (const feed of feeds) feed.push(live, bar(0));
    feeds[0].push(bar(1));
    await pass(100);
    driver.stop(policy);
    expect(await over).toBe(false);
    expect(kinds().filter(kind => kind === 'step').length).toBe(1);
    expect(kinds()).not.toContain('release');
    expect(kinds().filter(kind => kind === 'bar').length).toBe(3);
    expect(timers.pending).toBe(0);
  },
);

test('flattening while a step waits for a series ends without a position, and the strategy does not open another', async () => {
  const { feeds, driver, run, pass, timers } = scene(Holder);
  const over = driver.run();
  for (const feed of feeds) feed.push(live, bar(0));
  await pass(50);
  feeds[0].push(forming(1, 100), bar(1));
  feeds[1].push(bar(1));
  await pass(100);
  expect(run.broker.account.sizes[0]).toBeGreaterThan(0);
  feeds[0].push(bar(2));
  await pass(200);
  driver.stop('flatten');
  await pass(300);
  feeds[0].push(forming(3, 101));
  await pass(400);
  feeds[0].push(forming(3, 102, 700));
  await pass(20_000);
  expect(await over).toBe(false);
  expect(run.broker.account.sizes[0]).toBe(0);
  expect(run.engine.waiting).toBe(false);
  expect(timers.pending).toBe(0);
});

test('stopping before the run has begun, and once more, places the exit’s orders once and leaves no timer', async () => {
  const { feeds, driver, kinds, run, timers, pass } = scene(Holder);
  const first = driver.run();
  for (const feed of feeds) feed.push(live, bar(0));
  await pass(50);
  feeds[0].push(forming(1, 100));
  await pass(100);
  driver.stop('keep');
  await first;
  // The session goes on, and is told to end before it has begun to listen.
  const again = new LiveDriver({
    run,
    decisions: new Decisions(run),
    feeds: feeds.map(feed => feed.again()),
    after: [BEGIN, BEGIN],
    timers,
    barrierMs: 1500,
    commit: () => {},
  });
  const orders = run.broker.orders.length;
  again.stop('flatten');
  again.stop('keep');
  const second = again.run();
  await pass(30_000);
  expect(await second).toBe(false);
  expect(run.broker.orders.length).toBe(orders + 1);
  expect(kinds()).not.toContain('exit');
  expect(timers.pending).toBe(0);
});

test('what the strategy throws ends the run; nothing that other series say after it is taken or kept', async () => {
  class Thrower extends strategy() {
    next() {
      if (this.data.length === 2) throw new Error('no more');
    }
  }
  const { feeds, driver, kinds, pass, timers } = scene(Thrower);
  const over = driver.run();
  over.catch(() => {});
  for (let i = 0; i < 5; i++) for (const feed of feeds) feed.push(bar(i));
  await pass(100);
  await expect(over).rejects.toMatchObject({ code: 'STRATEGY_THREW' });
  expect(kinds()).toEqual(['bar', 'bar', 'step']);
  expect(timers.pending).toBe(0);
  expect(feeds.map(feed => feed.isOpen)).toEqual([false, false]);
});

test('a journal that fails ends the run; nothing is kept after what could not be', async () => {
  let left = 3;
  const { feeds, driver, kept, pass, timers } = scene(Quiet, () => {
    if (--left === 0) throw new Error('disk full');
  });
  const over = driver.run();
  over.catch(() => {});
  for (let i = 0; i < 5; i++) for (const feed of feeds) feed.push(bar(i));
  await pass(100);
  await expect(over).rejects.toThrow('disk full');
  const count = kept.length;
  await pass(5000);
  expect(kept.length).toBe(count);
  expect(left).toBe(0);
  expect(timers.pending).toBe(0);
});

test('a feed that throws ends the run with its error, and the other feeds with it', async () => {
  const { feeds, driver, pass, timers } = scene(Quiet);
  const over = driver.run();
  over.catch(() => {});
  for (const feed of feeds) feed.push(live, bar(0));
  feeds[0].push(bar(1));
  feeds[1].fail(new Error('the feed broke'));
  await pass(100);
  await expect(over).rejects.toThrow('the feed broke');
  expect(timers.pending).toBe(0);
  expect(feeds.map(feed => feed.isOpen)).toEqual([false, false]);
});

test('updates that wait for their match when the run is stopped are matched before it ends', async () => {
  const { feeds, driver, run, kinds, pass } = scene(Holder);
  const over = driver.run();
  for (const feed of feeds) feed.push(live, bar(0));
  await pass(50);
  let stopped = false;
  feeds[0].push(forming(1, 100));
  feeds[0].onTaken = () => {
    if (!stopped) driver.stop('keep');
    stopped = true;
  };
  expect(await over).toBe(false);
  expect(kinds().filter(kind => kind === 'forming' || kind === 'match')).toEqual(['forming', 'match']);
  expect(run.broker.account.sizes[0]).toBeGreaterThan(0);
});
