import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryOptions } from '../../../src/feeds/history/contract.ts';
import { fetchHistory } from '../../../src/feeds/history/fetch.ts';
import type { Interval } from '../../../src/model/interval.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { historyMarket } from '../../../src/venues/binance/history.ts';
import { type Fault, faultyNetwork } from '../../support/history-faults.ts';
import { HistoryVenue, rowAt, type VenueOptions } from '../../support/history-venue.ts';
import { MemoryBars } from '../../support/memory-bars.ts';
import { mulberry32 } from '../../support/random-walk.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2025, 2, 20, 10, 30, 30);

function scene(
  options: Partial<VenueOptions> & {
    market?: 'spot' | 'usdm';
    interval?: Interval;
    now?: number;
    fault?: (url: string) => Fault | undefined;
  } = {},
) {
  const { market = 'spot', interval = '1h', now = NOW, fault = () => undefined, ...venueOptions } = options;
  const timers = new VirtualTimers(now);
  const venue = new HistoryVenue({ now: () => timers.now(), listed: Date.UTC(2017, 7, 17), ...venueOptions });
  const store = new MemoryBars(interval);
  const root = mkdtempSync(join(tmpdir(), 'qt-history-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const notices: string[] = [];
  const key = { venue: 'binance', market, symbol: 'BTCUSDT', interval };
  const run = async (more: Partial<HistoryOptions> & { from: number }) => {
    const result = fetchHistory({
      store,
      key,
      market: historyMarket(market),
      ...faultyNetwork({ venue, timers, random: mulberry32(1), fault }),
      folder: join(root, 'parts'),
      onNotice: ({ code }) => notices.push(code),
      ...more,
    });
    let over = false;
    const ended = result
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        over = true;
      });
    // Files take real time, in which nothing virtual happens.
    while (!over) {
      await timers.run({ done: () => over });
      await new Promise(done => setTimeout(done, 1));
    }
    await ended;
    return result;
  };
  const truth = (from: number, to: number) => [...venue.times({ from, to }, interval)];
  return { venue, store, run, truth, notices, timers, root };
}

/** Several are asked for at once. */
function zipsAsked({ asked }: HistoryVenue): string[] {
  return asked
    .filter(path => path.endsWith('.zip'))
    .map(path => path.split('/').at(-1)!)
    .sort();
}

test('whole months come from monthly archives, whole days of minutes from daily ones, the rest by REST', async () => {
  const { venue, store, run, truth } = scene({ interval: '1m' });
  const from = Date.UTC(2024, 10, 29, 12);
  const to = Date.UTC(2025, 1, 2, 3);
  const report = await run({ from, to });
  expect([...store.bars.keys()].sort((a, b) => a - b)).toEqual(truth(from, to));
  for (const [time, row] of store.bars) expect(row).toEqual(rowAt(time));
  expect(zipsAsked(venue)).toEqual([
    'BTCUSDT-1m-2024-11-30.zip',
    'BTCUSDT-1m-2024-12.zip',
    'BTCUSDT-1m-2025-01.zip',
    'BTCUSDT-1m-2025-02-01.zip',
  ]);
  expect(report).toMatchObject({
    added: truth(from, to).length,
    same: 0,
    different: 0,
    archives: 4,
    empty: [],
    pending: [],
  });
});

test('a second run asks for nothing but the time', async () => {
  const { venue, run } = scene();
  await run({ from: NOW - 90 * DAY });
  const before = venue.asked.length;
  const report = await run({ from: NOW - 90 * DAY });
  expect(venue.asked.slice(before)).toEqual(['/api/v3/time?']);
  expect(report.added).toBe(0);
});

test('only bars that have closed are stored', async () => {
  const { store, run } = scene();
  await run({ from: NOW - 2 * DAY });
  expect(Math.max(...store.bars.keys())).toBe(Math.floor(NOW / HOUR) * HOUR - HOUR);
});

test('what the venue lacks is noted once it is settled, told, and not asked for again', async () => {
  const gap = { from: Date.UTC(2025, 0, 5, 3), to: Date.UTC(2025, 0, 5, 9) };
  const { venue, store, run, notices } = scene({ gaps: [gap] });
  const report = await run({ from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 1, 1) });
  expect(report.empty).toEqual([gap]);
  expect(store.empty).toEqual([gap]);
  expect(notices).toEqual(['VENUE_GAP']);
  const before = venue.asked.length;
  await run({ from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 1, 1) });
  expect(venue.asked.length).toBe(before + 1);
});

test('what is missing at the end is too early to be noted', async () => {
  const gap = { from: NOW - 5 * HOUR, to: NOW };
  const { store, run } = scene({ gaps: [gap] });
  const report = await run({ from: NOW - DAY });
  expect(store.empty).toEqual([]);
  expect(report.pending).toEqual([{ from: Date.UTC(2025, 2, 20, 6), to: Date.UTC(2025, 2, 20, 10) }]);
});

