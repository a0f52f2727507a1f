import { expect } from 'vitest';
import { parseFaults } from '../../src/exchange/fault-script.ts';
import { inProcessExchange } from '../../src/exchange/in-process.ts';
import { Market } from '../../src/exchange/market.ts';
import { loadSource } from '../../src/exchange/source.ts';
import type { LiveKlines } from '../../src/feeds/live/contract.ts';
import { openLiveKlines } from '../../src/feeds/live/live-klines.ts';
import { memoryFeed } from '../../src/feeds/memory.ts';
import type { Interval } from '../../src/model/interval.ts';
import { intervalMs } from '../../src/model/interval.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { type Followed, follow } from './follow.ts';
import { mulberry32 } from './random-walk.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);
/** Bars before the replay begins. */
const HISTORY = 240;
const REPLAYED = 300;

/** A bar of the truth: time, open, high, low, close, volume, quoteVolume, trades, takerBuyBase, takerBuyQuote. */
type Row = readonly number[];

/** What one seed does. */
export interface FaultPlan {
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly intervals: readonly Interval[];
  readonly pace: number | 'lockstep';
  /** Whether the client knows that the exchange is a local one. */
  readonly local: boolean;
  readonly forming: boolean;
  readonly warmup: number;
  /** Length of a hole in the data, bars. */
  readonly hole: number;
  /** This machine's clock against the market's, ms. */
  readonly clock: number;
  readonly faults: string;
}

/** The same seed, the same plan. */
export function faultPlan(seed: number): FaultPlan {
  const random = mulberry32(seed * 2_654_435_761);
  const below = (count: number) => Math.floor(random() * count);
  const chance = (probability: number) => random() < probability;
  const pace = chance(0.25) ? 'lockstep' : chance(0.2) ? 20 : 1;
  const local = pace !== 1 || chance(0.5);
  const faults: string[] = [];
  const rate = (name: string, most: number, amount = '') => {
    if (chance(0.5)) faults.push(`${name}=${(random() ** 2 * most).toFixed(4)}${amount}`);
  };
  rate('drop', 0.5);
  rate('duplicate', 0.5);
  rate('delay', 0.5, `:200..${1000 + below(90_000)}`);
  rate('reorder', 0.5);
  rate('missing-close', 0.8);
  rate('cut', 0.03);
  rate('halfopen', 0.01);
  rate('shutdown', 0.02, `:${500 + below(20_000)}`);
  rate('reject-connect', 0.7);
  rate('rest-slow', 0.6, ':100..9000');
  rate('rest-hang', 0.2);
  rate('rest-broken', 0.3);
  rate('rest-5xx', 0.5);
  rate('rest-429', 0.2, ':1000..20000');
  rate('rest-418', 0.02, ':120000');
  if (chance(0.3)) faults.push(`cut@${1 + below(100)}m`);
  if (chance(0.3)) faults.push(`halfopen@${1 + below(100)}m`);
  if (chance(0.3)) faults.push(`shutdown@${1 + below(100)}m`);
  // Time that stands still never lets a REST that lags catch up.
  if (pace !== 'lockstep' && chance(0.4)) faults.push(`rest-lag=${below(4000)}`);
  if (pace !== 'lockstep' && chance(0.4)) faults.push(`skew=${below(8000) - 4000}`);
  const all: readonly Interval[] = ['1m', '3m', '5m', '15m', '1h'];
  const intervals = all.filter(() => chance(0.4));
  return {
    seed,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].slice(0, 1 + below(3)),
    intervals: intervals.length === 0 ? ['1m'] : intervals,
    pace,
    local,
    forming: chance(0.4),
    warmup: chance(0.3) ? 0 : below(HISTORY),
    hole: chance(0.3) ? 1 + below(30) : 0,
    clock: chance(0.5) ? 0 : below(86_400_000) - 43_200_000,
    faults: faults.join(','),
  };
}

