import { sma, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { SimulatedBroker } from '../../src/brokers/simulated/broker.ts';
import { Strategy } from '../../src/engine/strategy.ts';
import { closes } from '../support/bars.ts';
import { engineRun } from '../support/engine-run.ts';

test('cash and value are told in every step after its orders and trades, also while lines have no value', async () => {
  const told: string[] = [];
  class Told extends strategy() {
    average = sma(this.data.close, 3);
    override prenext() {
      told.push('prenext');
      if (this.data.length === 1) this.buy({ size: 10 });
    }
    next() {
      told.push('next');
    }
    override notifyOrder() {
      told.push('order');
    }
    override notifyTrade() {
      told.push('trade');
    }
    override notifyCashValue(cash: number, value: number) {
      told.push(`${cash} ${value}`);
    }
  }
  await engineRun(Told, closes([10, 11, 12, 13], [10, 10, 12, 12]));
  expect(told).toEqual([
    '1000 1000',
    'prenext',
    ...['order', 'order', 'order', 'trade', '900 1010', 'prenext'],
    ...['900 1020', 'next', '900 1030', 'next'],
  ]);
});

test('as a fund, what is added and taken changes the number of shares and not their worth', async () => {
  const told: number[][] = [];
  class Fund extends strategy() {
    next() {
      const { length } = this.data;
      if (length === 1) this.buy({ size: 10 });
      if (length === 2) this.addCash(500);
      if (length === 4) this.addCash(-200);
    }
    override notifyFund(...values: [number, number, number, number]) {
      told.push(values);
    }
  }
  await engineRun(Fund, closes([30, 33, 33, 36, 36], [30, 30, 33, 33, 36]));
  // Bought at 30: 700 of cash. The 500 come in at 103 a share, the 200 go at what a share is worth then.
  const shares = 10 + 500 / 103;
  const worth = 1560 / shares;
  expect(told.map(([cash]) => cash)).toEqual([1000, 700, 1200, 1200, 1000]);
  expect(told.map(([, value]) => value)).toEqual([1000, 1030, 1530, 1560, 1360]);
  for (const [i, expected] of [10, 10, shares, shares, shares - 200 / worth].entries())
    expect(told[i]![3]).toBeCloseTo(expected, 12);
  for (const [i, expected] of [100, 103, 103, worth, worth].entries())
    expect(told[i]![2]).toBeCloseTo(expected, 12);
});

test('a strategy that overrides no notification is not told of anything', async () => {
  class Silent extends strategy() {
    next() {
      if (this.data.length === 1) this.buy({ size: 1 });
      else this.close();
    }
  }
  const { prototype } = Strategy;
  const names = ['notifyOrder', 'notifyTrade', 'notifyCashValue', 'notifyFund', 'notifyTimer'] as const;
  const kept = names.map(name => prototype[name]);
  const called: string[] = [];
  for (const name of names) prototype[name] = () => called.push(name);
  try {
    await engineRun(Silent, closes([10, 11, 12, 13]));
  } finally {
    for (const [i, name] of names.entries()) prototype[name] = kept[i] as never;
  }
  expect(called).toEqual([]);
});

test('at the open, whether lines have values goes by the step before', async () => {
  class Cheating extends SimulatedBroker {
    override readonly cheatsOnOpen = true;
  }
  const told: string[] = [];
  class Opens extends strategy() {
    average = sma(this.data.close, 2);
    override prenextOpen() {
      told.push(`${this.data.length} prenextOpen`);
    }
    override nextstartOpen() {
      told.push(`${this.data.length} nextstartOpen`);
      this.nextOpen();
    }
    override nextOpen() {
      told.push(`${this.data.length} nextOpen`);
    }
    next() {
      told.push(`${this.data.length} next`);
    }
  }
  await engineRun(Opens, closes([1, 2, 3, 4]), { broker: Cheating });
  expect(told).toEqual([
    '1 prenextOpen',
    '2 prenextOpen',
    '2 next',
    '3 nextstartOpen',
    '3 nextOpen',
    '3 next',
    '4 nextOpen',
    '4 next',
  ]);
});