test('no archives are asked for from before the symbol was listed', async () => {
  const listed = Date.UTC(2024, 10, 12, 7);
  const { venue, store, run } = scene({ listed });
  await run({ from: Date.UTC(2018, 0), to: Date.UTC(2025, 0) });
  expect(zipsAsked(venue)).toEqual(['BTCUSDT-1h-2024-11.zip', 'BTCUSDT-1h-2024-12.zip']);
  expect(store.empty).toEqual([{ from: Date.UTC(2018, 0), to: listed }]);
});

test('an archive that is not there is made up for by days and REST', async () => {
  const from = Date.UTC(2025, 0);
  const to = Date.UTC(2025, 1);
  const { store, run, truth } = scene({ interval: '1m', withoutArchives: /2025-01(-1\d)?\.zip/ });
  await run({ from, to });
  expect([...store.bars.keys()].sort((a, b) => a - b)).toEqual(truth(from, to));
});

test('a symbol that REST has forgotten comes from its archives alone', async () => {
  const gap = { from: Date.UTC(2024, 4, 20), to: Date.UTC(2030, 0) };
  const { store, run, truth } = scene({ forgotten: true, gaps: [gap] });
  const report = await run({ from: Date.UTC(2024, 1), to: Date.UTC(2024, 7) });
  expect([...store.bars.keys()]).toEqual(truth(Date.UTC(2024, 1), Date.UTC(2024, 7)));
  expect(report.empty).toEqual([{ from: gap.from, to: Date.UTC(2024, 7) }]);
});

test('a second run for a symbol that is traded no more asks only for what is too early to say', async () => {
  for (const forgotten of [true, false]) {
    const gone = { from: Date.UTC(2024, 4, 20), to: Date.UTC(2030, 0) };
    const { venue, store, run, truth } = scene({ forgotten, gaps: [gone] });
    const from = Date.UTC(2024, 2);
    await run({ from });
    expect([...store.bars.keys()]).toEqual(truth(from, NOW));
    expect(store.empty).toEqual([{ from: gone.from, to: expect.any(Number) }]);
    expect(NOW - store.empty[0].to).toBeLessThan(8 * DAY);
    const before = venue.asked.length;
    const again = await run({ from });
    expect(again).toMatchObject({ added: 0, empty: [] });
    expect(again.pending).toHaveLength(1);
    expect(venue.asked.length - before).toBeLessThan(6);
  }
});

test('a symbol that nobody knows is refused', async () => {
  const { run } = scene({ symbol: 'ETHUSDT' });
  await expect(run({ from: NOW - 40 * DAY })).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' });
});

test('the futures market has paths, weights and archives of its own', async () => {
  const { venue, store, run, truth } = scene({ market: 'usdm', header: true });
  const from = Date.UTC(2024, 11, 30);
  const to = Date.UTC(2025, 1, 3);
  await run({ from, to });
  expect([...store.bars.keys()].sort((a, b) => a - b)).toEqual(truth(from, to));
  expect(
    venue.asked.filter(path => !path.startsWith('/data/futures/um/') && !path.startsWith('/fapi/v1/')),
  ).toEqual([]);
});

test('weeks and months come by REST, on their own grid', async () => {
  for (const interval of ['1w', '1M', '3d'] as const) {
    const { venue, store, run, truth } = scene({ interval });
    const from = Date.UTC(2023, 4, 10);
    await run({ from });
    const closed = truth(from, NOW - 3 * DAY).filter(time => interval !== '1M' || time < Date.UTC(2025, 2));
    expect([...store.bars.keys()].slice(0, closed.length - 1)).toEqual(closed.slice(0, -1));
    expect(venue.asked.some(path => path.startsWith('/data/'))).toBe(false);
  }
});

test('archives that fail for good are made up for by REST, and the venue is asked no more of them', async () => {
  const { venue, store, run, truth, notices } = scene({
    fault: url => (url.includes('/data/') ? '503' : undefined),
  });
  const from = Date.UTC(2023, 0);
  const to = Date.UTC(2025, 0);
  await run({ from, to });
  expect([...store.bars.keys()].sort((a, b) => a - b)).toEqual(truth(from, to));
  expect(notices.filter(code => code === 'ARCHIVE_FAILED').length).toBeLessThanOrEqual(3);
  expect(venue.asked.filter(path => path.startsWith('/data/')).length).toBeLessThan(30);
});

test('an archive whose checksum never fits is not used', async () => {
  const { store, run, truth } = scene({ fault: url => (url.endsWith('.zip') ? 'damaged' : undefined) });
  const from = Date.UTC(2024, 11);
  const to = Date.UTC(2025, 0);
  const report = await run({ from, to });
  expect([...store.bars.keys()]).toEqual(truth(from, to));
  for (const [time, row] of store.bars) expect(row).toEqual(rowAt(time));
  expect(report.archives).toBe(0);
});

