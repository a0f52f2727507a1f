import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { BarStore } from '../../src/store/bars.ts';
import { FAULTS } from '../support/history-faults.ts';
import { serveHistory } from '../support/history-server.ts';
import { HistoryVenue, rowAt } from '../support/history-venue.ts';
import { mulberry32 } from '../support/random-walk.ts';
import { folderWith, MAIN, qt } from './qt.ts';

/** Fifty under QT_SOAK=1. */
const KILLS = process.env.QT_SOAK === '1' ? 50 : 6;
const NOW = Date.UTC(2025, 1, 14, 10, 30, 30);
const FROM = Date.UTC(2024, 10, 20, 7);
const KEY = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1m' };

/** Opens a store that a killed process left, and compares what is in it with what the venue has. */
function inspect(file: string, venue: HistoryVenue): number {
  if (!existsSync(file)) return 0;
  const store = new BarStore(file, { mustExist: true });
  store.checkStructure();
  const truth = new Set(venue.times({ from: FROM, to: NOW }, '1m'));
  const bars = store.read(KEY);
  const { open, high, low, close, volume, extra } = bars;
  const { quoteVolume, trades, takerBuyBase, takerBuyQuote } = extra;
  for (let i = 0; i < bars.length; i++) {
    if (!truth.has(bars.time[i])) throw new Error(`a bar at ${bars.time[i]} that the venue does not have`);
    if (i % 61 !== 0) continue;
    const columns = [
      bars.time,
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
    expect(columns.map(column => column[i])).toEqual(rowAt(bars.time[i]));
  }
  for (const empty of store.coverage(KEY).empty) {
    for (const time of truth)
      if (time >= empty.from && time < empty.to) throw new Error(`${time} was noted as empty`);
  }
  store.close();
  return bars.length;
}

test(
  `killed ${KILLS} times at random moments, a download loses nothing, doubles nothing, and ends complete`,
  async () => {
    const seed = Date.now() % 1e6;
    const random = mulberry32(seed);
    const gap = { from: Date.UTC(2025, 0, 12, 3), to: Date.UTC(2025, 0, 12, 5, 30) };
    const venue = new HistoryVenue({ now: () => NOW, listed: Date.UTC(2024, 10, 22), gaps: [gap] });
    let faults = 0;
    let left = Number.POSITIVE_INFINITY;
    let kill = () => {};
    const url = await serveHistory(venue, {
      random,
      latency: 10,
      fault: () => {
        // Somewhere between this request and what becomes of its answer.
        if (--left === 0) setTimeout(() => kill(), random() * 150);
        if (random() >= 0.05) return undefined;
        faults++;
        // Those that cost seconds of real time or change values unseen are for virtual time.
        const quick = FAULTS.filter(fault => !['damaged', 'late', '429', '418'].includes(fault));
        return quick[Math.floor(random() * quick.length)];
      },
    });
    const cwd = await folderWith();
    const file = join(cwd, '.qt/data.sqlite');
    const env = { ...process.env, QT_ARCHIVE_URL: url, QT_REST_URL: url };
    const args = ['data', 'fetch', 'BTCUSDT', '1m', '--from', '2024-11-20T07:00', '--no-config', '--quiet'];
    let killed = 0;
    let most = 0;
    const stored: number[] = [];
    // A few kills may all hit the same part of a download: then there are some more.
    const isEnough = () => killed >= KILLS && new Set(stored).size > 2;
    for (let attempt = 0; !isEnough() && attempt < KILLS * 3; attempt++) {
      const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: 'ignore' });
      left = 1 + Math.floor(random() * 14);
      kill = () => child.kill('SIGKILL');
      const [, signal] = await once(child, 'close');
      if (signal === 'SIGKILL') killed++;
      const bars = inspect(file, venue);
      expect(bars, `bars after kill ${killed}, seed ${seed}`).toBeGreaterThanOrEqual(most);
      most = bars;
      stored.push(bars);
      if (bars < 100_000) continue;
      // Nothing would be left to be killed.
      await qt(['data', 'delete', 'BTCUSDT', '1m', '--yes', '--no-config'], { cwd });
      most = 0;
    }
    left = Number.POSITIVE_INFINITY;
    let last = await qt(args, { cwd, env });
    for (let again = 0; last.code === 69 && again < 5; again++) last = await qt(args, { cwd, env });
    expect(last).toMatchObject({ code: 0, stderr: '' });
    const truth = [...venue.times({ from: FROM, to: Date.UTC(2025, 1, 14, 10, 30) }, '1m')];
    expect(inspect(file, venue)).toBe(truth.length);
    const checked = await qt(['data', 'check', '--no-config'], { cwd });
    expect(checked.code).toBe(0);
    expect(readdirSync(dirname(file)).filter(name => !name.startsWith('data.sqlite'))).toEqual([]);
    expect(readdirSync(dirname(file)).filter(name => name.includes('fetch'))).toEqual([]);
    console.log(`seed ${seed}: ${killed} kills, ${faults} faults, bars after each: ${stored.join(' ')}`);
    expect(new Set(stored).size, 'kills that hit a download under way').toBeGreaterThan(2);
    expect(killed).toBeGreaterThanOrEqual(KILLS);
  },
  KILLS * 10_000 + 60_000,
);

test('a second download of the same series waits for nobody: it is told who is at it', async () => {
  const venue = new HistoryVenue({ now: () => NOW, listed: 0 });
  const url = await serveHistory(venue, { random: Math.random, latency: 300, fault: () => undefined });
  const cwd = await folderWith();
  const env = { QT_ARCHIVE_URL: url, QT_REST_URL: url };
  const args = ['data', 'fetch', 'BTCUSDT', '1h', '--from', '2025-01-01', '--no-config'];
  const outcomes = await Promise.all([qt(args, { cwd, env }), qt(args, { cwd, env })]);
  expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 73]);
  const refused = outcomes.find(({ code }) => code === 73)!;
  expect(refused.stderr).toMatch(/^qt: FETCH_LOCKED: another process is downloading binance spot BTCUSDT 1h/);
});

test('Ctrl-C ends a download with what has come, and the same command goes on', async () => {
  const venue = new HistoryVenue({ now: () => NOW, listed: 0 });
  let left = 8;
  let interrupt = () => {};
  const fault = () => {
    if (--left === 0) interrupt();
    return undefined;
  };
  const url = await serveHistory(venue, { random: Math.random, latency: 60, fault });
  const cwd = await folderWith();
  const env = { QT_ARCHIVE_URL: url, QT_REST_URL: url };
  const args = ['data', 'fetch', 'BTCUSDT', '5m', '--from', '2024-06-01', '--no-config'];
  const stopped = await qt(args, {
    cwd,
    env,
    onStart: child => {
      interrupt = () => child.kill('SIGINT');
    },
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(/^qt: INTERRUPTED: .*run the same command again/);
  const rest = await qt([...args, '--json'], { cwd, env });
  const { added, bars, check } = JSON.parse(rest.stdout);
  expect(check.count).toBe(0);
  expect(bars).toBe((Date.UTC(2025, 1, 14, 10, 30) - Date.UTC(2024, 5, 1)) / 300_000);
  expect(added).toBeLessThanOrEqual(bars);
});
