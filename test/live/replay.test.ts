import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type BacktestResult, float, int, type StrategyClass, strategy } from 'qt-trader';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExamineOptions } from '../../src/live/examine.ts';
import { tradeOnPaper } from '../../src/live/session.ts';
import { sessionResult } from '../../src/live/session-result.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import Sma from '../../strategies/sma.ts';
import { TimedExchange } from '../support/timed-exchange.ts';
import { lookBack, MINUTE, minutes, START, terms, timedSession } from '../support/timed-session.ts';

let folder: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-replay-'));
  store = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Plain extends strategy({ every: int(5), amount: float(1000) }) {
  next() {
    if (this.data.length % this.params.every === 1) this.buy({ quote: this.params.amount });
    if (this.data.length % this.params.every === 4) this.close();
  }
}

const look = (strategy: StrategyClass, changes: Partial<ExamineOptions> = {}) =>
  lookBack(store, strategy, changes);

describe('a session that is lived through again', () => {
  test('decides the same with the same code and settings', async () => {
    await timedSession(store, Plain, minutes(60));
    const { replay, codeChanged, changes } = await look(Plain);
    expect(replay).toMatchObject({ identical: true, divergent: 0, steps: 60 });
    expect([codeChanged, changes]).toEqual([false, []]);
  });

  test('names the settings that were changed', async () => {
    await timedSession(store, Plain, minutes(60));
    const { replay, changes, backtest } = await look(Plain, { params: { amount: 2000 }, cash: 9000 });
    expect(changes).toEqual(['amount 1000 → 2000', 'cash 10000 → 9000']);
    expect(replay.identical).toBe(false);
    expect(new Set(replay.differences.map(one => one.cause))).toEqual(new Set(['settings changed']));
    expect(replay.differences[0]).toMatchObject({
      what: 'order',
      left: 'for 1000',
      right: 'for 2000',
      detail: 'amount 1000 → 2000, cash 10000 → 9000',
    });
    // The second question is about the settings as they are now.
    expect(backtest.identical).toBe(true);
  });

  test('names the strategy when its code was changed, if that decides otherwise', async () => {
    class Changed extends Plain {
      override next() {
        if (this.data.length !== 21) super.next();
      }
    }
    await timedSession(store, Plain, minutes(60));
    const { replay } = await look(Changed, { codeHash: 'other' });
    expect(replay.differences[0]).toMatchObject({
      what: 'order',
      left: 'for 1000',
      right: 'none',
      cause: 'strategy changed',
      time: START + 21 * MINUTE,
    });
    expect(await look(Plain, { codeHash: 'other' })).toMatchObject({
      codeChanged: true,
      replay: { identical: true, differences: [] },
    });
    const both = await look(Changed, { codeHash: 'other', cash: 5000 });
    expect(both.replay.differences[0]!.cause).toBe('strategy and settings changed');
  });

  test('shows another log as a difference, too', async () => {
    class Silent extends strategy() {
      next() {}
    }
    class Talking extends strategy() {
      next() {
        if (this.data.length === 7) this.log('seven');
      }
    }
    await timedSession(store, Silent, minutes(20));
    const { replay, backtest } = await look(Talking, { codeHash: 'other' });
    expect(replay.differences).toMatchObject([
      { what: 'log', left: 'none', right: '"seven"', cause: 'strategy changed', time: START + 7 * MINUTE },
    ]);
    expect(backtest.identical).toBe(true);
  });

  test('is called not deterministic when two replays differ', async () => {
    class Chance extends strategy() {
      next() {
        if (this.position.size === 0 && Math.random() < 0.5) this.buy({ quote: 1000 });
        else this.close();
      }
    }
    await timedSession(store, Chance, minutes(60));
    const { replay } = await look(Chance);
    expect(replay.differences[0]!.cause).toBe('not deterministic');
  });

  test('is called unexplained when all replays agree with each other and not with the session', async () => {
    let mood = 1000;
    class Moody extends strategy() {
      next() {
        if (this.data.length === 10) this.buy({ quote: mood });
      }
    }
    await timedSession(store, Moody, minutes(30));
    mood = 1500;
    const { replay } = await look(Moody);
    expect(replay.differences[0]).toMatchObject({ cause: 'unexplained', left: 'for 1000' });
  });

  test('does not pass over a journal that says something else', async () => {
    await timedSession(store, Plain, minutes(30));
    const database = new Database(store);
    database.exec("UPDATE entries SET d = d + 0.01 WHERE kind = 'fill' AND a = 3");
    database.close();
    const { replay } = await look(Plain);
    expect(replay.divergent).toBe(1);
    expect(replay.differences).toMatchObject([{ what: 'fill', leftOrder: { id: 3 }, cause: 'unexplained' }]);
  });
});