/** Minutes of a random walk with all columns of klines, and perhaps a hole. */
function minutes(seed: number, hole: number): Row[] {
  const random = mulberry32(seed);
  const rows: Row[] = [];
  const from = HISTORY + 20 + Math.floor(random() * (REPLAYED - 120));
  let price = 10_000 + Math.floor(random() * 10_000);
  for (let i = 0; i < HISTORY + REPLAYED; i++) {
    const open = price;
    const close = Math.max(100, open + Math.floor(random() * 201) - 100);
    const high = Math.max(open, close) + Math.floor(random() * 50);
    const low = Math.min(open, close) - Math.floor(random() * 50);
    const volume = Math.floor(random() * 1e6) + 1;
    const trades = Math.floor(random() * 500) + 10;
    const quote = Math.floor(random() * 1e7) + 1;
    price = close;
    if (i >= from && i < from + hole) continue;
    const prices = [open, high, low, close].map(value => value / 100);
    const taker = [Math.floor(volume / 3) / 1000, Math.floor(quote / 3) / 100];
    rows.push([START + i * MINUTE, ...prices, volume / 1000, quote / 100, trades, ...taker]);
  }
  return rows;
}

/** Longer bars, made in integers from the minutes. */
function grouped(rows: readonly Row[], interval: Interval): Row[] {
  const length = intervalMs(interval);
  if (length === MINUTE) return [...rows];
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const open = Math.floor(row[0] / length) * length;
    groups.set(open, [...(groups.get(open) ?? []), row]);
  }
  const sum = (own: readonly Row[], column: number) =>
    own.reduce((total, row) => total + Math.round(row[column] * 1000), 0) / 1000;
  return [...groups].map(([time, own]) => [
    time,
    own[0][1],
    Math.max(...own.map(row => row[2])),
    Math.min(...own.map(row => row[3])),
    own[own.length - 1][4],
    ...[5, 6, 7, 8, 9].map(column => sum(own, column)),
  ]);
}

async function marketOf(truth: ReadonlyMap<string, Row[]>): Promise<Market> {
  const sources = [...truth].map(([symbol, rows]) => {
    const column = (index: number) => Float64Array.from(rows, row => row[index]);
    const extra = {
      quoteVolume: column(6),
      trades: column(7),
      takerBuyBase: column(8),
      takerBuyQuote: column(9),
    };
    const [time, open, high, low, close, volume] = [0, 1, 2, 3, 4, 5].map(column);
    const columns = { time, open, high, low, close, volume, extra };
    return loadSource(memoryFeed(columns, { symbol, interval: '1m' }));
  });
  return new Market(await Promise.all(sources));
}

/** What came of a run, to be compared between seeds. */
export interface FaultRun {
  readonly bars: number;
  readonly faults: number;
  readonly counters: ReturnType<LiveKlines['status']>['counters'];
}

/** Runs one plan in virtual time and checks what was delivered, and what is left behind. */
export async function faultRun(plan: FaultPlan): Promise<FaultRun> {
  const { pace, seed } = plan;
  const truth = new Map(plan.symbols.map((symbol, i) => [symbol, minutes(seed * 7 + i, plan.hole)] as const));
  const timers = new VirtualTimers(START + HISTORY * MINUTE + plan.clock);
  const running = inProcessExchange({
    market: await marketOf(truth),
    timers,
    pace,
    from: START + HISTORY * MINUTE,
    updates: 4,
    faults: parseFaults(plan.faults),
    seed,
  });
  const opening = openLiveKlines({
    endpoints: { name: 'test', rest: 'http://test', stream: 'ws://test', local: plan.local },
    series: plan.symbols.flatMap(symbol => plan.intervals.map(interval => ({ symbol, interval }))),
    network: running.network(),
    forming: plan.forming,
  });
  let live: LiveKlines | undefined;
  opening.then(opened => {
    live = opened;
  });
  await timers.run({ done: () => live !== undefined });
  if (live === undefined) throw new Error('it did not open');
  const begun = live.status().time;
  const { series } = live.status();
  const all = live.feeds.map(feed => follow(feed, { warmup: plan.warmup }));
  // Who is told that the data is over gets everything. Others get it in time: the last forty minutes
  // may still be in trouble.
  const whole = plan.local;
  const end = START + (HISTORY + REPLAYED) * MINUTE;
  const allEnded = () => all.every(({ ended }) => ended);
  if (whole) {
    await timers.run({ until: timers.now() + 43_200_000, done: allEnded });
    expect(allEnded(), 'the feeds end with the data').toBe(true);
  } else await timers.run({ done: () => running.exchange.status.time >= end - 2 * MINUTE || allEnded() });
  const counters = live.status().counters;
  const checked = whole ? end : running.exchange.status.time - 40 * MINUTE;
  for (const [i, { symbol, interval }] of series.entries()) {
    const bars = grouped(truth.get(symbol)!, interval);
    check(all[i], bars, { begun, checked, interval, plan });
  }
  await leave(live, all, running, timers);
  const faults = Object.values(running.exchange.status.faults).reduce<number>((sum, n) => sum + (n ?? 0), 0);
  return { bars: all.reduce((sum, { times }) => sum + times.length, 0), faults, counters };
}

