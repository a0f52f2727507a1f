import { describe, expect, test } from 'vitest';
import { BinanceBroker } from '../../../src/brokers/binance/broker.ts';
import { clientOrderId } from '../../../src/brokers/binance/identity.ts';
import { Bench, UNLIMITED } from './support/bench.ts';
import { BTC, symbolTerms } from './support/symbol.ts';

function sent(terms: object = { size: 1, limit: 99 }): Bench {
  const bench = new Bench();
  bench.step(100);
  bench.order('buy', terms);
  bench.commands();
  bench.told();
  return bench;
}

const states = (bench: Bench) =>
  [...bench.broker.known()].map(({ state, missesTrades }) => `${state} ${missesTrades}`);

describe('an order has ended', () => {
  test('only when all executions that it has had are known', () => {
    const bench = sent();
    const id = bench.id('LIMIT');
    bench.report(id, 'CANCELED', undefined, { executed: '0.6' });
    expect(states(bench)).toEqual(['alive true']);
    expect(bench.told()).toEqual(['1 accepted']);
    bench.report(id, 'PARTIALLY_FILLED', { quantity: '0.2', price: '99' }, { executed: '0.2' });
    expect(states(bench)).toEqual(['alive true']);
    bench.report(id, 'PARTIALLY_FILLED', { quantity: '0.4', price: '99' }, { executed: '0.6' });
    expect(states(bench)).toEqual(['ended false']);
    expect(bench.told()).toEqual(['1 partial', '1 partial', '1 canceled']);
    expect(bench.broker.orders.at(0)).toMatchObject({ filled: 0.6, reason: { code: 'CANCELED_OUTSIDE' } });
  });

  test('and stays so, whatever is told late', () => {
    const bench = sent();
    const id = bench.id('LIMIT');
    bench.report(id, 'FILLED', { quantity: '1', price: '99' });
    bench.report(id, 'NEW', undefined, { executed: '0' });
    bench.report(id, 'PARTIALLY_FILLED', undefined, { executed: '0.5' });
    expect(states(bench)).toEqual(['ended false']);
    expect(bench.told()).toEqual(['1 accepted', '1 completed']);
  });

  test('completed, when it was filled before its cancel arrived', () => {
    const bench = sent();
    bench.cancel(1);
    bench.commands();
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '99' });
    expect(bench.told()).toEqual(['1 accepted', '1 completed']);
  });
});

describe('an execution', () => {
  test('counts once, however often it is told', () => {
    const bench = sent();
    const report = bench.report(bench.id('LIMIT'), 'PARTIALLY_FILLED', { quantity: '0.4', price: '99' });
    bench.tell(report);
    bench.tell(report);
    expect(bench.broker.account.sizes[0]).toBe(0.4);
    expect(bench.told()).toEqual(['1 accepted', '1 partial']);
  });

  test('is booked at its price, the order at the average', () => {
    const bench = sent();
    bench.report(bench.id('LIMIT'), 'PARTIALLY_FILLED', { quantity: '0.4', price: '98', maker: true });
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '0.6', price: '99', maker: true });
    bench.told();
    expect(bench.broker.orders.at(0)).toMatchObject({ filled: 1, price: 98.6, maker: true });
    expect(bench.broker.account.cash).toBeCloseTo(10_000 - 98.6, 9);
  });

  test.each([
    ['in base makes the position smaller', 'BTC', '0.001', 99, 0.999, 10_000 - 99, 0.099, 'base'],
    ['in quote is taken from the cash', 'USDT', '0.099', 1, 1, 10_000 - 99 - 0.099, 0.099, 'quote'],
    ['in another asset is taken by its value', 'BNB', '0.0002', 500, 1, 10_000 - 99 - 0.1, 0.1, 'quote'],
  ])('with its fee %s', (_, asset, commission, unit, size, cash, fee, feeAsset) => {
    const bench = sent();
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '99', commission, asset, unit });
    const { account } = bench.broker;
    expect(account.sizes[0]).toBe(size);
    expect(account.cash).toBeCloseTo(cash, 9);
    expect(account.fills.at(0).fee).toBeCloseTo(fee, 12);
    expect(account.fills.at(0).feeAsset).toBe(feeAsset);
  });

  test('belongs to the bar that it is in, also when it is told after it', () => {
    const bench = sent();
    bench.step(99);
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '99' }, { time: bench.time - 1 });
    bench.order('sell', { size: 1, reduce: true });
    bench.commands();
    bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '99' });
    expect(bench.broker.account.trades.at(0).bars).toBe(1);
  });

  test('of an order of somebody else is nobody’s here', () => {
    const bench = sent();
    const { broker } = bench;
    const other = new Bench({ session: 'other' });
    other.step(100);
    other.order('buy', { size: 1 });
    other.commands();
    broker.take(other.report(other.id('MARKET'), 'FILLED', { quantity: '1', price: '100' }));
    expect(broker.account.sizes[0]).toBe(0);
    expect(broker.foreignReports).toBe(1);
  });
});

