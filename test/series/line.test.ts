import {
  add,
  and,
  backtest,
  delay,
  div,
  type FeedEvent,
  type FeedRequest,
  gt,
  lt,
  memoryFeed,
  mul,
  not,
  or,
  sma,
  strategy,
  sub,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { chunked, closes, walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

const minute = { interval: '1m' } as const;

/** Runs `next` as a strategy's on bars with these closes. */
async function run(values: readonly number[], next: (self: InstanceType<typeof Base>, bar: number) => void) {
  let bar = 0;
  class Probe extends Base {
    next() {
      next(this, bar++);
    }
  }
  await backtest({ strategy: Probe, data: memoryFeed(closes(values)) });
}
abstract class Base extends strategy({}, { lookback: 3 }) {}

describe('a line', () => {
  test('is now at the current bar and ago(n) n bars back, NaN before the start', async () => {
    const seen: number[][] = [];
    await run([1, 2, 3], ({ data: { close } }) =>
      seen.push([close.now, close.ago(0), close.ago(1), close.ago(2)]),
    );
    expect(seen).toEqual([
      [1, 1, Number.NaN, Number.NaN],
      [2, 2, 1, Number.NaN],
      [3, 3, 2, 1],
    ]);
  });

  test('refuses the future', async () => {
    await expect(run([1], ({ data }) => data.close.ago(-1))).rejects.toMatchObject({
      code: 'FUTURE_READ',
      value: -1,
    });
  });

  test('refuses to reach beyond the lookback at any bar, the first included', async () => {
    await expect(run([1], ({ data }) => data.close.ago(4))).rejects.toMatchObject({
      code: 'LOOKBACK_EXCEEDED',
      value: 4,
      limit: 3,
    });
  });

  test('refuses a position that is no whole number', async () => {
    await expect(run([1], ({ data }) => data.close.ago(0.5))).rejects.toMatchObject({ code: 'AGO_INVALID' });
    await expect(run([1], ({ data }) => data.close.ago(Number.NaN))).rejects.toMatchObject({
      code: 'AGO_INVALID',
    });
  });

  test('cannot be used as a number by mistake', async () => {
    await expect(run([1], ({ data }) => data.close > data.open)).rejects.toMatchObject({
      code: 'LINE_AS_NUMBER',
    });
    await expect(run([1], ({ data }) => Number(data.close))).rejects.toMatchObject({
      code: 'LINE_AS_NUMBER',
    });
  });

  test('gives windows as copies, oldest first', async () => {
    await run([1, 2, 3], ({ data: { close } }, bar) => {
      const window = close.window(2);
      expect([...window]).toEqual([bar === 0 ? Number.NaN : bar, bar + 1]);
      window.fill(0);
      expect(close.now).toBe(bar + 1);
    });
  });

  test('holds the past however long the run and whenever it is first read', async () => {
    const columns = walk(5000, 1);
    for (const sizes of [[5000], [1], [7, 1500, 3]]) {
      let bar = 0;
      class Late extends strategy() {
        next() {
          // The high is first asked for in the middle of a block, long after its bars have passed.
          if (bar >= 1500) expect(this.data.high.ago(1000)).toBe(columns.high[bar - 1000]);
          bar++;
        }
      }
      await backtest({ strategy: Late, data: chunked(columns, sizes) });
      expect(bar).toBe(5000);
    }
  });
});

describe('operators over lines', () => {
  const feed = memoryFeed(closes([1, 2, 4, 3], [2, 2, 2, 2]));

  test('compute bar by bar', async () => {
    const values = await readLines(feed, ({ open, close }) => ({
      sum: add(open, close),
      difference: sub(close, 1),
      product: mul(2, close),
      quotient: div(close, open),
      above: gt(close, open),
      both: and(gt(close, 1), lt(close, 4)),
      either: or(gt(close, 3), lt(close, 2)),
      neither: not(gt(close, 1)),
      before: delay(close, 2),
    }));
    expect(values).toEqual({
      sum: [3, 4, 6, 5],
      difference: [0, 1, 3, 2],
      product: [2, 4, 8, 6],
      quotient: [0.5, 1, 2, 1.5],
      above: [0, 0, 1, 1],
      both: [0, 1, 0, 1],
      either: [1, 0, 1, 0],
      neither: [1, 0, 0, 0],
      before: [Number.NaN, Number.NaN, 1, 2],
    });
  });

  test('are NaN where an operand is, and where they would divide by zero', async () => {
    const values = await readLines(feed, ({ close }) => ({
      above: gt(close, sma(close, 3)),
      nothing: div(close, sub(close, close)),
    }));
    expect(values.above).toEqual([Number.NaN, Number.NaN, 1, 0]);
    expect(values.nothing).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  test('are refused between lines of different data', async () => {
    class Mixed extends strategy() {
      spread = sub(this.datas[0].close, this.datas[1].close);
      next() {}
    }
    const data = ['A', 'B'].map(symbol => memoryFeed(closes([1, 2]), { symbol }));
    await expect(backtest({ strategy: Mixed, data })).rejects.toMatchObject({ code: 'CLOCKS_MIXED' });
  });

  test('and indicators are refused while the strategy runs', async () => {
    await expect(run([1], ({ data }) => sma(data.close, 2))).rejects.toMatchObject({
      code: 'INDICATOR_OUTSIDE_INIT',
    });
  });
});

describe('a column beyond OHLCV', () => {
  const values = walk(3000, 4);
  const extra = { trades: values.volume.map(volume => volume * 2) };
  const feed = (sizes: readonly number[]) => {
    const whole = chunked(values, sizes);
    return {
      ...whole,
      columns: ['trades'],
      async *events(request: FeedRequest): AsyncGenerator<FeedEvent> {
        let from = 0;
        for await (const event of whole.events(request)) {
          if (event.kind !== 'bars') continue;
          const trades = extra.trades.slice(from, from + event.bars.length);
          from += event.bars.length;
          yield { ...event, bars: { ...event.bars, extra: { trades } } };
        }
      },
    };
  };

  test.each([[[3000]], [[1]], [[7, 1024]]])('may be left alone, in chunks of %j', async sizes => {
    class Idle extends strategy() {
      next() {}
    }
    expect((await backtest({ strategy: Idle, data: feed(sizes) })).stats.bars).toBe(3000);
  });

  test.each([[[3000]], [[1]], [[7, 1024]]])(
    'has its past when first read late, in chunks of %j',
    async sizes => {
      class Late extends strategy() {
        next() {
          const i = this.data.length - 1;
          if (i < 1500) return;
          expect(this.data.column('trades').now).toBe(extra.trades[i]);
          expect(this.data.column('trades').ago(1000)).toBe(extra.trades[i - 1000]);
        }
      }
      await backtest({ strategy: Late, data: feed(sizes) });
    },
  );

  test('can be asked for before its data has a bar', async () => {
    const seen: number[] = [];
    const late = memoryFeed(
      { ...closes([5]), time: [Date.UTC(2024, 0, 1, 1)], extra: { trades: [9] } },
      minute,
    );
    class Two extends strategy() {
      override prenext() {
        this.next();
      }
      next() {
        seen.push(this.datas[1].column('trades').now);
      }
    }
    await backtest({ strategy: Two, data: [memoryFeed(closes([1]), minute), late] });
    expect(seen).toEqual([Number.NaN, 9]);
  });
});
