import { describe, expect, test } from 'vitest';
import { parseFaults } from '../../../src/exchange/fault-script.ts';
import { inProcessExchange } from '../../../src/exchange/in-process.ts';
import { Market } from '../../../src/exchange/market.ts';
import { loadSource } from '../../../src/exchange/source.ts';
import type { FeedEvent } from '../../../src/feeds/feed.ts';
import type { LiveKlines } from '../../../src/feeds/live/contract.ts';
import { openLiveKlines } from '../../../src/feeds/live/live-klines.ts';
import { Lockstep } from '../../../src/feeds/live/lockstep.ts';
import { memoryFeed } from '../../../src/feeds/memory.ts';
import type { Interval } from '../../../src/model/interval.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { follow } from '../../support/follow.ts';
import { randomWalk } from '../../support/random-walk.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);
const BARS = 120;

async function lockstep(
  intervals: readonly Interval[],
  options: { forming?: boolean; faults?: string; from?: number } = {},
) {
  const timers = new VirtualTimers(START);
  const columns = randomWalk(BARS, { start: START, step: MINUTE });
  const market = new Market([await loadSource(memoryFeed(columns, { symbol: 'BTCUSDT', interval: '1m' }))]);
  const { forming = false, from } = options;
  const faults = parseFaults(options.faults ?? '');
  const running = inProcessExchange({ market, timers, pace: 'lockstep', faults, from });
  let live: LiveKlines | undefined;
  openLiveKlines({
    endpoints: { name: 'test', rest: 'http://test', stream: 'ws://test', local: true },
    series: intervals.map(interval => ({ symbol: 'BTCUSDT', interval })),
    network: running.network(),
    forming,
  }).then(opened => {
    live = opened;
  });
  await timers.run({ done: () => live !== undefined });
  const pass = (ms: number) => timers.run({ until: timers.now() + ms });
  return { timers, columns, running, live: live!, pass };
}

const closesOf = (events: readonly FeedEvent[]) =>
  events.flatMap(event => (event.kind === 'bars' ? [...event.bars.close] : []));

describe('a tick', () => {
  const series = () => {
    const one = { started: true, ended: false, outbox: { idle: true }, whole: true, clocks: [] as number[] };
    return Object.assign(one, { complete: () => one.whole, tick: (time: number) => one.clocks.push(time) });
  };
  const source = () => {
    const acknowledged: number[] = [];
    return { tick: -1, acknowledged, acknowledge: (n: number) => acknowledged.push(n) };
  };
  const at = (n: number) => ({ e: 'replay', E: n * 1000, n, end: false }) as const;

  test('is acknowledged once all series are complete and all consumers are back, and again when it is repeated', () => {
    const [one, two] = [series(), series()];
    const connection = source();
    const lockstep = new Lockstep([one, two] as never, [connection], () => {});
    two.whole = false;
    lockstep.ticked(connection, at(5));
    expect(one.clocks).toEqual([]);
    two.whole = true;
    one.outbox.idle = false;
    lockstep.check();
    expect([one.clocks, two.clocks]).toEqual([[5000], [5000]]);
    expect(connection.acknowledged).toEqual([]);
    one.outbox.idle = true;
    lockstep.check();
    expect(connection.acknowledged).toEqual([5]);
    lockstep.ticked(connection, at(5));
    expect(connection.acknowledged).toEqual([5, 5]);
    expect(one.clocks).toEqual([5000]);
  });

  test('waits until every connection has brought it', () => {
    const one = series();
    const [first, second] = [source(), source()];
    const lockstep = new Lockstep([one] as never, [first, second], () => {});
    lockstep.ticked(first, at(1));
    expect(one.clocks).toEqual([]);
    lockstep.ticked(second, at(1));
    expect(one.clocks).toEqual([1000]);
    expect([first.acknowledged, second.acknowledged]).toEqual([[1], [1]]);
  });
});

