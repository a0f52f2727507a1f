import { instrument } from 'qt-trader';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedBroker } from '../../src/brokers/simulated/broker.ts';
import { percentCommission } from '../../src/brokers/simulated/commission.ts';
import type { Bars } from '../../src/model/bars.ts';
import type { TimeInForce } from '../../src/model/order.ts';
import { emptyTerms } from '../../src/model/order-terms.ts';

/** A broker on one instrument whose bars last a minute and begin at 0, and what may be said to it. */
class Desk {
  readonly broker: SimulatedBroker;
  /** Number of the bar that closed last. */
  closed = 9;

  constructor() {
    const instruments = [instrument('BTCUSDT')];
    this.broker = new SimulatedBroker({ instruments, cash: 10_000, commission: percentCommission(0) });
  }

  /** Places an order at `time`; one from within a bar is one that another feed's step gave rise to. */
  place(
    side: 'buy' | 'sell',
    time: number,
    { size = 1, limit = Number.NaN, force = 'GTC' as TimeInForce, within = false } = {},
  ): number {
    const notBefore = within ? time : Number.NEGATIVE_INFINITY;
    const { orders } = this.broker;
    const type = Number.isNaN(limit) ? ('market' as const) : ('limit' as const);
    const terms = {
      ...emptyTerms(),
      side,
      type,
      size,
      limit,
      timeInForce: force,
      createdAt: time,
      notBefore,
    };
    const id = orders.add(terms);
    this.broker.submit(id);
    return id;
  }

  /** The bar after the last closed one shows `[open, high, low, close]` at `time`. */
  show(time: number, [open, high, low, close]: readonly number[]): void {
    const bar = { time: (this.closed + 1) * 60_000, open, high, low, close, volume: 1 };
    this.broker.offerForming(0, bar, time, this.closed + 1);
    this.broker.match();
  }

  /** The bar after the last closed one closes as `[open, high, low, close]`. */
  close([open, high, low, close]: readonly number[]): void {
    const openTime = ++this.closed * 60_000;
    const column = (value: number) => Float64Array.of(value);
    const bars: Bars = {
      length: 1,
      time: column(openTime),
      open: column(open),
      high: column(high),
      low: column(low),
      close: column(close),
      volume: column(1),
      extra: {},
    };
    this.broker.offer(0, bars, 0, openTime, openTime + 60_000, this.closed);
    this.broker.match();
  }

  /** Fills so far as `id price time maker|taker`. */
  get fills(): string[] {
    return [...this.broker.account.fills].map(
      ({ orderId, price, time, maker }) => `${orderId} ${price} ${time} ${maker ? 'maker' : 'taker'}`,
    );
  }

  /** Statuses and reasons of all orders once all events are applied. */
  get ends(): string[] {
    const { events, orders } = this.broker;
    for (let i = 0; i < events.length; i++) events.apply(i, orders);
    events.drop(events.length);
    return [...orders].map(
      ({ status, reason }) => `${status}${reason === undefined ? '' : ` ${reason.code}`}`,
    );
  }
}

