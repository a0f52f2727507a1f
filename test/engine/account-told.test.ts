import {
  type Analyzer,
  backtest,
  backtraderAnalyzers,
  backtraderProfile,
  memoryFeed,
  strategy,
} from 'qt-trader';
import { expect, test } from 'vitest';
import { closes } from '../support/bars.ts';

const profile = () => backtraderProfile({ commission: { commission: 0 } });
const data = (...prices: number[]) => memoryFeed(closes(prices), { interval: '1m' });

test('what a timer orders is told at the next step, as what next() orders is', async () => {
  const told: string[] = [];
  class Timed extends strategy() {
    timer = this.addTimer({ when: '00:00', repeat: '1m' });
    override next() {}
    override notifyTimer() {
      if (this.data.length === 1) this.buy({ size: 1 });
    }
    override notifyOrder() {
      told.push(`${this.data.length}`);
    }
  }
  await backtest({ strategy: Timed, data: data(10, 10, 10), profile: profile() });
  expect(told).toEqual(['2', '2', '2']);
});

test('an early timer sizes by the close of the bar that it can read', async () => {
  const sizes: number[] = [];
  class Early extends strategy() {
    timer = this.addTimer({ when: '00:00', repeat: '1m', cheat: true });
    override next() {}
    override notifyTimer() {
      if (this.data.length !== 2) return;
      const order = this.orderTargetValue(1000);
      sizes.push(order?.size ?? 0);
    }
  }
  await backtest({ strategy: Early, data: data(10, 20, 20), profile: profile() });
  expect(sizes).toEqual([50]);
});

test('leverage is that of the account before the strategy acts: cash that it brings in counts at the next step', async () => {
  class Depositor extends strategy() {
    override next() {
      const { length } = this.data;
      if (length === 1) this.buy({ size: 50 });
      if (length !== 2) return;
      this.addCash(5000);
      // Asking for the value of the position takes the cash in at once.
      this.orderTargetValue(500);
    }
  }
  const result = await backtest({
    strategy: Depositor,
    data: data(10, 10, 10),
    cash: 1000,
    profile: profile(),
    analyzers: { leverage: backtraderAnalyzers.grossLeverage() },
  });
  expect(Object.values(result.analyzers.leverage)).toEqual([0, 0.5, 500 / 6000]);
});

test('an analyzer is told of the account between the notifications and the strategy', async () => {
  const order: string[] = [];
  const witness: Analyzer<null> = {
    told: () => void order.push('told'),
    step: () => void order.push('step'),
    end: () => null,
  };
  class Buyer extends strategy() {
    override next() {
      order.push('next');
      if (this.data.length === 1) this.buy({ size: 1 });
    }
    override notifyOrder() {
      order.push('order');
    }
  }
  await backtest({ strategy: Buyer, data: data(10, 10), profile: profile(), analyzers: { witness } });
  expect(order).toEqual(['told', 'next', 'step', 'order', 'order', 'order', 'told', 'next', 'step']);
});

test('the returns of an account that has nothing left are -Infinity', async () => {
  class Short extends strategy() {
    override next() {
      if (this.data.length === 1) this.sell({ size: 100 });
    }
  }
  const { analyzers } = await backtest({
    strategy: Short,
    data: data(10, 10, 200),
    cash: 1000,
    profile: profile(),
    analyzers: { returns: backtraderAnalyzers.returns() },
  });
  const none = Number.NEGATIVE_INFINITY;
  expect(analyzers.returns).toEqual({ rtot: none, ravg: none, rnorm: none, rnorm100: none });
});
