import type { DataFeed, FeedEvent } from '../../src/feeds/feed.ts';
import type { LiveKlines } from '../../src/feeds/live/contract.ts';
import { instrument } from '../../src/model/instrument.ts';
import { barEnd, intervalMs } from '../../src/model/interval.ts';
import type { VirtualTimers } from '../../src/net/virtual-timers.ts';
import type { Columns } from './bars.ts';
import type { ScriptedSeries } from './scripted-exchange.ts';

/** What goes otherwise than on a perfect exchange, by series and row of its columns. */
export interface TimedScript {
  /** Rows of each series that are history when the session begins. */
  readonly warmup?: number;
  /** Ms from a bar's close until it is given; default 30. */
  readonly closeAfter?: (feed: number, row: number) => number;
  /** The updates of a bar: ms after its open, and the price; default one, at the open's price, after 200 ms. */
  readonly updates?: (
    feed: number,
    row: number,
    bar: Ohlc,
  ) => readonly (readonly [afterMs: number, price: number])[];
  /** What else is said, just before a row's bar is given. */
  readonly says?: (feed: number, row: number) => readonly FeedEvent[];
}

export interface Ohlc {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

interface Item {
  readonly at: number;
  readonly stamp: number;
  readonly event: FeedEvent;
}

/** Bars later than this after their close are late, in intervals. */
const LATE = 1;

/** An exchange in the time of day: bars and updates come at their moments, and nothing says when a moment is complete. */
export class TimedExchange {
  readonly #series: readonly ScriptedSeries[];
  readonly #timers: VirtualTimers;
  readonly #items: readonly (readonly Item[])[];
  readonly #warmup: number;

  constructor(series: readonly ScriptedSeries[], timers: VirtualTimers, script: TimedScript = {}) {
    this.#series = series;
    this.#timers = timers;
    this.#warmup = script.warmup ?? 0;
    this.#items = series.map((one, feed) => itemsOf(one, feed, script));
  }

  connect(): LiveKlines {
    const feeds = this.#series.map((one, feed): DataFeed => {
      const exchange = this;
      return {
        instrument: one.instrument ?? instrument(one.symbol),
        interval: one.interval,
        stamps: 'open',
        columns: [],
        async *events({ after, signal }) {
          const { length } = exchange.#items[feed];
          const queue: FeedEvent[] = [];
          let wake = () => {};
          let left = length;
          const give = (event: FeedEvent | undefined) => {
            if (event !== undefined) queue.push(event);
            wake();
          };
          if (after === undefined && exchange.#warmup > 0) {
            const { columns } = one;
            queue.push({
              kind: 'bars',
              bars: rows(columns, 0, exchange.#warmup),
              phase: 'warmup',
              late: false,
            });
          }
          queue.push({ kind: 'status', status: 'live' });
          const now = exchange.#timers.now();
          const timers = exchange.#items[feed].map(({ at, stamp, event }) => {
            const known = event.kind === 'bars' && stamp <= (after ?? Number.NEGATIVE_INFINITY);
            // What was said while nobody listened is lost, but for the bars.
            const lost = event.kind !== 'bars' && at < now;
            return exchange.#timers.after(at - now, () => {
              left--;
              give(known || lost ? undefined : lateIf(event, now, one));
            });
          });
          signal.addEventListener('abort', () => wake(), { once: true });
          try {
            while (!signal.aborted) {
              const next = queue.shift();
              if (next !== undefined) yield next;
              else if (left === 0) return;
              else {
                await new Promise<void>(resolve => {
                  wake = resolve;
                });
              }
            }
          } finally {
            for (const timer of timers) timer.cancel();
          }
        },
      };
    });
    return {
      feeds,
      status: () => ({
        connections: [],
        series: [],
        time: this.#timers.now(),
        counters: { frames: 0, duplicates: 0, revised: 0, reconnects: 0, gapsFilled: 0, dropped: 0 },
      }),
      close: async () => {},
    };
  }
}

/** A bar that had closed long before anybody listened is given late. */
function lateIf(event: FeedEvent, listeningSince: number, { interval }: ScriptedSeries): FeedEvent {
  if (event.kind !== 'bars' || event.late) return event;
  const close = barEnd(event.bars.time[0], interval);
  return listeningSince - close > LATE * intervalMs(interval) ? { ...event, late: true } : event;
}

function itemsOf({ columns, interval }: ScriptedSeries, feed: number, script: TimedScript): Item[] {
  const { warmup = 0, closeAfter = () => 30, updates = (_, __, { open }) => [[200, open]], says } = script;
  const items: Item[] = [];
  for (let row = warmup; row < columns.time.length; row++) {
    const open = columns.time[row];
    const price = columns.open[row];
    const close = barEnd(open, interval);
    const ohlc = { open: price, high: columns.high[row], low: columns.low[row], close: columns.close[row] };
    let [high, low] = [price, price];
    for (const [afterMs, last] of updates(feed, row, ohlc)) {
      high = Math.max(high, last);
      low = Math.min(low, last);
      const bar = { time: open, open: price, high, low, close: last, volume: 1 };
      const time = open + afterMs;
      items.push({ at: time, stamp: open, event: { kind: 'forming', bar, time } });
    }
    const at = close + closeAfter(feed, row);
    for (const event of says?.(feed, row) ?? []) items.push({ at, stamp: open, event });
    const late = at - close > LATE * intervalMs(interval);
    items.push({
      at,
      stamp: open,
      event: { kind: 'bars', bars: rows(columns, row, row + 1), phase: 'run', late },
    });
  }
  return items.sort((a, b) => a.at - b.at);
}

function rows(columns: Columns, from: number, to: number) {
  const cut = (values: Float64Array) => values.slice(from, to);
  const { time, open, high, low, close, volume } = columns;
  return {
    length: to - from,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
    extra: {},
  };
}