interface Checking {
  readonly begun: number;
  readonly checked: number;
  readonly interval: Interval;
  readonly plan: FaultPlan;
}

function check(followed: Followed, bars: readonly Row[], { begun, checked, interval, plan }: Checking): void {
  const length = intervalMs(interval);
  const before = bars.filter(([time]) => time + length <= begun);
  const expected = [
    ...before.slice(before.length - Math.min(plan.warmup, before.length)),
    ...bars.filter(([time]) => time + length > begun),
  ];
  const delivered: number[][] = [];
  let clock = Number.NEGATIVE_INFINITY;
  let forming: { time: number; at: number } | undefined;
  for (const event of followed.events) {
    if (event.kind === 'bars') {
      const { extra } = event.bars;
      for (let i = 0; i < event.bars.length; i++) {
        const { time, open, high, low, close, volume } = event.bars;
        const { quoteVolume, trades, takerBuyBase, takerBuyQuote } = extra;
        const columns = [
          time,
          open,
          high,
          low,
          close,
          volume,
          quoteVolume,
          trades,
          takerBuyBase,
          takerBuyQuote,
        ];
        delivered.push(columns.map(column => column[i]));
        expect(event.phase).toBe(time[i] + length <= begun ? 'warmup' : 'run');
        // What a clock has said is never followed by something older.
        if (event.phase === 'run') expect(time[i] + length).toBeGreaterThanOrEqual(clock);
      }
    } else if (event.kind === 'forming') {
      expect(event.bar.time).toBeGreaterThan(delivered.at(-1)?.[0] ?? 0);
      if (forming?.time === event.bar.time) expect(event.time).toBeGreaterThanOrEqual(forming.at);
      forming = { time: event.bar.time, at: event.time };
    } else if (event.kind === 'clock') {
      expect(event.upTo).toBeGreaterThanOrEqual(clock);
      clock = event.upTo;
      const closed = expected.filter(([time]) => time + length <= clock);
      expect(delivered.length, 'at a clock all that has closed is there, and nothing else').toBe(
        closed.length,
      );
    }
  }
  expect(delivered).toEqual(expected.slice(0, delivered.length));
  const due = expected.filter(([time]) => time + length <= checked);
  expect(delivered.length).toBeGreaterThanOrEqual(due.length);
  const gaps = followed.events.filter(event => event.kind === 'gap');
  for (const gap of gaps) {
    expect(bars.filter(([time]) => time >= gap.from && time < gap.to)).toEqual([]);
  }
  if (plan.pace === 'lockstep') expect(followed.late).not.toContain(true);
}

async function leave(
  live: LiveKlines,
  all: readonly Followed[],
  running: ReturnType<typeof inProcessExchange>,
  timers: VirtualTimers,
): Promise<void> {
  let closed = false;
  void live.close().then(() => {
    closed = true;
  });
  await timers.run({ until: timers.now() + 2 * MINUTE, done: () => closed && running.openSockets === 0 });
  expect(closed, 'it closes').toBe(true);
  expect(running.openSockets, 'sockets left').toBe(0);
  running.close();
  await timers.run({ until: timers.now() + 2 * MINUTE });
  expect(timers.pending, 'timers left').toBe(0);
  await Promise.all(all.map(({ done }) => done));
}
