import { barEnd, barStart, type Interval, intervalMs } from '../../model/interval.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { binanceBarStart, firstEndingAfter } from '../../venues/binance/intervals.ts';
import { type Kline, MOST_KLINES } from '../../venues/binance/kline.ts';
import type { PastBars } from './contract.ts';
import type { MarketClock } from './market-clock.ts';
import type { MarketRest } from './market-rest.ts';
import { KnownPast, type PastRequest } from './past.ts';

export interface WarmupRequest {
  readonly rest: MarketRest;
  readonly clock: MarketClock;
  readonly timers: Timers;
  readonly lockstep: boolean;
  readonly symbol: string;
  readonly interval: Interval;
  /** Closed bars wanted. */
  readonly count: number;
  /** The market's time at which the run began, epoch ms UTC. */
  readonly begun: number;
  /** What REST may lag, ms of the market. */
  readonly settledMs: number;
  readonly past: PastBars | undefined;
  readonly notice: PastRequest['notice'];
  readonly signal: AbortSignal;
}

export interface Warmup {
  /** The last bars that closed at or before the beginning, oldest first; fewer where there are no more. */
  readonly klines: readonly Kline[];
  /** Open time of the first bar of the run. */
  readonly next: number;
  /** Whether that follows from a bar of the exchange. */
  readonly anchored: boolean;
}

const PAUSE_MS = 500;
/** Answers without the last bar before the run goes on without it. */
const ATTEMPTS = 4;

/** Fetches the closed bars before a run, newest page first, as far as `past` does not have them. */
export async function fetchWarmup(request: WarmupRequest): Promise<Warmup> {
  const { rest, clock, timers, lockstep, symbol, interval, count, begun, settledMs, signal } = request;
  const page = (to: number, limit: number) =>
    rest.persist(`klines of ${symbol} ${interval}`, () =>
      rest.klines(symbol, interval, { to, limit: Math.min(MOST_KLINES, limit) }),
    );
  const known = new KnownPast({ ...request, before: begun });
  const limit = Math.min(count + 2, rowsSince(known.newest, begun, interval));
  for (let attempt = 1; ; attempt++) {
    // What the answer shows was true at some moment after this one.
    const { told } = clock;
    const proof = lockstep ? told : told - settledMs;
    const rows = await page(begun, limit);
    const newest = rows.at(-1);
    const next = firstEndingAfter(begun, newest?.time ?? binanceBarStart(begun, interval), interval);
    if (count === 0 || newest === undefined || signal.aborted) {
      return { klines: [], next, anchored: newest !== undefined };
    }
    const open = barEnd(newest.time, interval) > proof ? newest : undefined;
    const closed = rows.filter(row => row.time < next && row !== open);
    const whole = closed.at(-1)?.time === barStart(next, interval);
    // The last bar may not be there yet, because REST lags, or never, because the exchange was down.
    const waited = lockstep ? attempt >= ATTEMPTS : told >= begun + 2 * settledMs;
    if (whole || waited) {
      known.check(closed);
      const klines = await older(closed, count, known, page, signal);
      // What is missing right before the beginning is a hole of the run.
      const last = closed.at(-1);
      return { klines, next: last === undefined ? next : barEnd(last.time, interval), anchored: true };
    }
    await sleep(timers, lockstep ? PAUSE_MS / 5 : clock.local(PAUSE_MS * attempt), signal);
    if (!lockstep) await rest.persist('the time', () => rest.measure(clock));
  }
}

/** Rows of an answer that reaches from the newest known bar, which it includes, to now. */
function rowsSince(newest: number | undefined, now: number, interval: Interval): number {
  if (newest === undefined) return Number.POSITIVE_INFINITY;
  // Months are of different lengths; and an answer of too few rows would have no bar that is known.
  return Math.ceil((now - newest) / intervalMs(interval)) + 3;
}

async function older(
  newest: readonly Kline[],
  count: number,
  known: KnownPast,
  page: (to: number, limit: number) => Promise<Kline[]>,
  signal: AbortSignal,
): Promise<Kline[]> {
  const pages = [newest];
  let have = newest.length;
  while (have > 0 && have < count && !signal.aborted) {
    const oldest = pages[pages.length - 1][0].time;
    const stored = known.upTo(oldest, count - have);
    const rows =
      stored.length > 0 ? stored : (await page(oldest - 1, count - have)).filter(row => row.time < oldest);
    if (rows.length === 0) break;
    pages.push(rows);
    have += rows.length;
  }
  const klines = pages.reverse().flat();
  return klines.slice(Math.max(0, klines.length - count));
}
