import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { backtest, csvFeed, type DataFeed, memoryFeed, type StrategyClass } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { INDICATORS } from '../src/indicators/registry.ts';
import { type Bars, sliceBars } from '../src/model/bars.ts';
import { type Columns, walk } from './support/bars.ts';
import { readLines } from './support/lines.ts';
import { inputsOf } from './support/registry.ts';

/**
 * Nothing may know what comes later: cutting the data, or letting it go on differently, leaves everything up to the cut as it
 * was, to the last bit. Indicators are computed ahead of the strategy, so this is worth a look.
 */
const CUTS = [0.31, 0.6, 0.61, 0.999];

describe('every indicator', () => {
  const columns = walk(1000, 12);
  const until = (bars: number, after: Columns) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => {
        const ahead = after[name as keyof Columns] as Float64Array;
        return [
          name,
          name === 'time' ? values : Float64Array.of(...values.slice(0, bars), ...ahead.slice(bars)),
        ];
      }),
    ) as unknown as Columns;
  const cut = (bars: number) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.slice(0, bars)]),
    ) as never;

  test.each(INDICATORS.map(one => [one.definition.name, one] as const))('%s', async (_, one) => {
    const read = (some: Columns) =>
      readLines(memoryFeed(some, { interval: '1m' }), data => one.linesOf(inputsOf(one, data)));
    const whole = await read(columns);
    const other = walk(1000, 99, { price: 3 });
    for (const share of CUTS) {
      const bars = Math.floor(share * 1000);
      const before = Object.fromEntries(
        Object.entries(whole).map(([name, line]) => [name, line.slice(0, bars)]),
      );
      expect(await read(cut(bars))).toEqual(before);
      const differently = await read(until(bars, other));
      for (const [name, line] of Object.entries(differently))
        expect(line.slice(0, bars)).toEqual(before[name]);
    }
  });
});

const DATA: Readonly<Record<string, readonly string[]>> = { rotation: ['btcusdt', 'ethusdt'] };

describe('every strategy', () => {
  const files = readdirSync('strategies').sort();

  test.each(files)('%s', async file => {
    const { default: strategy } = await import(/* @vite-ignore */ resolve('strategies', file));
    const symbols = DATA[file.replace(/\.ts$/, '')] ?? ['btcusdt'];
    const feeds = await Promise.all(symbols.map(symbol => csvFeed(`data/synthetic-${symbol}-4h.csv`)));
    const whole = await run(strategy, feeds);
    expect(whole.fills.length).toBeGreaterThan(5);
    const { times } = whole;
    for (const share of CUTS) {
      const end = times[Math.floor(share * times.length)];
      for (const after of ['nothing', 'another future'] as const) {
        const part = await run(
          strategy,
          feeds.map(feed => changed(feed, end, after)),
        );
        // What was placed, filled and shown by then, and nothing that differs.
        expect(knownAt(end, part)).toEqual(knownAt(end, whole));
      }
    }
  });
});

async function run(strategy: StrategyClass, data: DataFeed[]) {
  const { orders, fills, equity, recording } = await backtest({ strategy, data, record: true });
  return {
    times: equity.time,
    values: equity.value,
    orders: [...orders].map(({ id, createdAt, symbol, side, type, parentId, limit, stop, tag }) => ({
      ...{ id, createdAt, symbol, side, type, parentId, tag },
      // The prices of a child may follow from a fill that is still to come.
      ...(parentId === 0 ? { limit, stop } : {}),
    })),
    fills: [...fills].map(({ time, orderId, price, size, fee }) => ({ time, orderId, price, size, fee })),
    recording: recording!,
  };
}

type Outcome = Awaited<ReturnType<typeof run>>;

function knownAt(end: number, { times, values, orders, fills, recording }: Outcome) {
  const steps = times.findLastIndex(time => time <= end) + 1;
  return {
    steps,
    values: values.slice(0, steps),
    orders: orders.filter(order => order.createdAt <= end),
    // A fill at the open of the bar that begins with the cut has its time.
    fills: fills.filter(fill => fill.time < end),
    lines: recording.map(({ time, interval, lines }) => {
      const bars =
        time.findLastIndex(open => open + (interval === '1d' ? 86_400_000 : 14_400_000) <= end) + 1;
      return lines.map(({ label, values: shown }) => [label, shown.slice(0, bars)]);
    }),
  };
}

/** The feed with the bars that were complete at `end`, and others or none after them. */
function changed(feed: DataFeed, end: number, after: 'nothing' | 'another future'): DataFeed {
  return {
    ...feed,
    async *events(request) {
      for await (const event of feed.events(request)) {
        if (event.kind !== 'bars') yield event;
        else {
          const { bars } = event;
          let kept = 0;
          while (kept < bars.length && bars.time[kept] + 14_400_000 <= end) kept++;
          const row = after === 'nothing' ? sliceBars(bars, 0, kept) : tripled(bars, kept);
          if (row.length > 0) yield { ...event, bars: row };
        }
      }
    },
  };
}

function tripled(bars: Bars, from: number): Bars {
  const later = (column: Float64Array) => column.map((value, row) => (row < from ? value : 3 * value));
  const { open, high, low, close, volume } = bars;
  return {
    ...bars,
    ...{ open: later(open), high: later(high), low: later(low), close: later(close), volume: later(volume) },
  };
}
