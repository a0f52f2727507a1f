import { backtest, instrument, memoryFeed, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { type Columns, chunked, walk } from '../support/bars.ts';

/** Minutes, and the bars of `size` of them that they make. */
function both(minutes: number, size: number, seed = 3): { fine: Columns; coarse: Columns } {
  const fine = walk(minutes, seed);
  const from = Array.from({ length: minutes / size }, (_, i) => i * size);
  const pick = (column: Float64Array, of: (part: Float64Array) => number) =>
    Float64Array.from(from, at => of(column.slice(at, at + size)));
  const coarse = {
    time: pick(fine.time, part => part[0]!),
    open: pick(fine.open, part => part[0]!),
    high: pick(fine.high, part => Math.max(...part)),
    low: pick(fine.low, part => Math.min(...part)),
    close: pick(fine.close, part => part.at(-1)!),
    volume: pick(fine.volume, part => part.reduce((a, b) => a + b)),
  };
  return { fine, coarse };
}

const BTC = instrument('BTCUSDT');

/** A bracket whenever flat, wide enough to live for a while. */
class Brackets extends strategy() {
  steps: number[] = [];

  next() {
    this.steps.push(this.time);
    if (this.openOrders.length > 0 || this.position.isOpen) return;
    this.buyBracket({ stopLoss: { percent: 0.02 }, takeProfit: { percent: 0.02 } });
  }
}

describe('finer data to fill orders on', () => {
  const { fine, coarse } = both(6000, 60);
  const data = memoryFeed(coarse, { instrument: BTC, interval: '1h' });
  const fillData = memoryFeed(fine, { instrument: BTC, interval: '1m' });

  test('decides what came first inside a bar: hardly a trade depends on the path any more', async () => {
    const guessed = await backtest({ strategy: Brackets, data });
    const known = await backtest({ strategy: Brackets, data, fillData });
    expect(guessed.metrics.orders.pathDependent).toBeGreaterThan(3);
    expect(known.metrics.orders.pathDependent).toBeLessThan(guessed.metrics.orders.pathDependent / 3);
    expect(known.metrics.trades.total).toBeGreaterThan(10);
  });

  test('makes no steps and is no data: the strategy is asked once a bar of its own', async () => {
    const { stats, equity } = await backtest({ strategy: Brackets, data, fillData });
    expect(stats.steps).toBe(100);
    expect(stats.bars).toBe(100);
    expect(Array.from(equity.time)).toEqual(Array.from(coarse.time, time => time + 3_600_000));
  });

  test('fills as a run on the fine data fills that places the same orders at the same moments', async () => {
    class Hourly extends strategy() {
      next() {
        if (this.time % 3_600_000 !== 0 || this.openOrders.length > 0 || this.position.isOpen) return;
        this.buyBracket({ stopLoss: { percent: 0.02 }, takeProfit: { percent: 0.02 } });
      }
    }
    const onFine = await backtest({ strategy: Hourly, data: fillData });
    const beside = await backtest({ strategy: Hourly, data, fillData });
    expect([...beside.fills]).toEqual([...onFine.fills]);
    expect([...beside.trades]).toEqual([...onFine.trades]);
    expect(beside.metrics.endValue).toBe(onFine.metrics.endValue);
  });

  test('gives the same run however it is cut into chunks', async () => {
    const whole = await backtest({ strategy: Brackets, data, fillData });
    const cut = await backtest({
      strategy: Brackets,
      data: chunked(coarse, [1, 7], { instrument: BTC, interval: '1h' }),
      fillData: chunked(fine, [13, 1, 200], { instrument: BTC, interval: '1m' }),
    });
    expect([...cut.fills]).toEqual([...whole.fills]);
    expect(Array.from(cut.equity.value)).toEqual(Array.from(whole.equity.value));
  });

  test('that does not cover a bar in which orders wait is FILL_DATA_MISSING', async () => {
    const short = memoryFeed(
      Object.fromEntries(Object.entries(fine).map(([name, column]) => [name, column.slice(0, 600)])) as never,
      { instrument: BTC, interval: '1m' },
    );
    await expect(backtest({ strategy: Brackets, data, fillData: short })).rejects.toThrow(
      expect.objectContaining({ code: 'FILL_DATA_MISSING' }),
    );
  });

  test('of another symbol, no finer than the strategy’s, or given twice is FILL_DATA_INVALID', async () => {
    const other = memoryFeed(fine, { instrument: instrument('ETHUSDT'), interval: '1m' });
    for (const wrong of [other, data, [fillData, fillData]]) {
      await expect(backtest({ strategy: Brackets, data, fillData: wrong })).rejects.toThrow(
        expect.objectContaining({ code: 'FILL_DATA_INVALID' }),
      );
    }
  });
});