/** Close of bar 9, when the orders below are placed. */
const CLOSE = 600_000;

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('a market order', () => {
  test('fills at the last price of the first revision after it, at its time', () => {
    desk.place('buy', CLOSE);
    desk.show(CLOSE + 2000, [100, 103, 99, 102]);
    expect(desk.fills).toEqual([`1 102 ${CLOSE + 2000} taker`]);
  });

  test('without a revision before the bar has closed fills at its open, as in history', () => {
    desk.place('buy', CLOSE);
    desk.close([100, 103, 99, 102]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE} taker`]);
  });

  test('is not filled by a revision from before it', () => {
    desk.place('buy', CLOSE);
    desk.show(CLOSE - 1, [100, 101, 100, 101]);
    expect(desk.fills).toEqual([]);
    desk.show(CLOSE, [100, 102, 100, 102]);
    expect(desk.fills).toEqual([`1 102 ${CLOSE} taker`]);
  });

  test('placed within a bar never fills at that bar’s open', () => {
    desk.place('buy', CLOSE + 3000, { within: true });
    desk.close([100, 110, 100, 110]);
    expect(desk.fills).toEqual([]);
    desk.close([111, 112, 111, 112]);
    expect(desk.fills).toEqual([`1 111 ${CLOSE + 60_000} taker`]);
  });

  test('is cancelled by the first revision at or after the cancel', () => {
    const id = desk.place('buy', CLOSE);
    desk.broker.cancel(id, CLOSE + 1000);
    desk.show(CLOSE + 1000, [100, 100, 100, 100]);
    expect(desk.ends).toEqual(['canceled']);
    expect(desk.fills).toEqual([]);
  });
});

describe('a limit order', () => {
  test('that the first revision meets is filled at its last price, as a taker', () => {
    desk.place('buy', CLOSE, { limit: 100 });
    desk.show(CLOSE + 2000, [101, 101, 98, 99]);
    expect(desk.fills).toEqual([`1 99 ${CLOSE + 2000} taker`]);
  });

  test('that the first revision’s last price does not meet rests, and fills at its limit when touched', () => {
    desk.place('buy', CLOSE, { limit: 100 });
    desk.show(CLOSE + 2000, [101, 102, 101, 102]);
    expect(desk.fills).toEqual([]);
    desk.show(CLOSE + 4000, [101, 102, 99, 101]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 4000} maker`]);
  });

  test('placed at a bar’s close is touched by the next bar’s first revision as by the bar', () => {
    desk.place('buy', CLOSE, { limit: 100 });
    desk.show(CLOSE + 2000, [101, 102, 99, 102]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 2000} maker`]);
  });

  test('is not touched by a low that had been seen before it was placed', () => {
    desk.show(CLOSE + 2000, [101, 102, 98, 102]);
    desk.place('buy', CLOSE + 3000, { limit: 100, within: true });
    desk.show(CLOSE + 4000, [101, 102, 98, 101]);
    expect(desk.fills).toEqual([]);
    desk.close([101, 102, 98, 102]);
    expect(desk.fills).toEqual([]);
  });

  test('is touched by a low beyond the one that had been seen, also at the close', () => {
    desk.show(CLOSE + 2000, [101, 102, 98, 102]);
    desk.place('buy', CLOSE + 3000, { limit: 100, within: true });
    desk.show(CLOSE + 4000, [101, 102, 98, 101]);
    desk.close([101, 102, 97, 102]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 60_000} maker`]);
  });

  test('is touched by a last price beyond it, however far the bar had gone before', () => {
    desk.show(CLOSE + 2000, [101, 102, 90, 102]);
    desk.place('buy', CLOSE + 3000, { limit: 100, within: true });
    desk.show(CLOSE + 4000, [101, 102, 90, 101]);
    desk.show(CLOSE + 6000, [101, 102, 90, 95]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 6000} maker`]);
  });

  test('placed within a bar is not touched by the range of the first revision, which may be older', () => {
    desk.place('buy', CLOSE + 3000, { limit: 100, within: true });
    desk.show(CLOSE + 4000, [101, 102, 98, 101]);
    expect(desk.fills).toEqual([]);
    desk.show(CLOSE + 6000, [101, 102, 97, 101]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 6000} maker`]);
  });

  test('to sell is touched by highs in the same way', () => {
    desk.place('buy', CLOSE);
    desk.show(CLOSE + 2000, [100, 105, 100, 100]);
    desk.place('sell', CLOSE + 3000, { limit: 104, within: true });
    desk.show(CLOSE + 4000, [100, 105, 100, 103]);
    expect(desk.fills.length).toBe(1);
    desk.show(CLOSE + 6000, [100, 106, 100, 103]);
    expect(desk.fills[1]).toBe(`2 104 ${CLOSE + 6000} maker`);
  });

  test('is not filled at the close by an open from before it was placed', () => {
    desk.show(CLOSE + 2000, [90, 102, 90, 102]);
    desk.place('buy', CLOSE + 3000, { limit: 100, within: true });
    desk.show(CLOSE + 4000, [90, 102, 90, 101]);
    desk.close([90, 102, 90, 102]);
    expect(desk.fills).toEqual([]);
  });

  test('rests over the close: the next bar’s range is new again', () => {
    desk.place('buy', CLOSE, { limit: 100 });
    desk.show(CLOSE + 2000, [102, 102, 101, 102]);
    desk.close([102, 102, 101, 102]);
    desk.show(CLOSE + 62_000, [102, 102, 99, 101]);
    expect(desk.fills).toEqual([`1 100 ${CLOSE + 62_000} maker`]);
  });

  test.each(['IOC', 'FOK'] as const)('%s expires at the first revision that does not meet it', force => {
    desk.place('buy', CLOSE, { limit: 100, force });
    desk.show(CLOSE + 2000, [101, 101, 99, 101]);
    expect(desk.ends).toEqual([`expired ${force}_NOT_FILLED`]);
    expect(desk.fills).toEqual([]);
  });

  test('gives back what it reserves as soon as it is cancelled', () => {
    const id = desk.place('buy', CLOSE, { size: 90, limit: 100 });
    expect(desk.broker.account.freeCash).toBe(1000);
    desk.broker.cancel(id, CLOSE);
    expect(desk.broker.account.freeCash).toBe(10_000);
    desk.show(CLOSE + 2000, [101, 101, 99, 99]);
    expect(desk.ends).toEqual(['canceled']);
  });
});

test('the same prices fill the same orders at the same prices, bar by bar or revision by revision', () => {
  const run = (live: boolean) => {
    const one = new Desk();
    one.closed = 8;
    one.place('buy', CLOSE - 60_000);
    one.close([100, 100, 100, 100]);
    for (const [side, limit] of [
      ['buy', Number.NaN],
      ['buy', 101],
      ['buy', 97],
      ['buy', 96],
      ['sell', 104],
    ] as const) {
      one.place(side, CLOSE, { limit });
    }
    if (live) {
      one.show(CLOSE, [100, 100, 100, 100]);
      one.show(CLOSE + 2000, [100, 104.5, 100, 104]);
      one.show(CLOSE + 4000, [100, 104.5, 96.5, 98]);
    }
    one.close([100, 104.5, 96.5, 98]);
    return [...one.broker.account.fills].map(({ orderId, price, maker }) => [orderId, price, maker]).sort();
  };
  expect(run(true)).toEqual(run(false));
  expect(run(false).length).toBe(5);
});

test('revisions that come between two matches are matched one after the other', () => {
  desk.place('buy', CLOSE, { limit: 100 });
  desk.broker.offerForming(
    0,
    { time: CLOSE, open: 101, high: 101, low: 101, close: 101, volume: 1 },
    CLOSE,
    10,
  );
  desk.broker.offerForming(
    0,
    { time: CLOSE, open: 101, high: 101, low: 99, close: 99, volume: 1 },
    CLOSE + 1,
    10,
  );
  expect(desk.fills).toEqual([]);
  desk.broker.match();
  expect(desk.fills).toEqual([`1 100 ${CLOSE + 1} maker`]);
});
