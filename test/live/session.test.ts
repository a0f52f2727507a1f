import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type BacktestResult, backtest, memoryFeed, type StrategyClass, strategy } from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PaperSessionOptions, type PaperStart, tradeOnPaper } from '../../src/live/session.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import BollingerBreakout from '../../strategies/bollinger-breakout.ts';
import Rotation from '../../strategies/rotation.ts';
import RsiReversion from '../../strategies/rsi-reversion.ts';
import Sma from '../../strategies/sma.ts';
import { walk } from '../support/bars.ts';
import { chaos } from '../support/chaos.ts';
import { outcome } from '../support/outcome.ts';
import { Restless } from '../support/restless.ts';
import { ScriptedExchange, type ScriptedSeries } from '../support/scripted-exchange.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-session-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function series(bars: number, seed: number, count = 2): ScriptedSeries[] {
  return Array.from({ length: count }, (_, i) => ({
    symbol: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'][i]!,
    interval: i === 2 ? '5m' : '1m',
    columns: walk(i === 2 ? bars / 5 : bars, seed + i, {
      stepMs: i === 2 ? 300_000 : 60_000,
      gaps: i === 0 ? 0 : 0.05,
    }),
  }));
}

const settings = (strategy: StrategyClass) =>
  ({ strategy, cash: 10_000, commission: 0.001, slippage: 0.0002 }) as const;

function options(strategy: StrategyClass, more: Partial<PaperSessionOptions> = {}): PaperSessionOptions {
  return {
    ...settings(strategy),
    codeHash: 'code',
    exchange: 'scripted',
    store: join(folder, 'store.sqlite'),
    timers: new VirtualTimers(),
    ...more,
  };
}

function history(strategy: StrategyClass, all: readonly ScriptedSeries[]): Promise<BacktestResult> {
  const data = all.map(({ columns, symbol, interval }) => memoryFeed(columns, { symbol, interval }));
  return backtest({ ...settings(strategy), data });
}

test.each([
  ['sma', Sma, 1],
  ['bollinger', BollingerBreakout, 1],
  ['rsi', RsiReversion, 1],
  ['rotation', Rotation, 2],
  ['random orders', Restless, 2],
  ['random orders on three feeds of two intervals', Restless, 3],
] as const)('on paper, %s does bit for bit what it does in the backtest', async (_, strategy, count) => {
  const all = series(1500, 11, count);
  const expected = await history(strategy, all);
  const paper = await tradeOnPaper(new ScriptedExchange(all).connect(), options(strategy));
  expect(paper.ended).toBe(true);
  expect(paper.lateOrders).toBe(0);
  expect(expected.fills.length).toBeGreaterThan(1);
  expect(outcome(paper.result)).toEqual(outcome(expected));
});