/** Kills the session after some commits, at each of the given numbers of them. */
async function killedAfter(commits: number): Promise<void> {
  const timers = new VirtualTimers(START);
  let left = commits;
  let dead = false;
  const paper = tradeOnPaper(new TimedExchange(minutes(120), timers).connect(), {
    ...terms(Sma),
    exchange: 'timed',
    store,
    timers,
    onEntries: () => {
      if (--left === 0) throw new Error('killed');
    },
  }).catch(() => {
    dead = true;
  });
  await Promise.all([paper, timers.run({ done: () => dead })]);
  const database = new Database(store);
  database.exec("UPDATE sessions SET status = 'running'; UPDATE lives SET ended_at = NULL, how = NULL");
  database.close();
}

function resultOf(options: ExamineOptions, isRunning = false): BacktestResult {
  const journal = new Journal(store, { mustExist: true });
  try {
    return sessionResult(journal, journal.session('last'), options, isRunning);
  } finally {
    journal.close();
  }
}

describe('the result of a session', () => {
  test('is that of the run, with its bars and indicators, and says what it is', async () => {
    let ran: BacktestResult | undefined;
    const timers = new VirtualTimers(START);
    const paper = tradeOnPaper(new TimedExchange(minutes(120), timers).connect(), {
      ...terms(Sma),
      exchange: 'timed',
      store,
      timers,
    }).then(({ result }) => {
      ran = result;
    });
    await Promise.all([paper, timers.run({ done: () => ran !== undefined })]);
    const result = resultOf(terms(Sma));
    expect(result.metrics).toEqual(ran!.metrics);
    expect([...result.equity.value]).toEqual([...ran!.equity.value]);
    expect([...result.fills]).toEqual([...ran!.fills]);
    expect(result.recording![0]!.time).toHaveLength(120);
    expect(result.recording![0]!.lines.map(line => line.label)).toContain('SMA(10)');
    expect(result.notes[0]).toMatch(
      /^A paper session: live bars, simulated fills, no real money\. Session 1 on timed, begun 2024-01-01T00:00Z; ended/,
    );
  });

  test('tells restarts, late bars, gaps and steps made without a series, with their times in the log', async () => {
    const script = {
      closeAfter: (feed: number, row: number) =>
        feed === 1 && row === 20 ? 5000 : row === 40 ? 70_000 : row === 41 ? 10_100 : 30,
      says: (feed: number, row: number) =>
        feed === 0 && row === 30 ? [{ kind: 'gap', from: 0, to: 1, cause: 'missing' } as const] : [],
    };
    await timedSession(
      store,
      Plain,
      minutes(60, 2),
      { script, onStart: ({ stop }, timers) => void timers.after(50.5 * MINUTE, () => stop('cancel')) },
      { script, begin: 51 },
    );
    const { notes, log } = resultOf(terms(Plain));
    expect(notes[0]).toContain('begun again once; ended');
    expect(notes[1]).toBe(
      'In the session: 2 late bars, 2 orders refused on late bars, 1 step made without a series that was behind, 1 gap',
    );
    const marks = log.map(({ time, message }) => [(time - START) / MINUTE, message]);
    expect(marks).toContainEqual([21, '[session] made without ETHUSDT 1m']);
    expect(marks).toContainEqual([30, '[session] a gap in BTCUSDT 1m']);
    expect(marks).toContainEqual([50, '[session] ended with cancel']);
    expect(marks).toContainEqual([50, '[session] stopped (by the clock at 2024-01-01T00:50:30Z)']);
    expect(marks).toContainEqual([51, '[session] went on (by the clock at 2024-01-01T00:51Z)']);
  });

  test.each([3, 40, 111])(
    'is there after a kill at commit %i, and for a session that runs',
    async commits => {
      await killedAfter(commits);
      expect(resultOf(terms(Sma)).notes[0]).toContain('interrupted: its process ended without a word');
      expect(resultOf(terms(Sma), true).notes[0]).toContain('; running');
      expect(resultOf(terms(Sma)).stats.steps).toBeGreaterThan(0);
      expect(await look(Sma)).toMatchObject({ replay: { identical: true } });
    },
  );

  test('is refused when the strategy of today decides otherwise, and before the first step', async () => {
    await timedSession(store, Plain, minutes(60));
    const changed = { ...terms(Plain), params: { amount: 5 }, codeHash: 'other' };
    expect(() => resultOf(changed)).toThrow('(changed: code, amount 1000 → 5)');
    expect(() => resultOf(changed)).toThrow(expect.objectContaining({ code: 'SESSION_CHANGED' }));
    // Code that decides the same may show it.
    expect(resultOf({ ...terms(Plain), codeHash: 'other' }).stats.steps).toBe(60);
    await timedSession(store, Plain, minutes(60), {
      options: { fresh: true },
      onStart: ({ stop }) => stop('keep'),
    });
    expect(() => resultOf(terms(Plain))).toThrow(expect.objectContaining({ code: 'SESSION_EMPTY' }));
  });
});
