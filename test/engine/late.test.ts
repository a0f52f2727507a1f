import { type Order, type Strategy, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { SimulatedRun } from '../../src/backtest/run.ts';
import { silentFeed } from '../../src/live/inputs.ts';
import type { Market } from '../../src/model/instrument.ts';
import { instrument } from '../../src/model/instrument.ts';
import { closes } from '../support/bars.ts';

/** Gives bars one by one, those after the second late, and returns the orders with `plan[bar]` done at each. */
function orders(market: Market, plan: Record<number, (self: Strategy) => void>): Order[] {
  class Planned extends strategy() {
    next() {
      plan[this.data.length - 1]?.(this);
    }
  }
  const terms = {
    instrument: instrument('BTCUSDT', { market }),
    interval: '1m',
    stamps: 'open',
    columns: [],
  };
  const { engine, broker } = new SimulatedRun([silentFeed(terms as never)], { strategy: Planned });
  const columns = closes([100, 100, 100, 100, 100]);
  for (let row = 0; row < 5; row++) {
    const cut = (values: Float64Array) => values.slice(row, row + 1);
    const { time, open, high, low, close, volume } = columns;
    const bars = {
      length: 1,
      time: cut(time),
      open: cut(open),
      high: cut(high),
      low: cut(low),
      close: cut(close),
      volume: cut(volume),
      extra: {},
    };
    engine.take(0, { kind: 'bars', bars, phase: 'run', late: row >= 2 });
    engine.step();
  }
  engine.finish();
  return [...broker.orders];
}

const ends = (all: Order[]) => all.map(({ status, reason }) => `${status} ${reason?.code ?? ''}`.trim());

test('on a late bar nothing is bought, at the market or at a limit, and the reason says which bar', () => {
  const all = orders('spot', {
    2: self => {
      self.buy({ size: 1 });
      self.buy({ size: 1, limit: 90 });
      self.buy();
    },
  });
  expect(ends(all)).toEqual(['rejected LATE_BAR', 'rejected LATE_BAR', 'rejected LATE_BAR']);
  expect(all[0]!.reason?.message).toBe(
    'the bar of 2024-01-01T00:02:00.000Z came late, and no position is opened on one: wait for the next bar',
  );
});

test('on a late bar a position may be closed, in whole or in part', () => {
  const all = orders('spot', {
    0: self => self.buy({ size: 3 }),
    2: self => {
      self.sell({ size: 1 });
      self.close();
    },
  });
  expect(ends(all)).toEqual(['completed', 'completed', 'completed']);
});

test('on a late bar an order that would go through the position is refused', () => {
  const all = orders('usdm', {
    0: self => self.sell({ size: 3 }),
    2: self => {
      self.buy({ size: 4 });
      self.buy({ size: 3 });
    },
    4: self => self.sell({ size: 1 }),
  });
  expect(ends(all)).toEqual(['completed', 'rejected LATE_BAR', 'completed', 'rejected LATE_BAR']);
});
