import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchHistory } from '../../../src/feeds/history/fetch.ts';
import { NetworkError } from '../../../src/model/errors.ts';
import { type Interval, intervalMs } from '../../../src/model/interval.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { missingOf } from '../../../src/store/bar-series.ts';
import { historyMarket } from '../../../src/venues/binance/history.ts';
import { FAULTS, faultyNetwork } from '../../support/history-faults.ts';
import { HistoryVenue, rowAt } from '../../support/history-venue.ts';
import { MemoryBars } from '../../support/memory-bars.ts';
import { mulberry32 } from '../../support/random-walk.ts';

/**
 * Downloads with all faults mixed by a seed, stopped at random moments. The first seed follows from the date; QT_SEED names
 * another one, QT_RUNS how many. QT_SOAK=1 runs five hundred.
 */
const count = Number(process.env.QT_RUNS ?? (process.env.QT_SOAK === '1' ? 500 : 12));
const DAY = 86_400_000;
const first = Number(process.env.QT_SEED ?? (Math.floor(Date.now() / DAY) % 10_000) * 1000);
/** Runs that are stopped or fail before the faults are over. */
const TROUBLED = 12;

interface Outcome {
  readonly faults: number;
  readonly stops: number;
  readonly failures: number;
}

async function faultyFetch(seed: number): Promise<Outcome> {
  const random = mulberry32(seed);
  const interval = (['1m', '5m', '1h', '1d'] as const)[Math.floor(random() * 4)] as Interval;
  const market = random() < 0.3 ? 'usdm' : 'spot';
  const length = intervalMs(interval);
  const now = Date.UTC(2025, 0, 1) + Math.floor(random() * 60 * DAY);
  const days = 3 + Math.floor(random() * (interval === '1m' ? 40 : 400));
  const from = Math.ceil((now - days * DAY) / length) * length;
  const gaps = Array.from({ length: Math.floor(random() * 4) }, () => {
    const begin = from + Math.floor((random() * (now - DAY - from)) / length) * length;
    return { from: begin, to: begin + Math.ceil(random() * 200) * length };
  }).filter(gap => gap.to < now - DAY);
  const timers = new VirtualTimers(now);
  const rate = random() * 0.4;
  let calm = false;
  let faults = 0;
  const venue = new HistoryVenue({
    now: () => timers.now(),
    listed: random() < 0.3 ? from + Math.floor((random() * (now - from)) / 2 / length) * length : 0,
    gaps,
    ...(random() < 0.5 ? { mostKlines: 200 } : {}),
    ...(random() < 0.3 ? { microsSince: from + (now - from) / 2 } : {}),
  });
  const network = faultyNetwork({
    venue,
    timers,
    random,
    fault: url => {
      if (calm || random() >= rate) return undefined;
      faults++;
      const fault = FAULTS[Math.floor(random() * FAULTS.length)];
      // A transport that changes values in JSON, unseen, is none: TLS and TCP have checksums. An archive has its own.
      return fault === 'damaged' && url.includes('klines?') ? 'truncated' : fault;
    },
  });
  const store = new MemoryBars(interval);
  const folder = mkdtempSync(join(tmpdir(), 'qt-history-'));
  const key = { venue: 'binance', market, symbol: 'BTCUSDT', interval };
  const to = Math.floor((now - DAY) / length) * length;
  const truth = [...venue.times({ from, to }, interval)];
  const whole = new Set(truth);
  const check = () => {
    for (const [time, row] of store.bars) {
      if (!whole.has(time)) throw new Error(`a bar at ${time} that the venue does not have`);
      if (rowAt(time).some((value, i) => value !== row[i])) throw new Error(`another bar at ${time}`);
    }
    for (const empty of store.empty) {
      const lost = truth.find(time => time >= empty.from && time < empty.to);
      if (lost !== undefined) throw new Error(`${lost} was noted as empty`);
    }
  };
  let stops = 0;
  let failures = 0;
  try {
    for (let attempt = 0; ; attempt++) {
      calm = attempt >= TROUBLED;
      const controller = new AbortController();
      const stop =
        random() < 0.6 && !calm ? timers.after(random() * 20_000, () => controller.abort()) : undefined;
      const options = { store, key, market: historyMarket(market), ...network, folder, from, to };
      const result = fetchHistory({ ...options, signal: controller.signal }).then(
        () => undefined,
        error => error as Error,
      );
      let over = false;
      void result.finally(() => {
        over = true;
      });
      for (let idle = 0; !over; idle++) {
        await timers.run({ done: () => over });
        if (!over) await new Promise(done => setTimeout(done, 1));
        if (idle > 20_000) throw new Error('it hangs');
      }
      stop?.cancel();
      const error = await result;
      check();
      if (error === undefined) break;
      if (controller.signal.aborted) stops++;
      else if (error instanceof NetworkError && error.code === 'FETCH_INCOMPLETE' && !calm) failures++;
      else throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (store.bars.size !== truth.length) throw new Error(`${store.bars.size} bars of ${truth.length}`);
  if (missingOf(store.coverage(key), { from, to }).length > 0)
    throw new Error('it ended without the whole range');
  return { faults, stops, failures };
}

test(
  `${count} downloads with faults and stops end complete, each bar as the venue has it (seeds from ${first})`,
  async () => {
    const failed: string[] = [];
    const sum = { faults: 0, stops: 0, failures: 0 };
    for (let seed = first; seed < first + count; seed++) {
      try {
        const { faults, stops, failures } = await faultyFetch(seed);
        sum.faults += faults;
        sum.stops += stops;
        sum.failures += failures;
      } catch (error) {
        failed.push(`QT_SEED=${seed} QT_RUNS=1: ${error instanceof Error ? error.stack : error}`);
        if (failed.length >= 3) break;
      }
    }
    console.log(
      `${count} downloads: ${sum.faults} faults, ${sum.stops} stops, ${sum.failures} clear failures`,
    );
    expect(failed).toEqual([]);
    if (count >= 12) expect(Math.min(sum.faults, sum.stops * 20)).toBeGreaterThan(count);
  },
  Math.max(120_000, count * 4000),
);
