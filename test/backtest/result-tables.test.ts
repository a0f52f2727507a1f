import {
  backtest,
  bollinger,
  crossOver,
  dataFrameFeed,
  ema,
  memoryFeed,
  type OrderReason,
  strategy,
  syntheticBars,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../support/collect.ts';
import { danfo } from '../support/danfo.ts';

const bars = (symbol: string) => syntheticBars({ symbol, interval: '1h', bars: 600, seed: 3 });

class Cross extends strategy({}) {
  fast = ema(this.data.close, 5);
  bands = bollinger(this.data.close, { bars: 20 });
  cross = crossOver(this.fast, ema(this.data.close, 20));
  slower = crossOver(ema(this.data.close, 20), ema(this.data.close, 50));
  other = ema(this.datas[1].close, 3);

  next() {
    if (this.cross.now > 0) this.buy({ size: 0.1, tag: 'in' });
    else if (this.cross.now < 0) this.close();
    if (this.bar.time % (50 * 3_600_000) === 0) this.buy({ size: 1e9 });
    if (this.bar.time % (90 * 3_600_000) === 0) this.buy({ size: 0.01, limit: 1, data: this.datas[1] });
  }
}

const run = (record: boolean) =>
  backtest({
    strategy: Cross,
    data: ['BTCUSDT', 'ETHUSDT'].map(symbol => memoryFeed(bars(symbol), { symbol })),
    commission: 0.001,
    record,
  });

const result = await run(true);

/** Columns as the objects that they were. */
const rowsOf = (columns: object) => {
  const entries = Object.entries(columns) as [string, ArrayLike<unknown>][];
  return Array.from({ length: entries[0][1].length }, (_, row) =>
    Object.fromEntries(entries.map(([name, values]) => [name, values[row]])),
  );
};

describe('the columns of a result', () => {
  test('hold every trade, order and fill, to the last bit', () => {
    expect(result.trades.length).toBeGreaterThan(5);
    expect(rowsOf(result.toColumns('trades'))).toEqual([...result.trades].map(({ open, ...trade }) => trade));
    const orders = result.toColumns('orders');
    expect(orders.id.length).toBe(result.orders.length);
    // Orders are read by accessors, so that a comparison of objects would see none of it.
    const views = [...result.orders] as unknown as Record<string, unknown>[];
    for (const [i, row] of rowsOf(orders).entries()) {
      const order = views[i];
      for (const [name, value] of Object.entries(row)) {
        if (name === 'timeInForce') expect(value).toBe(order.timeInForce ?? '');
        else if (name === 'reason') expect(value).toBe((order.reason as OrderReason | undefined)?.code ?? '');
        else expect([name, value]).toEqual([name, order[name]]);
      }
    }
    const { reason, timeInForce, symbol } = orders;
    expect([new Set(reason).size > 1, new Set(timeInForce), new Set(symbol).size]).toEqual([
      true,
      new Set(['', 'GTC']),
      2,
    ]);
    const fills = [...result.fills].map(({ instrument, ...fill }) => ({
      ...fill,
      symbol: ['BTCUSDT', 'ETHUSDT'][instrument],
    }));
    expect(rowsOf(result.toColumns('fills'))).toEqual(fills);
  });

  test('hold equity, bars and indicators of each data, with names that never clash', () => {
    const { time, value } = result.toColumns('equity');
    expect([time, value]).toEqual([result.equity.time, result.equity.value]);
    const klines = result.toColumns('klines', { data: 1 });
    const { time: at, open, high, low, close, volume } = result.recording![1];
    expect(klines).toEqual({ time: at, open, high, low, close, volume });
    const indicators = result.toColumns('indicators');
    expect(Object.keys(indicators)).toEqual([
      ...['time', 'fast', 'bands.upper', 'bands.middle', 'bands.lower', 'EMA(20)', 'cross'],
      ...['EMA(20) (2)', 'EMA(50)', 'slower'],
    ]);
    expect(indicators.fast).toEqual(result.recording![0].lines[0].values);
    expect(indicators['EMA(20) (2)']).toEqual(indicators['EMA(20)']);
    expect(Object.keys(result.toColumns('indicators', { data: 1 }))).toEqual(['time', 'other']);
  });

  test('are copies: writing to them changes no result', () => {
    const before = [...result.equity.value];
    result.toColumns('equity').value.fill(0);
    result.toColumns('klines').close.fill(0);
    expect([...result.equity.value]).toEqual(before);
    expect(result.recording![0].close[0]).toBeGreaterThan(0);
  });

  test('that a run did not keep, or that there are none of, are an error', async () => {
    const bare = await run(false);
    expect(() => bare.toColumns('indicators')).toThrow(/kept no indicators: run it with record: true/);
    expect(() => result.toColumns('klines', { data: 2 })).toThrow(/no data 2: give a number from 0 to 1/);
    expect(() => result.toColumns('trade' as 'trades')).toThrow(/no table "trade": did you mean "trades"\?/);
  });
});

describe('the frames of a result', () => {
  test('have the columns, with times as text that no float32 can round', async () => {
    const frame = await result.toDataFrame('trades', danfo);
    const columns = result.toColumns('trades');
    expect(frame.columns).toEqual(Object.keys(columns));
    expect(frame.column('net').values).toEqual([...columns.net]);
    expect(frame.column('exitTime').values.map(text => Date.parse(String(text)))).toEqual([
      ...columns.exitTime,
    ]);
    expect(new Set(frame.dtypes)).toEqual(new Set(['float32', 'string']));
    const orders = await result.toDataFrame('orders', danfo);
    expect(orders.column('validUntil').values).toContain('');
    expect(orders.dtypes[orders.columns.indexOf('maker')]).toBe('boolean');
  });

  test('go into a run again, bar for bar', async () => {
    const frame = await result.toDataFrame('klines', danfo);
    expect(frame.columns).toEqual(['datetime', 'open', 'high', 'low', 'close', 'volume']);
    const [event] = await eventsOf(dataFrameFeed(frame));
    const { time, close } = result.recording![0];
    expect(event).toMatchObject({ kind: 'bars', bars: { time, close } });
  });

  test('of a table without rows have its columns all the same', async () => {
    class Idle extends strategy({}) {
      next() {}
    }
    const idle = await backtest({ strategy: Idle, data: memoryFeed(bars('BTCUSDT')) });
    const frame = await idle.toDataFrame('trades', danfo);
    expect([frame.shape[0], frame.columns]).toEqual([0, Object.keys(result.toColumns('trades'))]);
  });

  test('without danfojs are an error that says how to install it, and a wrong module is one too', async () => {
    await expect(result.toDataFrame('trades')).rejects.toMatchObject({
      code: 'DANFO_MISSING',
      message: expect.stringMatching(/"overrides": \{ "xlsx": .*npm install danfojs-node/),
    });
    await expect(result.toDataFrame('trades', {} as typeof danfo)).rejects.toMatchObject({
      code: 'DANFO_INVALID',
    });
  });

  test('are given out by a copy of a result as well', () => {
    const { notes, ...rest } = result;
    expect(rest.toColumns('trades')).toEqual(result.toColumns('trades'));
  });
});
