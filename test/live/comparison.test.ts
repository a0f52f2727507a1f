import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Order, type StrategyClass, strategy } from 'qt-trader';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import { CAUSES, Causes } from '../../src/live/comparison/causes.ts';
import { Circumstances } from '../../src/live/comparison/circumstances.ts';
import { compare } from '../../src/live/comparison/compare.ts';
import { ordersOf } from '../../src/live/comparison/orders.ts';
import { Told } from '../../src/live/comparison/told.ts';
import type { Examination } from '../../src/live/examine.ts';
import { silentFeed } from '../../src/live/inputs.ts';
import { RecordedBars } from '../../src/live/recorded-bars.ts';
import { replay } from '../../src/live/replay.ts';
import type { PaperStart } from '../../src/live/session.ts';
import type { SessionSettings } from '../../src/live/settings.ts';
import type { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import { walk } from '../support/bars.ts';
import { mulberry32 } from '../support/random-walk.ts';
import type { ScriptedSeries } from '../support/scripted-exchange.ts';
import type { TimedScript } from '../support/timed-exchange.ts';
import {
  type Life,
  lookBack,
  MINUTE,
  minutes,
  START,
  terms,
  timedSession,
} from '../support/timed-session.ts';

let folder: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-comparison-'));
  store = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const session = (strategy: StrategyClass, all: ScriptedSeries[], ...lives: Life[]) =>
  timedSession(store, strategy, all, ...lives);
const look = (strategy: StrategyClass) => lookBack(store, strategy);

/** Buys for a fixed amount on every fourth bar and sells two bars later: no decision depends on an earlier fill. */
class Regular extends strategy() {
  next() {
    const turn = this.data.length % 4;
    if (turn === 1) this.buy({ quote: 1000 });
    if (turn === 3) this.close();
  }
}

/** The causes of the backtest's differences, in their order. */
const causes = (found: Examination) => found.backtest.differences.map(one => one.cause);

describe('a backtest over the bars of a session', () => {
  test('does the same on a perfect exchange; moments within a bar are only counted', async () => {
    await session(Regular, minutes(60, 1), { script: { warmup: 5 } });
    const found = await look(Regular);
    expect(found.replay).toMatchObject({ identical: true, divergent: 0, differences: [] });
    expect(found.backtest).toMatchObject({ identical: true, differences: [] });
    expect(found.backtest.fills).toBeGreaterThan(20);
    expect(found.backtest.withinBar).toBe(found.backtest.fills);
    expect(found.backtest.value.live).toBe(found.backtest.value.backtest);
  });

  test('different fill price: the first update after the order was off the open', async () => {
    // Only rows 21 and 22 move before their first update.
    const updates: TimedScript['updates'] = (_, row, { open, close }) => [
      [850, row === 21 || row === 22 ? (open + close) / 2 : open],
    ];
    await session(Regular, minutes(60), { script: { updates } });
    const found = await look(Regular);
    const [first] = found.backtest.differences;
    expect(found.replay.identical).toBe(true);
    expect(first).toMatchObject({ what: 'fill', symbol: 'BTCUSDT', cause: 'different fill price' });
    expect(first!.detail).toContain('after 0.85 s at ');
    expect(causes(found)).not.toContain('unexplained');
    expect(found.backtest.identical).toBe(false);
  });

  test('late bar: what would have opened a position is refused, the rest follows', async () => {
    // Row 20, on which Regular buys, comes 70 s after its close.
    const closeAfter = (_: number, row: number) => (row === 20 ? 70_000 : row === 21 ? 11_000 : 30);
    await session(Regular, minutes(60), { script: { closeAfter } });
    const found = await look(Regular);
    expect(found.replay.identical).toBe(true);
    expect(causes(found)).toEqual(['late bar', 'follows from the first difference']);
    expect(found.backtest.differences[0]).toMatchObject({
      what: 'fill',
      left: 'LATE_BAR',
      time: START + 21 * MINUTE,
      detail: 'the bar of BTCUSDT 1m that closed at 2024-01-01T00:21Z came too late to open a position',
    });
    expect(found.counts.lateBars).toBe(1);
  });

  test('different fill price: a bar that came 50 s after its close was acted on in the middle of the next', async () => {
    const closeAfter = (_: number, row: number) => (row === 22 ? 50_000 : 30);
    const updates: TimedScript['updates'] = (_, __, { open, close }) => [
      [200, open],
      [55_000, (open + close) / 2],
    ];
    await session(Regular, minutes(40), { script: { closeAfter, updates } });
    const found = await look(Regular);
    expect(causes(found)).toEqual(['different fill price']);
    expect(found.backtest.differences[0]!.detail).toContain('first update after 55 s');
  });

  test('barrier: a step was made without a series, and the strategy decided on that', async () => {
    class Uneven extends strategy() {
      next() {
        const [first, second] = this.datas;
        if (first!.length !== second!.length && this.time > START + MINUTE) this.buy({ quote: 500 });
      }
    }
    const closeAfter = (feed: number, row: number) => (feed === 1 && row === 20 ? 5000 : 30);
    await session(Uneven, minutes(40, 2), { script: { closeAfter } });
    const found = await look(Uneven);
    expect(found.counts).toMatchObject({ releases: 1, lateSteps: 1 });
    expect(found.backtest.differences).toMatchObject([
      {
        what: 'order',
        left: 'for 500',
        right: 'none',
        cause: 'barrier',
        detail: 'the step of 2024-01-01T00:21Z was made without ETHUSDT 1m',
      },
    ]);
  });

  test('barrier: it is also the cause of what a strategy decides later, having been asked once more', async () => {
    class Counter extends strategy() {
      #asked = 0;
      next() {
        if (++this.#asked % 10 === 0) this.buy({ quote: 100 });
      }
    }
    const closeAfter = (feed: number, row: number) => (feed === 1 && row === 21 ? 5000 : 30);
    await session(Counter, minutes(45, 2), { script: { closeAfter } });
    const found = await look(Counter);
    expect(causes(found).slice(0, 2)).toEqual(['barrier', 'follows from the first difference']);
  });

  test('late bar: a step was made for a bar after its own step, and the strategy decided on that', async () => {
    class Twice extends strategy() {
      #last = 0;
      next() {
        if (this.data.length === 10) this.buy({ quote: 1000 });
        if (this.time === this.#last && this.position.size > 0) this.close();
        this.#last = this.time;
      }
    }
    const closeAfter = (feed: number, row: number) => (feed === 1 && row === 20 ? 5000 : 30);
    await session(Twice, minutes(40, 2), { script: { closeAfter } });
    const found = await look(Twice);
    expect(found.backtest.differences).toMatchObject([
      {
        right: 'none',
        cause: 'late bar',
        detail: 'the bar of ETHUSDT 1m that closed at 2024-01-01T00:21Z came after its step had been made',
      },
    ]);
  });

  test.each([
    ['gap', { kind: 'gap', from: 0, to: 1, cause: 'missing at the exchange' }],
    ['connection', { kind: 'status', status: 'disconnected' }],
  ] as const)('%s: the strategy was told of it, and a backtest tells it nothing', async (cause, event) => {
    class Cautious extends strategy() {
      #rest = 0;
      next() {
        if (--this.#rest > 0) return;
        if (this.data.length % 10 === 5) this.buy({ quote: 500 });
      }
      override notifyData(_: unknown, status: string) {
        if (status !== 'live') this.#rest = 5;
      }
    }
    const says = (_: number, row: number) => (row === 22 ? [event] : []);
    await session(Cautious, minutes(50), { script: { says } });
    const found = await look(Cautious);
    expect(found.backtest.differences).toMatchObject([
      { left: 'none', right: 'for 500', cause, time: START + 25 * MINUTE },
    ]);
    await session(Regular, minutes(50), { script: { says } });
    expect(await look(Regular)).toMatchObject({ backtest: { identical: true } });
  });

  test('exit: what an exit cancelled, a backtest fills', async () => {
    class Patient extends strategy() {
      next() {
        const { low } = this.bar;
        // Far enough below to wait, near enough to be met.
        if (this.data.length === 3) this.buy({ quote: 1000, limit: low * 0.97 });
      }
    }
    const leave = ({ stop }: PaperStart, timers: VirtualTimers) =>
      void timers.after(6.5 * MINUTE, () => stop('cancel'));
    await session(Patient, minutes(400), { onStart: leave }, { begin: 6.6 });
    const found = await look(Patient);
    expect(found.replay.identical).toBe(true);
    expect(found.counts).toMatchObject({ exits: 1, restarts: 1 });
    expect(found.backtest.differences).toMatchObject([{ what: 'fill', left: 'canceled', cause: 'exit' }]);
    expect(found.backtest.differences[0]!.detail).toContain('ended with cancel');
  });

  test('exit: what an exit sold, a backtest holds', async () => {
    class Holder extends strategy() {
      next() {
        if (this.data.length === 3) this.buy({ quote: 1000 });
      }
    }
    const leave = ({ stop }: PaperStart, timers: VirtualTimers) =>
      void timers.after(6.5 * MINUTE, () => stop('flatten'));
    await session(Holder, minutes(20), {
      script: {
        updates: (_, __, { open }) => [
          [200, open],
          [40_000, open],
        ],
      },
      onStart: leave,
    });
    const found = await look(Holder);
    expect(found.backtest.differences).toMatchObject([{ what: 'order', right: 'none', cause: 'exit' }]);
    expect(found.backtest.differences[0]!.leftOrder).toMatchObject({ tag: 'exit', status: 'completed' });
  });

  test('stopped: the last fill lies in a bar that nobody waited for', async () => {
    const leave = ({ stop }: PaperStart, timers: VirtualTimers) =>
      void timers.after(25.5 * MINUTE, () => stop('keep'));
    await session(Regular, minutes(40), { onStart: leave });
    const found = await look(Regular);
    expect(found.backtest.differences).toMatchObject([
      { what: 'fill', right: 'not filled yet', cause: 'stopped', time: START + 25 * MINUTE },
    ]);
  });

  test('restart: nobody was there when the bar opened', async () => {
    const updates: TimedScript['updates'] = (_, __, { open, close }) => [
      [200, open],
      [40_000, (open + close) / 2],
    ];
    const leave = ({ stop }: PaperStart, timers: VirtualTimers) =>
      void timers.after(25 * MINUTE + 100, () => stop('keep'));
    await session(
      Regular,
      minutes(40),
      { script: { updates }, onStart: leave },
      { script: { updates }, begin: 25.5 },
    );
    const found = await look(Regular);
    const [first] = found.backtest.differences;
    expect(first).toMatchObject({ what: 'fill', cause: 'restart', time: START + 25 * MINUTE });
    expect(first!.detail).toContain('first update after 40 s');
    expect(found.counts.restarts).toBe(1);
  });

  test('arrival order: the purchase was asked for before the sale that was to pay for it', async () => {
    class Swap extends strategy() {
      next() {
        const [first, second] = this.datas;
        if (first!.length === 5) this.buy({ data: first!, quote: 9990 });
        if (first!.length === 10) {
          this.close({ data: first! });
          this.buy({ data: second!, quote: 5000 });
        }
      }
    }
    // The second symbol's update comes first.
    const updates: TimedScript['updates'] = (feed, _, { open }) => [[feed === 0 ? 300 : 100, open]];
    await session(Swap, minutes(30, 2), { script: { updates } });
    const found = await look(Swap);
    expect(found.backtest.differences).toMatchObject([
      { symbol: 'ETHUSDT', left: 'INSUFFICIENT_CASH', cause: 'arrival order' },
    ]);
  });

  test('placed within the bar: its low was before the order, which a backtest places at the open', async () => {
    const all = minutes(30, 2);
    const { open, low, close } = all[1]!.columns;
    const limit = (low[21]! + Math.min(open[21]!, close[21]!)) / 2;
    class Dip extends strategy() {
      next() {
        const [first, second] = this.datas;
        if (first!.length === 21 && this.openOrders.length === 0) {
          this.buy({ data: second!, size: 1, limit, timeInForce: 'GTC' });
        }
        if (first!.length === 23) for (const order of this.openOrders) this.cancel(order);
      }
    }
    const closeAfter = (feed: number, row: number) => (feed === 1 && row === 20 ? 5000 : 30);
    const updates: TimedScript['updates'] = (feed, row, bar) =>
      feed === 1 && row === 21
        ? [
            [500, bar.low],
            [30_000, bar.close],
          ]
        : [[200, bar.open]];
    await session(Dip, all, { script: { closeAfter, updates } });
    const found = await look(Dip);
    expect(found.backtest.differences[0]).toMatchObject({ what: 'fill', cause: 'placed within the bar' });
    expect(found.backtest.differences[0]!.detail).toMatch(/^the low of .* was before 2024-01-01T00:21:30Z/);
  });

  /** Sells the first symbol when the second one's bar of row 20 is there. */
  class Seller extends strategy() {
    next() {
      const [first, second] = this.datas;
      if (first!.length === 5) this.buy({ data: first!, quote: 1000 });
      if (second!.length === 21 && this.positionOf(first!).size > 0) this.close({ data: first! });
    }
  }

  test('late bar: an order that was placed on one fills when its moment is past', async () => {
    const closeAfter = (feed: number, row: number) =>
      feed === 1 && row === 20 ? 65_000 : feed === 1 && row === 21 ? 6000 : 30;
    await session(Seller, minutes(40, 2), { script: { closeAfter } });
    const found = await look(Seller);
    expect(found.backtest.differences).toMatchObject([
      {
        what: 'fill',
        symbol: 'BTCUSDT',
        time: START + 21 * MINUTE,
        cause: 'late bar',
        detail: 'it was placed when the late bar of ETHUSDT 1m that closed at 2024-01-01T00:21Z had come',
      },
    ]);
  });

  test('late bar: an order fills in a later bar than the one that has not come yet', async () => {
    // The first symbol's bar of row 21 comes after an update of row 22.
    const closeAfter = (feed: number, row: number) => (feed === 0 && row === 22 ? 2000 : 30);
    const updates: TimedScript['updates'] = (_, row, { open }) => (row === 22 ? [] : [[200, open]]);
    const Other = class extends strategy() {
      next() {
        if (this.data.length === 22) this.buy({ quote: 1000 });
      }
    };
    await session(Other, minutes(40), { script: { closeAfter, updates } });
    const found = await look(Other);
    expect(found.backtest.differences).toMatchObject([{ what: 'fill', cause: 'late bar' }]);
    expect(found.backtest.differences[0]!.detail).toMatch(
      /in which a backtest fills it came after 2024-01-01T00:23/,
    );
  });

  test.each([
    ['at once', 1],
    ['later, having counted', 9],
  ])(
    'fill within a bar: the strategy knew of it while a long bar was open, and acted on it %s',
    async (_, steps) => {
      const fives = walk(12, 4, { stepMs: 5 * MINUTE });
      const limit = (fives.open[1]! + fives.low[1]!) / 2;
      class Watcher extends strategy() {
        #held = 0;
        next() {
          const [minute, five] = this.datas;
          if (minute!.length === 5) this.buy({ data: five!, size: 1, limit });
          if (this.positionOf(five!).size > 0 && ++this.#held === steps) this.buy({ size: 1 });
        }
      }
      const all: ScriptedSeries[] = [...minutes(60), { symbol: 'ETHUSDT', interval: '5m', columns: fives }];
      const updates: TimedScript['updates'] = (feed, _, { open, low }) =>
        feed === 0
          ? [[200, open]]
          : [
              [200, open],
              [90_000, low],
            ];
      await session(Watcher, all, { script: { updates } });
      const found = await look(Watcher);
      expect(found.backtest.withinBar).toBeGreaterThan(0);
      expect(causes(found)).toEqual(['fill within a bar', 'follows from the first difference']);
    },
  );

  test.each([
    ['fill within a bar', 'was told earlier than in a backtest', 20, 30],
    ['late report', 'was told later', 30, 20],
    ['unexplained', 'was told at the same step', 20, 20],
    ['unexplained', 'was never told', Number.NaN, 20],
  ])('%s: the same became of an order, which the strategy %s', async (cause, _, live, history) => {
    await session(Regular, minutes(10));
    const { run, bars, circumstances } = lived();
    const told = (time: number) => {
      const one = new Told();
      if (!Number.isNaN(time)) {
        one.order({ id: 1, status: 'completed', filled: 1 } as Order);
        one.step(START + time * MINUTE);
      }
      return one;
    };
    const two = { left: told(live), right: told(history) };
    const causes = new Causes(circumstances, bars, ['BTCUSDT'], two);
    const order = ordersOf(run).at(0);
    causes.agreed({ left: order, right: order });
    const later = { ...order, time: START + 25 * MINUTE };
    expect(causes.decision({ left: later, right: undefined }, []).cause).toBe(cause);
  });

  /** The session lived through again. */
  function lived() {
    const journal = new Journal(store, { mustExist: true });
    const { settings } = journal.session<SessionSettings>('last');
    const bars = new RecordedBars(settings.datas);
    const run = new SimulatedRun(settings.datas.map(silentFeed), terms(Regular));
    const circumstances = new Circumstances(run, settings.datas, []);
    replay(journal.entries(1), run, settings.datas, (entry, seq) => {
      bars.add(entry);
      circumstances.observe(entry, seq);
    });
    journal.close();
    return { bars, run, circumstances };
  }

  test('unexplained: a difference without evidence is never given a cause', async () => {
    await session(Regular, minutes(40));
    const { bars, run, circumstances } = lived();
    // A bug, as it would show: the same inputs, and a backtest that fills elsewhere.
    const other = new SimulatedRun(bars.feeds(), { ...terms(Regular), slippage: 0.001 });
    await other.engine.run();
    const { differences } = compare(
      ordersOf(run),
      ordersOf(other),
      new Causes(circumstances, bars, ['BTCUSDT'], { left: new Told(), right: new Told() }),
    );
    expect(differences.length).toBeGreaterThan(5);
    expect(differences[0]!.cause).toBe('unexplained');
  });
});

/** Orders of all kinds at random, by what it is shown. */
class Restless extends strategy() {
  #random = mulberry32(7);

  next() {
    const [dice, amount] = [this.#random(), this.#random()];
    const data = this.datas[Math.floor(this.#random() * this.datas.length)]!;
    const { close } = data.bar;
    if (dice < 0.15) this.buy({ data, quote: 500 + 3000 * amount });
    else if (dice < 0.25) this.sell({ data, size: 20 * amount });
    else if (dice < 0.35) this.close({ data });
    else if (dice < 0.42) this.buy({ data, quote: 1000 * amount, limit: close * (0.99 + amount / 80) });
    else if (dice < 0.46) this.close({ data, limit: close * (1 + amount / 100) });
    else if (dice < 0.5 && this.openOrders.length > 0) this.cancel(this.openOrders[0]!);
  }
  override notifyData(_: unknown, status: string) {
    if (status === 'gap') this.#random();
  }
}

test('whatever an exchange does, every difference has a cause, and the inputs lead to the same decisions', async () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 12; seed++) {
    store = join(folder, `${seed}.sqlite`);
    const chance = mulberry32(seed);
    const rolls = Array.from({ length: 4000 }, () => chance());
    const roll = (feed: number, row: number, salt: number) =>
      rolls[(feed * 977 + row * 13 + salt * 331) % 4000]!;
    let given = 0;
    const script: TimedScript = {
      warmup: seed % 3,
      closeAfter: (feed, row) => {
        const dice = roll(feed, row, 1);
        const wanted = dice < 0.05 ? 4000 : dice < 0.07 ? 90_000 : dice < 0.1 ? 40_000 : 20 + 30 * dice;
        // In order, as every feed gives them.
        if (row === seed % 3 || row === 0) given = 0;
        given = Math.max(wanted, given - MINUTE + 5);
        return given;
      },
      updates: (feed, row, { open, high, low, close }) => {
        const moves: [number, number][] = [
          [100 + 900 * roll(feed, row, 2), roll(feed, row, 3) < 0.7 ? open : low],
        ];
        if (roll(feed, row, 4) < 0.5) moves.push([20_000, high], [45_000, close]);
        return roll(feed, row, 5) < 0.1 ? [] : moves;
      },
      says: (feed, row) =>
        roll(feed, row, 6) < 0.03 ? [{ kind: 'gap', from: 0, to: 1, cause: 'missing at the exchange' }] : [],
    };
    const first = 20 + Math.floor(chance() * 100) + chance();
    const policy = (['keep', 'cancel', 'keep'] as const)[seed % 3]!;
    const leave = ({ stop }: PaperStart, timers: VirtualTimers) =>
      void timers.after(first * MINUTE, () => stop(policy));
    // Half of them with bars of two lengths.
    const fives = {
      symbol: 'ETHUSDT',
      interval: '5m',
      columns: walk(30, 12, { stepMs: 5 * MINUTE }),
    } as const;
    const all = seed % 2 === 0 ? minutes(150, 2) : [...minutes(150), fives];
    await session(Restless, all, { script, onStart: leave }, { script, begin: first + 3 * chance() });
    const found = await look(Restless);
    expect(found.replay.identical).toBe(true);
    for (const { cause } of found.backtest.differences) seen.set(cause, (seen.get(cause) ?? 0) + 1);
    expect(found.backtest.differences.filter(one => one.cause === 'unexplained')).toEqual([]);
  }
  for (const cause of seen.keys()) expect(CAUSES).toContain(cause);
  expect(seen.size).toBeGreaterThanOrEqual(4);
});