describe('in lockstep', () => {
  test('every feed is clocked, gets all bars with the clock of their close, and ends with the data', async () => {
    const { columns, live, pass } = await lockstep(['1m', '5m']);
    expect(live.feeds.map(({ clocked }) => clocked)).toEqual([true, true]);
    const all = live.feeds.map(feed => follow(feed));
    await pass(10 * MINUTE);
    expect(all.map(({ ended }) => ended)).toEqual([true, true]);
    expect(all[0].closes).toEqual([...(columns.close as Float64Array)]);
    expect(all[1].times.length).toBe(BARS / 5);
    for (const [i, length] of [MINUTE, 5 * MINUTE].entries()) {
      const { events } = all[i];
      events.forEach((event, at) => {
        if (event.kind !== 'bars') return;
        const clock = events.slice(at).find(({ kind }) => kind === 'clock');
        expect(clock).toEqual({ kind: 'clock', upTo: event.bars.time[0] + length });
      });
    }
    await live.close();
  });

  test('time stands still until every feed is read, and until every consumer has come back', async () => {
    const { live, pass, running } = await lockstep(['1m', '5m']);
    const one = follow(live.feeds[0]);
    await pass(10 * MINUTE);
    expect(one.events).toEqual([]);
    expect(running.exchange.status.time).toBe(START);

    let release: (() => void) | undefined;
    const two = follow(live.feeds[1], {}, event => {
      if (event.kind !== 'bars') return undefined;
      return new Promise(resolve => {
        release = resolve;
      });
    });
    await pass(10 * MINUTE);
    // The second feed's first bar is being worked on.
    expect(two.times.length).toBe(1);
    expect(one.times.length).toBe(5);
    expect(running.exchange.status.time).toBe(START + 5 * MINUTE);
    release?.();
    await pass(10 * MINUTE);
    expect(two.times.length).toBe(2);
    expect(one.times.length).toBe(10);
    await Promise.all([live.close(), pass(MINUTE)]);
    release?.();
    await pass(MINUTE);
  });

  test('every forming update is given, to a slow consumer, too, before the clock of its moment', async () => {
    const run = async (pace: number) => {
      const { live, pass, timers } = await lockstep(['1m'], { forming: true });
      const slow = () => new Promise<void>(resolve => timers.after(pace, resolve));
      const followed = follow(live.feeds[0], {}, slow);
      await pass(120 * MINUTE);
      expect(followed.ended).toBe(true);
      return followed.events;
    };
    const quick = await run(0);
    expect(quick.filter(({ kind }) => kind === 'forming').length).toBe(BARS * 4);
    expect(await run(900)).toEqual(quick);
    let clock = 0;
    for (const event of quick) {
      if (event.kind === 'forming') expect(event.time).toBeGreaterThanOrEqual(clock);
      if (event.kind === 'clock') clock = event.upTo;
    }
  });

  test('what faults swallow is fetched before the clock: the events are the same', async () => {
    const run = async (faults: string) => {
      const { live, pass } = await lockstep(['1m', '15m'], { faults, from: START + 30 * MINUTE });
      const all = live.feeds.map(feed => follow(feed, { warmup: 20 }));
      await pass(24 * 60 * MINUTE);
      expect(all.map(({ ended }) => ended)).toEqual([true, true]);
      return all.map(({ events }) => events.filter(({ kind }) => kind === 'bars' || kind === 'clock'));
    };
    const clean = await run('');
    expect(closesOf(clean[0]).length).toBe(20 + 90);
    expect(closesOf(clean[1]).length).toBe(2 + 6);
    expect(await run('missing-close=0.5,drop=0.3,duplicate=0.3,cut=0.02,rest-5xx=0.3')).toEqual(clean);
  });

  test('a session that was cut off goes on with the bar after its last one', async () => {
    const { columns, live, pass, running, timers } = await lockstep(['1m']);
    const first = follow(live.feeds[0], {}, () => new Promise(resolve => timers.after(200, resolve)));
    await pass(30_000);
    const after = first.times.at(-1)!;
    expect(first.times.length).toBeGreaterThan(10);
    expect(first.times.length).toBeLessThan(BARS);
    await Promise.all([live.close(), pass(MINUTE)]);
    let again: LiveKlines | undefined;
    openLiveKlines({
      endpoints: { name: 'test', rest: 'http://test', stream: 'ws://test', local: true },
      series: [{ symbol: 'BTCUSDT', interval: '1m' }],
      network: running.network(),
    }).then(opened => {
      again = opened;
    });
    await timers.run({ done: () => again !== undefined });
    const second = follow(again!.feeds[0], { after });
    await pass(30 * MINUTE);
    expect(second.ended).toBe(true);
    expect(second.late).not.toContain(true);
    expect([...first.closes, ...second.closes]).toEqual([...(columns.close as Float64Array)]);
  });
});