describe('an order that was given up and exists after all', () => {
  test('is cancelled; what was executed is booked, told and said', () => {
    const bench = sent();
    const id = bench.id('LIMIT');
    bench.refuse(id, 'nobody has heard of it', 'NOT_FOUND_FINAL');
    expect(bench.told()).toEqual(['1 rejected']);
    expect(bench.broker.account.freeCash).toBe(10_000);
    bench.report(id, 'PARTIALLY_FILLED', { quantity: '0.4', price: '99' });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(id, 'CANCELED');
    expect(bench.told()).toEqual(['1 accepted', '1 partial', '1 canceled']);
    expect(bench.broker.account.sizes[0]).toBe(0.4);
    expect(bench.broker.takeNotices().map(({ code }) => code)).toEqual(['LATE_ORDER']);
    expect(bench.broker.waiting).toBe(0);
  });

  test('has its exits, too', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1 }, { stop: 95 }, { limit: 110 });
    bench.commands();
    const id = bench.id('MARKET');
    bench.refuse(id, 'nobody has heard of it', 'NOT_FOUND_FINAL');
    bench.step(100);
    expect([...bench.broker.orders].map(({ status }) => status)).toEqual([
      'rejected',
      'canceled',
      'canceled',
    ]);
    bench.report(id, 'FILLED', { quantity: '1', price: '100' });
    expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective']);
    bench.step(100);
    expect([...bench.broker.orders].map(({ status }) => status)).toEqual([
      'completed',
      'accepted',
      'accepted',
    ]);
  });

  test('is not believed to be refused once it was heard of', () => {
    const bench = sent();
    bench.report(bench.id('LIMIT'), 'NEW');
    bench.refuse(bench.id('LIMIT'), 'nobody has heard of it', 'NOT_FOUND_FINAL');
    expect(states(bench)).toEqual(['alive false']);
    expect(bench.broker.takeNotices().map(({ code }) => code)).toEqual(['REFUSAL_CONTRADICTED']);
  });
});

test('of a pair whose limit order was executed in part, the rest has its stop again', () => {
  const bench = new Bench();
  bench.step(100);
  bench.bracket({ size: 1 }, { stop: 95 }, { limit: 110 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
  bench.commands();
  const [limit, stop] = [bench.id('LIMIT_MAKER'), bench.id('STOP_LOSS')];
  bench.report(stop, 'EXPIRED');
  bench.report(limit, 'PARTIALLY_FILLED', { quantity: '0.4', price: '110', maker: true });
  expect(bench.wants()).toEqual(['cancelList']);
  bench.report(limit, 'CANCELED');
  expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 0.6 at 110 | SELL STOP_LOSS 0.6 stop 95 protective']);
  bench.report(bench.id('LIMIT_MAKER'), 'EXPIRED');
  bench.report(bench.id('STOP_LOSS'), 'FILLED', { quantity: '0.6', price: '95' });
  bench.step(95);
  expect([...bench.broker.orders].map(({ status, filled }) => `${status} ${filled}`)).toEqual([
    ...['completed 1', 'completed 0.6', 'canceled 0.4'],
  ]);
});

test('a cancel that shows no effect is asked for again', () => {
  const bench = sent();
  bench.cancel(1);
  expect(bench.wants()).toEqual(['cancel']);
  bench.step(100);
  expect(bench.wants()).toEqual(['cancel']);
});

test('less than an order can sell is told as dust', () => {
  const bench = sent({ size: 1 });
  bench.report(bench.id('MARKET'), 'FILLED', {
    quantity: '1',
    price: '100',
    commission: '0.00075',
    asset: 'BTC',
  });
  bench.step(100);
  bench.order('sell', { size: 0.99925, reduce: true });
  bench.commands();
  bench.report(bench.id('MARKET', 'SELL'), 'FILLED', { quantity: '0.999', price: '101' });
  expect(bench.broker.takeNotices()).toMatchObject([
    { code: 'DUST', message: expect.stringContaining('0.00025 BTC') },
  ]);
});

describe('ids', () => {
  test('follow from session, order, role and attempt, and fit the exchange', () => {
    const ids = new Set<string>();
    for (const session of ['a', 'b']) {
      for (let order = 1; order <= 100; order++) {
        for (const role of ['order', 'list'] as const) {
          for (let attempt = 0; attempt < 10; attempt++)
            ids.add(clientOrderId(session, order, role, attempt));
        }
      }
    }
    expect(ids.size).toBe(4000);
    for (const id of ids) expect(id).toMatch(/^q[0-9bcdfghjklmnpqrstvwxyz_]{32}$/);
    expect(clientOrderId('a', 1, 'order', 0)).toBe(clientOrderId('a', 1, 'order', 0));
  });
});

describe('a broker is not made', () => {
  const good = { instruments: [BTC], symbols: [symbolTerms()], cash: 100, session: 's', limits: UNLIMITED };
  test.each([
    ['without cash', { cash: 0 }, 'CASH_INVALID'],
    ['for perpetuals', { instruments: [{ ...BTC, market: 'usdm' as const }] }, 'MARKET_UNSUPPORTED'],
    ['without the exchange’s terms', { symbols: [] }, 'SYMBOL_TERMS_MISSING'],
    ['with a collar of nothing', { stopCollar: 0 }, 'COLLAR_INVALID'],
    ['with fees in per cent', { fees: { maker: 1, taker: 1, in: 'base' as const } }, 'FEES_INVALID'],
  ])('%s', (_, wrong, code) => {
    expect(() => new BinanceBroker({ ...good, ...wrong })).toThrow(expect.objectContaining({ code }));
  });
});
