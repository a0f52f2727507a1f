import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtest, ema, memoryFeed, strategy } from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import { replay } from '../../src/feeds/transforms/resample.ts';
import { Decisions } from '../../src/live/decisions.ts';
import { LiveDriver } from '../../src/live/driver.ts';
import { silentFeed } from '../../src/live/inputs.ts';
import { RecordedBars } from '../../src/live/recorded-bars.ts';
import { replay as liveAgain } from '../../src/live/replay.ts';
import { settingsOf } from '../../src/live/settings.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Journal } from '../../src/store/journal.ts';
import { chunked, walk } from '../support/bars.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-growing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Trend extends strategy() {
  mean = ema(this.data, 5);
  next() {
    if (!this.position.isOpen && this.data.close.now > this.mean.now) this.buy({ quote: 500 });
    else if (this.position.isOpen && this.data.close.now < this.mean.ago(1)) this.close();
  }
}

test('a session on bars that grow is kept, lived through again, resumed and compared bit by bit', async () => {
  const columns = walk(1500, 3, { gaps: 0.02 });
  const whole = () => replay(memoryFeed(columns, { interval: '1m' }), '15m');
  const feeds = [replay(chunked(columns, [1, 4], { interval: '1m' }), '15m')];
  const run = new SimulatedRun(feeds, { strategy: Trend, cash: 1000 });
  const journal = new Journal(join(folder, 'store.sqlite'));
  const settings = settingsOf(run, feeds, {});
  const id = journal.create({ mode: 'paper', codeHash: '', identity: '', settings, now: 0 });
  const driver = new LiveDriver({
    ...{ run, feeds, after: [undefined], barrierMs: 1500, timers: new VirtualTimers(0) },
    decisions: new Decisions(run),
    commit: entries => journal.append(id, journal.nextSeq(id), entries),
  });
  await driver.run();
  run.engine.finish();

  const expected = await backtest({ strategy: Trend, data: whole(), cash: 1000 });
  const fills = (from: { fills: Iterable<{ time: number; price: number; size: number }> }) =>
    [...from.fills].map(({ time, price, size }) => [time, price, size]);
  expect(expected.fills.length).toBeGreaterThan(50);
  const settingsKept = journal.session<typeof settings>(id).settings;
  expect(settingsKept.datas[0].growsBy).toBe('1m');

  // The same steps once more, from what was kept.
  const again = settingsKept.datas.map(silentFeed);
  const rerun = new SimulatedRun(again, { strategy: Trend, cash: 1000 });
  const recorded = new RecordedBars(settingsKept.datas);
  const entries = [...journal.entries(id)];
  for (const entry of entries) recorded.add(entry);
  const { divergent, after, steps } = liveAgain(entries, rerun, again);
  expect({ divergent, steps }).toEqual({ divergent: 0, steps: expected.stats.steps });
  const { fills: rerunFills } = rerun.broker.account;
  expect(Array.from({ length: rerunFills.length }, (_, row) => rerunFills.price(row))).toEqual(
    fills(expected).map(([, price]) => price),
  );

  // As history.
  const history = await backtest({ strategy: Trend, data: recorded.feeds(), cash: 1000 });
  expect(fills(history)).toEqual(fills(expected));
  expect(history.equity.value).toEqual(expected.equity.value);

  // The bar that may still grow is asked for anew.
  const growths = entries.flatMap(entry => (entry.kind === 'bar' && entry.growth ? [entry] : []));
  const begun = growths.filter(({ growth }) => !growth!.revises);
  expect(after).toEqual([begun.at(-2)!.time]);
  journal.close();
});

test('of a bar that a session had seen the beginning of, it takes the rest', async () => {
  const columns = walk(95, 3);
  const cut = (from: number, to: number) => {
    const some = Object.entries(columns).map(([name, values]) => [name, values.slice(from, to)]);
    return memoryFeed(Object.fromEntries(some), { interval: '1m' });
  };
  const first = replay(cut(0, 50), '15m');
  const run = new SimulatedRun([first], { strategy: Trend, cash: 1000 });
  const options = { barrierMs: 1500, timers: new VirtualTimers(0), commit: () => {} };
  const decisions = new Decisions(run);
  await new LiveDriver({ ...options, run, decisions, feeds: [first], after: [undefined] }).run();
  expect(run.engine.stats).toMatchObject({ steps: 50, bars: 4 });
  // The second source begins with the bar that was open at minute 50.
  const rest = replay(cut(45, 95), '15m');
  await new LiveDriver({ ...options, run, decisions, feeds: [rest], after: [columns.time[30]] }).run();
  expect(run.engine.stats).toMatchObject({ steps: 95, bars: 7 });
  const whole = await backtest({ strategy: Trend, data: replay(cut(0, 95), '15m'), cash: 1000 });
  expect(run.engine.equity.value).toEqual(whole.equity.value);
});