test('archives whose server is never there are told of in one sentence', async () => {
  const { notices, run, store, truth } = scene({
    fault: url => (url.includes('/data/') ? 'refused' : undefined),
  });
  const from = Date.UTC(2024, 6);
  const to = Date.UTC(2025, 0);
  await run({ from, to });
  expect([...store.bars.keys()].sort((a, b) => a - b)).toEqual(truth(from, to));
  expect(notices.filter(code => code.startsWith('ARCHIVE'))).toEqual(['ARCHIVE_FAILED']);
});

test('without any network it ends within half a minute, and says what is missing and what to do', async () => {
  const { notices, run, timers } = scene({ fault: () => 'refused' });
  const from = Date.UTC(2025, 0);
  await expect(run({ from, to: Date.UTC(2025, 2) })).rejects.toMatchObject({
    code: 'FETCH_INCOMPLETE',
    message: expect.stringMatching(/about 1416 bars .*connection was refused.*run the same command again/),
  });
  expect(timers.now() - NOW).toBeLessThan(30_000);
  expect(notices.filter(code => code.startsWith('ARCHIVE'))).toEqual([]);
});

test('a ban for days is told, not waited for', async () => {
  const { run, timers, venue } = scene();
  const { handle } = venue;
  venue.handle = (url, headers) =>
    url.includes('klines?')
      ? { status: 418, headers: { 'retry-after': '172800' }, body: Buffer.from('{}') }
      : handle.call(venue, url, headers);
  await expect(run({ from: NOW - 2 * DAY })).rejects.toMatchObject({
    code: 'FETCH_INCOMPLETE',
    message: expect.stringContaining('wants to hear nothing until 2025-03-22'),
  });
  expect(timers.now() - NOW).toBeLessThan(60_000);
});

test('a location that is not served is told at once', async () => {
  const { run, venue, timers } = scene();
  venue.handle = () => ({
    status: 451,
    headers: {},
    body: Buffer.from('{"code":0,"msg":"restricted location"}'),
  });
  await expect(run({ from: NOW - 2 * DAY })).rejects.toMatchObject({
    message: expect.stringContaining('451'),
  });
  expect(timers.now() - NOW).toBeLessThan(5000);
});

test('pages are as long as the venue makes them', async () => {
  const { store, run, truth } = scene({ mostKlines: 37 });
  await run({ from: NOW - 20 * DAY, to: NOW - DAY });
  expect([...store.bars.keys()]).toEqual(truth(Math.ceil((NOW - 20 * DAY) / HOUR) * HOUR, NOW - DAY));
});

test('with replace, what is there is asked for again, and what has changed is taken', async () => {
  const { store, run } = scene();
  const range = { from: Date.UTC(2025, 0, 30), to: Date.UTC(2025, 1, 2) };
  await run(range);
  const wrong = Date.UTC(2025, 0, 31, 5);
  store.bars.set(wrong, [wrong, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  const report = await run({ ...range, replace: true });
  expect(report).toMatchObject({ added: 0, same: 71, different: 1 });
  expect(store.bars.get(wrong)).toEqual(rowAt(wrong));
});

test('no file is left when all has come', async () => {
  const { run, root } = scene();
  await run({ from: Date.UTC(2024, 10), to: Date.UTC(2025, 1) });
  expect(readdirSync(root)).toEqual([]);
});

test('progress goes up to what is expected, and no further', async () => {
  const { run } = scene();
  const seen: number[] = [];
  let expected = 0;
  await run({
    from: Date.UTC(2024, 5),
    to: Date.UTC(2025, 1, 10),
    onProgress: progress => {
      seen.push(progress.done);
      expected = progress.expected;
    },
  });
  expect(expected).toBe((Date.UTC(2025, 1, 10) - Date.UTC(2024, 5)) / HOUR);
  expect(seen.length).toBeGreaterThan(20);
  expect(seen.every((done, i) => i === 0 || done >= seen[i - 1] - 1e-6)).toBe(true);
  expect(seen.at(-1)).toBeCloseTo(expected, 6);
});

test('one answer without bars makes no gap', async () => {
  const { venue, store, run, truth } = scene();
  const { handle } = venue;
  let lied = 0;
  venue.handle = (url, headers) => {
    const answer = handle.call(venue, url, headers);
    if (!url.includes('klines?') || !url.includes('limit=1000') || lied++ > 0) return answer;
    return { ...answer, body: Buffer.from('[]') };
  };
  const range = { from: NOW - 20 * DAY, to: NOW - 5 * DAY };
  const report = await run(range);
  expect(lied).toBeGreaterThan(1);
  expect(report).toMatchObject({ empty: [], pending: [] });
  expect([...store.bars.keys()].length).toBe(truth(range.from, range.to).length);
});