test('killed at random moments and started again, a session ends as if nothing had happened', async () => {
  const all = series(400, 5, 3);
  const expected = outcome(await history(Restless, all));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 12 }), async lives => {
      const store = join(folder, `kills-${lives.join('-')}.sqlite`);
      const exchange = new ScriptedExchange(all);
      for (const commits of lives) {
        let left = commits;
        const dying = options(Restless, {
          store,
          onEntries: () => {
            // What a process that is killed leaves: what it had committed.
            if (--left === 0) throw new Error('killed');
          },
        });
        const { signal } = new AbortController();
        await tradeOnPaper(exchange.connect(), { ...dying, signal }).catch(error => {
          expect(error.message).toBe('killed');
        });
        if (left > 0) return;
      }
      const paper = await tradeOnPaper(exchange.connect(), options(Restless, { store }));
      expect(outcome(paper.result)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test('stopped or killed at any moment, with orders resting, and started again, a session ends as if nothing had happened', async () => {
  let number = 0;
  const life = fc.record({
    how: fc.constantFrom('killed', 'keep', 'aborted', 'stopped at once'),
    at: fc.constantFrom('commit', 'forming', 'microtask'),
    after: fc.integer({ min: 1, max: 90 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(life, { maxLength: 12 }),
      async (seed, lives) => {
        const all = series(150, seed, 2);
        const expected = outcome(await history(chaos(seed, 3), all));
        const store = join(folder, `lives-${number++}.sqlite`);
        const exchange = new ScriptedExchange(all);
        for (const { how, at, after } of lives) {
          let left = after;
          let start: PaperStart | undefined;
          const controller = new AbortController();
          const end = () => {
            if (how === 'killed') throw new Error('killed');
            if (how === 'keep') start!.stop('keep');
            else controller.abort();
          };
          const count = (where: string) => {
            if (where === at && --left === 0) end();
          };
          const running = tradeOnPaper(
            exchange.connect(),
            options(chaos(seed, 3), {
              store,
              signal: controller.signal,
              onStart: one => {
                start = one;
                if (how === 'stopped at once') one.stop('keep');
              },
              onEntries: () => count('commit'),
              onForming: () => count('forming'),
            }),
          ).catch(error => {
            expect(error.message).toBe('killed');
          });
          if (at === 'microtask' && how !== 'killed') {
            for (let i = 0; i < after * 7; i++) await undefined;
            end();
          }
          if ((await running)?.ended) return;
        }
        const paper = await tradeOnPaper(exchange.connect(), options(chaos(seed, 3), { store }));
        expect(outcome(paper.result)).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('a session goes on only with the settings it began with', async () => {
  const exchange = new ScriptedExchange(series(60, 3, 1));
  const start = (more: Partial<PaperSessionOptions>, run: (start: PaperStart) => void = () => {}) =>
    tradeOnPaper(exchange.connect(), options(Sma, { onStart: run, ...more }));
  const first = await start({}, ({ stop }) => stop('keep'));
  expect(first).toMatchObject({ id: 1, ended: false });
  await expect(start({ cash: 5000, params: { fast: 4 } })).rejects.toThrow('fast 10 → 4, cash 10000 → 5000');
  expect(await start({ cash: 5000, fresh: true }, ({ stop }) => stop('keep'))).toMatchObject({ id: 2 });
  expect(await start({ exchange: 'another' }, ({ stop }) => stop('keep'))).toMatchObject({ id: 3 });
});

test('changed code goes on with a session only if it would have decided the same', async () => {
  const versions = [1, 1, 2].map((size, version) => {
    const { Version } = {
      Version: class Version extends strategy() {
        next() {
          if (this.data.length !== 20) return;
          this.buy({ size });
          this.log(`version ${version}`);
        }
      },
    };
    return Version;
  });
  const exchange = new ScriptedExchange(series(120, 3, 1));
  const lives = versions.map((version, i) => {
    let left = 40;
    return () =>
      tradeOnPaper(
        exchange.connect(),
        options(version, {
          codeHash: `code ${i}`,
          onEntries: () => {
            if (--left === 0) throw new Error('killed');
          },
        }),
      );
  });
  await expect(lives[0]!()).rejects.toThrow('killed');
  await expect(lives[1]!()).rejects.toThrow('killed');
  await expect(lives[2]!()).rejects.toMatchObject({ code: 'SESSION_CHANGED' });
});

test('two processes do not run the same session', async () => {
  const exchange = new ScriptedExchange(series(60, 3, 1));
  let second: Promise<unknown> | undefined;
  await tradeOnPaper(
    exchange.connect(),
    options(Sma, {
      onStart: () => {
        second = tradeOnPaper(new ScriptedExchange(series(60, 3, 1)).connect(), options(Sma)).catch(
          error => error,
        );
      },
    }),
  );
  expect(await second).toMatchObject({ code: 'SESSION_BUSY' });
});

test('what a strategy logs and what is settled when the data is over is told, too', async () => {
  class Last extends strategy() {
    next() {
      for (const order of this.openOrders) this.cancel(order);
      this.buy({ size: 1, limit: 1 });
    }
    override stop() {
      this.log('bye');
    }
  }
  const told: string[] = [];
  const { result } = await tradeOnPaper(
    new ScriptedExchange(series(20, 3, 1)).connect(),
    options(Last, {
      onEntries: entries => {
        for (const entry of entries) {
          if (entry.kind === 'log') told.push(entry.message);
          if (entry.kind === 'ended') told.push(`${entry.id} ${entry.status}`);
        }
      },
    }),
  );
  expect(told.at(-1)).toBe('bye');
  const ended = [...result.orders].filter(({ status }) => status === 'canceled');
  expect(told.slice(0, -1)).toEqual(ended.map(({ id }) => `${id} canceled`));
});

test('a strategy that reads chance cannot go on, and is told so', async () => {
  class Chance extends strategy() {
    next() {
      this.buy({ size: Math.random() });
    }
  }
  const exchange = new ScriptedExchange(series(120, 3, 1));
  let left = 40;
  const dying = options(Chance, {
    onEntries: () => {
      if (--left === 0) throw new Error('killed');
    },
  });
  await expect(tradeOnPaper(exchange.connect(), dying)).rejects.toThrow('killed');
  await expect(tradeOnPaper(exchange.connect(), options(Chance))).rejects.toMatchObject({
    code: 'SESSION_DIVERGED',
  });
});

test('the journal holds every bar, step, order and fill', async () => {
  const all = series(300, 2, 2);
  const store = join(folder, 'store.sqlite');
  const { result, id } = await tradeOnPaper(
    new ScriptedExchange(all).connect(),
    options(Restless, { store }),
  );
  const journal = new Journal(store, { mustExist: true });
  const entries = [...journal.entries(id)];
  const [session] = journal.sessions();
  journal.close();
  const count = (kind: string) => entries.filter(entry => entry.kind === kind).length;
  expect(count('bar')).toBe(all[0]!.columns.time.length + all[1]!.columns.time.length);
  expect(count('step')).toBe(result.stats.steps);
  expect(count('order')).toBe(result.orders.length);
  expect(count('fill')).toBe(result.fills.length);
  expect(session).toMatchObject({ status: 'ended', steps: result.stats.steps, fills: result.fills.length });
});
