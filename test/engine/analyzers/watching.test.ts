import {
  type Analyzer,
  backtest,
  backtraderAnalyzers,
  backtraderObservers,
  backtraderProfile,
  type DataFeed,
  instrument,
  memoryFeed,
  type Observer,
  type RunStart,
  sma,
  strategy,
} from 'qt-trader';
import { expect, expectTypeOf, test } from 'vitest';
import { closes } from '../../support/bars.ts';

/** In on every fourth bar, out two bars later. */
class Often extends strategy() {
  next() {
    if (this.data.length % 4 === 1) this.buy({ size: 1 });
    else if (this.data.length % 4 === 3) this.close();
  }
}

function feed(bars: number, options: { stepMs?: number; start?: number; symbol?: string } = {}): DataFeed {
  const { stepMs = 86_400_000, start = Date.UTC(2024, 0, 1), symbol = 'X' } = options;
  const prices = Array.from({ length: bars }, (_, i) => 100 + 10 * Math.sin(i));
  return memoryFeed(
    { ...closes(prices), time: prices.map((_, i) => start + i * stepMs) },
    { instrument: instrument(symbol), interval: stepMs === 86_400_000 ? '1d' : '1h' },
  );
}

test('an analyzer hears of orders, then of trades, then of the step, after the strategy has acted', async () => {
  const heard: string[] = [];
  class Told extends Often {
    override next() {
      heard.push('next');
      super.next();
    }
  }
  const watch: Analyzer<number> = {
    begin: () => heard.push('begin'),
    order: order => heard.push(`order ${order.status}`),
    trade: trade => heard.push(trade.open ? 'trade opened' : 'trade closed'),
    step: () => heard.push('step'),
    end: () => heard.push('end'),
  };
  const { analyzers } = await backtest({ strategy: Told, data: feed(4), analyzers: { watch } });
  expectTypeOf(analyzers.watch).toEqualTypeOf<number>();
  expect(heard).toEqual([
    'begin',
    ...['next', 'step'],
    ...['order submitted', 'order accepted', 'order completed', 'trade opened', 'next', 'step'],
    ...['next', 'step'],
    ...['order submitted', 'order accepted', 'order completed', 'trade closed', 'next', 'step'],
    'end',
  ]);
  expect(analyzers.watch).toBe(heard.length);
});

test("an analyzer knows whether the strategy's minimum period is met", async () => {
  class Waits extends strategy() {
    average = sma(this.data.close, 3);
    next() {}
  }
  const seen: boolean[] = [];
  const analyzers = { period: { step: (_: number, ready: boolean) => void seen.push(ready), end: () => 0 } };
  await backtest({ strategy: Waits, data: feed(5), analyzers });
  expect(seen).toEqual([false, false, true, true, true]);
});

test('an analyzer that only takes blocks leaves the run its speed: it gets all steps in few calls', async () => {
  let calls = 0;
  let steps = 0;
  const blocks = {
    steps: ({ length }: { length: number }) => {
      calls++;
      steps += length;
    },
    end: () => steps,
  };
  const { analyzers } = await backtest({ strategy: Often, data: feed(5000), analyzers: { blocks } });
  expect(analyzers.blocks).toBe(5000);
  expect(calls).toBeLessThan(10);
});

test('an analyzer or observer that a run has had is refused by the next', async () => {
  const sqn = backtraderAnalyzers.sqn();
  await backtest({ strategy: Often, data: feed(20), analyzers: { sqn } });
  const again = backtest({ strategy: Often, data: feed(20), analyzers: { sqn } });
  await expect(again).rejects.toMatchObject({ code: 'ANALYZER_USED', value: 'SQN' });
});

test('results are found under their names, lines of observers in their order, one value a step', async () => {
  const high: Observer = {
    name: 'high',
    begin(start: RunStart) {
      this.data = start.datas[0];
      return ['high'];
    },
    step(values) {
      values[0] = this.data!.bar.high;
    },
  } as Observer & { data?: RunStart['datas'][number] };
  const { analyzers, observers, equity, trades } = await backtest({
    strategy: Often,
    data: feed(40),
    analyzers: { trades: backtraderAnalyzers.tradeAnalyzer(), fall: backtraderAnalyzers.drawDown() },
    observers: [backtraderObservers.broker(), high, backtraderObservers.trades()],
  });
  expect(analyzers.trades.total).toEqual({ total: 10, open: 0, closed: 10 });
  expect(analyzers.fall.max.drawdown).toBeGreaterThan(0);
  expect(observers.map(({ name }) => name)).toEqual(['Broker', 'high', 'Trades']);
  expect(observers[0].lines.value).toEqual(equity.value);
  expect(observers[1].lines.high.length).toBe(40);
  const results = [...observers[2].lines.pnlplus, ...observers[2].lines.pnlminus].filter(
    value => !Number.isNaN(value),
  );
  expect(results.length).toBe(trades.length);
  expect(results.reduce((sum, value) => sum + value, 0)).toBeCloseTo(
    [...trades].reduce((sum, trade) => sum + trade.net, 0),
    9,
  );
});

test('a step at midnight ends the day before; in the backtrader profile it begins the next', async () => {
  // Hour 24 of the data closes at midnight.
  const days = async (profile?: ReturnType<typeof backtraderProfile>) => {
    const analyzers = { days: backtraderAnalyzers.timeReturn({ timeframe: 'Days' }) };
    const data = feed(24, { stepMs: 3_600_000 });
    return Object.keys((await backtest({ strategy: Often, data, profile, analyzers })).analyzers.days);
  };
  expect(await days()).toEqual(['2024-01-01T00:00:00']);
  expect(await days(backtraderProfile())).toEqual(['2024-01-01T00:00:00', '2024-01-02T00:00:00']);
});

test('cash that comes in makes shares of the fund, not a return', async () => {
  class Saves extends strategy() {
    next() {
      if (this.data.length === 3) this.addCash(5000);
    }
  }
  const { analyzers } = await backtest({
    strategy: Saves,
    data: feed(6),
    profile: backtraderProfile({ fundMode: true }),
    analyzers: {
      fund: backtraderAnalyzers.returns(),
      account: backtraderAnalyzers.returns({ fund: false }),
    },
    observers: [backtraderObservers.fundShares()],
  });
  expect(analyzers.fund.rtot).toBe(0);
  expect(analyzers.account.rtot).toBeCloseTo(Math.log(1.5), 12);
});

test('several datas of one instrument tell its position and transactions once, at the first', async () => {
  const hourly = feed(48, { stepMs: 3_600_000 });
  const daily = feed(2);
  const { analyzers } = await backtest({
    strategy: Often,
    data: [hourly, daily],
    analyzers: {
      positions: backtraderAnalyzers.positionsValue({ headers: true }),
      transactions: backtraderAnalyzers.transactions(),
    },
  });
  expect(analyzers.positions.Datetime).toEqual(['X 1h', 'X 1d']);
  const rows = Object.values(analyzers.positions).slice(1);
  expect(rows.some(row => Number(row[0]) > 0)).toBe(true);
  expect(rows.every(row => row[1] === 0)).toBe(true);
  const sids = Object.values(analyzers.transactions).flatMap(row => row.map(one => one[2]));
  expect(sids.length).toBeGreaterThan(10);
  expect(new Set(sids)).toEqual(new Set([0]));
});
