import fc from 'fast-check';
import {
  atr,
  backtest,
  bollinger,
  crossOver,
  type DataFeed,
  memoryFeed,
  rsi,
  sma,
  strategy,
  tradesHash,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { type Columns, chunked, chunkSizes, walk } from '../support/bars.ts';

/** Trades on several indicators, in both sizes, on every data it has. */
class Busy extends strategy() {
  signals = this.datas.map(data => ({
    data,
    cross: crossOver(sma(data.close, 3), sma(data.close, 8)),
    rsi: rsi(data.close, 5),
    bands: bollinger(data.close, 6),
    atr: atr(data, 4),
  }));

  next() {
    for (const { data, cross, rsi: strength, bands, atr: range } of this.signals) {
      const held = this.positionOf(data).size;
      if (cross.now > 0 && strength.now < 80) this.buy({ data, quote: this.cash / 3, tag: 'cross' });
      else if (held > 0 && (cross.now < 0 || data.bar.close < bands.lower.now - range.ago(1)))
        this.close({ data });
    }
  }
}

async function outcome(data: DataFeed | DataFeed[]) {
  const result = await backtest({ strategy: Busy, data, record: true });
  const { elapsedMs: _, ...stats } = result.stats;
  return {
    hash: tradesHash(result),
    metrics: result.metrics,
    stats,
    time: result.equity.time,
    value: result.equity.value,
    orders: [...result.orders].map(order => JSON.stringify(order)),
    recording: result.recording,
  };
}

test('one feed: cutting the data into chunks of any sizes, down to one bar, changes no bit', async () => {
  const columns = walk(4000, 5, { gaps: 0.01 });
  const whole = await outcome(memoryFeed(columns));
  expect(whole.metrics.trades.total).toBeGreaterThan(50);
  await fc.assert(
    fc.asyncProperty(chunkSizes, async sizes => {
      expect(await outcome(chunked(columns, sizes))).toEqual(whole);
    }),
    { numRuns: 15, examples: [[[1]], [[1024]], [[4000]]] },
  );
});

test('several feeds of different calendars: the same', async () => {
  const inputs: [string, Columns][] = [
    ['A', walk(1500, 1, { gaps: 0.1 })],
    ['B', walk(1200, 2, { gaps: 0.2, price: 5 })],
    ['C', walk(300, 3, { stepMs: 300_000 })],
  ];
  const feeds = (cut: (columns: Columns, i: number) => readonly number[]) =>
    inputs.map(([symbol, columns], i) =>
      chunked(columns, cut(columns, i), { symbol, interval: symbol === 'C' ? '5m' : '1m' }),
    );
  const whole = await outcome(feeds(({ time }) => [time.length]));
  expect(whole.metrics.trades.total).toBeGreaterThan(50);
  await fc.assert(
    fc.asyncProperty(fc.tuple(chunkSizes, chunkSizes, chunkSizes), async sizes => {
      expect(await outcome(feeds((_, i) => sizes[i]))).toEqual(whole);
    }),
    { numRuns: 15, examples: [[[[1], [1], [1]]]] },
  );
});
