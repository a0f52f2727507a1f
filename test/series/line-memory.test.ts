import {
  adx,
  atr,
  backtest,
  bollinger,
  crossOver,
  ema,
  ichimoku,
  indicator,
  type Line,
  macd,
  memoryFeed,
  rsi,
  sma,
  stochastic,
  strategy,
  sub,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { sharedFeed, shareFeed } from '../../src/research/shared-bars.ts';
import { LineMemory } from '../../src/series/line-memory.ts';
import { walk } from '../support/bars.ts';

const bars = await shareFeed(memoryFeed(walk(7000, 3), { interval: '1m' }), new AbortController().signal);

let made = 0;
const counted = indicator({
  name: 'counted',
  inputs: 'line',
  lines: ['value'],
  next: (_, value) => {
    made++;
    return Number(value);
  },
});

/** What a strategy sees of many lines, bar by bar. */
async function seen(memory: LineMemory | undefined, from?: number): Promise<number[]> {
  const values: number[] = [];
  class Watching extends strategy() {
    lines: Line[] = [
      ...[sma(this.data.close, 20), ema(this.data.close, 9), rsi(this.data.close, 14), atr(this.data, 14)],
      ...Object.values(macd(this.data.close)),
      ...Object.values(bollinger(this.data.close)),
      ...Object.values(stochastic(this.data)),
      ...Object.values(ichimoku(this.data)),
      ...[adx(this.data), sma(ema(this.data.close, 5), 7), ema(sub(this.data.high, this.data.low), 5)],
      ...[crossOver(sma(this.data.close, 20), 100), counted(this.data.close)],
    ].filter((line): line is Line => line !== undefined);
    next() {
      for (const line of this.lines) values.push(line.now);
    }
  }
  await backtest({
    strategy: Watching,
    data: sharedFeed(bars, memory),
    ...(from === undefined ? {} : { from }),
  });
  return values;
}

test('lines that are kept from run to run have the same bits as lines that are computed', async () => {
  const fresh = await seen(undefined);
  const memory = new LineMemory(2 ** 30);
  for (let run = 0; run < 4; run++) expect(await seen(memory)).toEqual(fresh);
  expect(memory.counts.found).toBeGreaterThan(20);
  expect(memory.counts.dropped).toBe(0);
});

test('where the run begins is part of what is kept: another beginning computes anew', async () => {
  const from = Float64Array.from(new Float64Array(bars.buffer, 0, bars.length))[3000];
  const fresh = await seen(undefined, from);
  const memory = new LineMemory(2 ** 30);
  for (let run = 0; run < 3; run++) await seen(memory);
  expect(await seen(memory, from)).toEqual(fresh);
  for (let run = 0; run < 3; run++) expect(await seen(memory, from)).toEqual(fresh);
});

test('what is kept is bounded, and what gives way is computed again', async () => {
  const fresh = await seen(undefined);
  const memory = new LineMemory(3.5 * bars.length * 8);
  for (let run = 0; run < 4; run++) expect(await seen(memory)).toEqual(fresh);
  expect(memory.counts.dropped).toBeGreaterThan(0);
});

test('columns that give way are filled anew, and one of another length is not', () => {
  const memory = new LineMemory(2 * 10 * 8);
  const columns = [1, 2, 3, 4].map(() => memory.room(10));
  for (const [i, column] of columns.entries()) memory.keep(`line ${i}`, column);
  expect(memory.counts.dropped).toBe(2);
  const again = [memory.room(10), memory.room(10), memory.room(10)];
  expect(again.map(column => columns.indexOf(column))).toEqual([1, 0, -1]);
  memory.keep('another', again[2]);
  expect(memory.room(11)).toHaveLength(11);
});

test("a user's own indicator is computed in every run", async () => {
  const memory = new LineMemory(2 ** 30);
  made = 0;
  await seen(memory);
  const once = made;
  for (let run = 0; run < 3; run++) await seen(memory);
  expect(made).toBe(once * 4);
});
