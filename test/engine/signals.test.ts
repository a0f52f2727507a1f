import { readFileSync } from 'node:fs';
import {
  backtest,
  fixedSize,
  instrument,
  int,
  memoryFeed,
  type SignalType,
  signalStrategy,
  sma,
  sub,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { closes, walk } from '../support/bars.ts';
import { engineRun } from '../support/engine-run.ts';

interface Recorded {
  /** Type and line, one character a bar: + above 0, - below, 0 at it. */
  readonly signals: readonly (readonly [SignalType, string])[];
  readonly accumulate: boolean;
  /** `bar:size` of each order, bars counted from 1, sales negative. */
  readonly orders: string;
}

const BARS = 12;
/** Above every price, whose sign against it the lines of this test have. */
const MIDDLE = 50;

/** A feed whose further columns are the signals. */
function feed(signals: readonly (readonly [SignalType, string])[], market: 'spot' | 'usdm' = 'usdm') {
  const columns: Record<string, Float64Array> = {};
  for (const [i, [, line]] of signals.entries()) {
    columns[`signal${i}`] = Float64Array.from(line, sign => (sign === '+' ? 1 : sign === '-' ? -1 : 0));
  }
  const flat = closes(Array.from({ length: signals[0]?.[1].length ?? BARS }, () => MIDDLE));
  return memoryFeed({ ...flat, extra: columns } as never, { instrument: instrument('BTCUSDT', { market }) });
}

function strategyOf(
  signals: Recorded['signals'],
  options: { accumulate?: boolean; concurrent?: boolean } = {},
) {
  return signalStrategy({
    signals: signals.map(([type], i) => ({ type, line: data => data.column(`signal${i}`) })),
    ...options,
  });
}

async function ordersOf({ signals, accumulate }: Omit<Recorded, 'orders'>, concurrent = false) {
  const strategy = strategyOf(signals, { accumulate, concurrent });
  const source = feed(signals);
  const start = Date.UTC(2024, 0, 1);
  const { broker } = await engineRun(strategy, source, { cash: 1e6 });
  return [...broker.orders]
    .map(
      ({ createdAt, side, size }) => `${(createdAt - start) / 60_000}:${side === 'buy' ? '+' : '-'}${size}`,
    )
    .join(' ');
}

describe('signals order what backtrader 1.9.78.123 orders for them', () => {
  const cases: Recorded[] = JSON.parse(
    readFileSync(new URL('../expected/signals.json', import.meta.url), 'utf8'),
  );
  const title = ({ signals, accumulate }: Recorded) =>
    `${signals.map(([type]) => type).join(' + ')}${accumulate ? ', accumulating' : ''}`;

  test('all thirteen types, alone and combined', () => {
    expect(new Set(cases.flatMap(({ signals }) => signals.map(([type]) => type))).size).toBe(13);
  });

  test.each(cases.map(one => [title(one), one] as const))('%s', async (_, recorded) => {
    expect(await ordersOf(recorded)).toBe(recorded.orders);
    // Market orders are never open at the next bar: concurrent ones make no difference.
    expect(await ordersOf(recorded, true)).toBe(recorded.orders);
  });
});

describe('a signal strategy', () => {
  const limited = (concurrent: boolean) =>
    class extends signalStrategy({
      signals: [{ type: 'long', line: data => data.column('signal0') }],
      concurrent,
    }) {
      override buy() {
        return super.buy({ limit: 10 });
      }
    };

  test('waits while an order of its signals is open, unless it is concurrent', async () => {
    const source = () => feed([['long', '++++0']]);
    expect((await engineRun(limited(false), source())).broker.orders.length).toBe(1);
    expect((await engineRun(limited(true), source())).broker.orders.length).toBe(4);
  });

  test('acts before the next() of a class that extends it, and is not held up by the orders of that', async () => {
    const seen: number[] = [];
    class Extended extends signalStrategy({
      signals: [{ type: 'longShort', line: data => data.column('signal0') }],
    }) {
      override next() {
        super.next();
        seen.push(this.openOrders.length);
        if (this.data.length === 1) this.buy({ limit: 1 });
      }
    }
    const { broker } = await engineRun(Extended, feed([['longShort', '+-+0']]), { cash: 1e6 });
    expect(seen).toEqual([1, 3, 3, 1]);
    expect([...broker.orders].map(({ type }) => type)).toEqual([
      'market',
      'limit',
      ...Array(4).fill('market'),
    ]);
  });

  test('is refused its shorts on spot, with a code', async () => {
    const { broker } = await engineRun(strategyOf([['short', '-']]), feed([['short', '--00']], 'spot'));
    expect(broker.orders.at(0)).toMatchObject({ status: 'rejected', reason: { code: 'SPOT_SHORT' } });
  });

  test('takes a line that is NaN for no indication', async () => {
    class Undefined extends signalStrategy({
      signals: [{ type: 'longAny', line: data => sub(data.column('signal0'), data.column('signal0')) }],
    }) {}
    expect((await engineRun(Undefined, feed([['longAny', '+++']]))).broker.orders.length).toBe(0);
  });

  test('runs wherever a strategy does, with parameters', async () => {
    class Above extends signalStrategy({
      parameters: { bars: int(30) },
      signals: [{ type: 'long', line: (data, { bars }) => sub(data.close, sma(data.close, bars)) }],
    }) {}
    const result = await backtest({
      strategy: Above,
      data: memoryFeed(walk(500, 3)),
      params: { bars: 10 },
      sizer: fixedSize(1),
    });
    expect(result.settings).toMatchObject({ strategy: 'Above', params: { bars: 10 } });
    expect(result.trades.length).toBeGreaterThan(5);
  });

  test('trades the data that it is told to', async () => {
    const prices = closes([10, 10, 10, 10]);
    const feeds = ['A', 'B'].map(name => memoryFeed(prices, { instrument: instrument(name) }));
    const strategy = signalStrategy({ signals: [{ type: 'long', line: data => data.close }], data: 1 });
    const { fills } = await backtest({ strategy, data: feeds, sizer: fixedSize(1) });
    expect([...fills].map(fill => fill.instrument)).toEqual([1]);
  });

  test.each([
    ['no signal', () => signalStrategy({ signals: [] })],
    [
      'a type that is none',
      () => signalStrategy({ signals: [{ type: 'longexit' as never, line: d => d.close }] }),
    ],
    ['no line', () => signalStrategy({ signals: [{ type: 'long', line: () => 3 as never }] })],
    [
      'a data that is not there',
      () => signalStrategy({ signals: [{ type: 'long', line: d => d.close }], data: 1 }),
    ],
  ])('with %s is an error', async (_, make) => {
    const run = async () => engineRun(make(), [1, 2, 3]);
    await expect(run()).rejects.toMatchObject({ code: 'SIGNALS_INVALID' });
  });
});
