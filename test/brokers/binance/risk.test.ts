import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, type RiskLimits, riskLimits } from '../../../src/brokers/binance/risk.ts';
import type { OrderTerms } from '../../../src/model/order.ts';
import { Bench, MINUTE, START, UNLIMITED } from './support/bench.ts';

function at100(limits: Partial<RiskLimits>): Bench {
  const bench = new Bench({ limits: { ...UNLIMITED, ...limits } });
  bench.step(100);
  return bench;
}

/** A bench with 1 BTC, bought at 100. */
function holding(limits: Partial<RiskLimits>): Bench {
  const bench = at100(limits);
  bench.order('buy', { size: 1 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
  bench.step(100);
  return bench;
}

const codeOf = (bench: Bench, id: number) => {
  bench.told();
  return bench.broker.orders.at(id - 1).reason?.code;
};

describe('an order beyond a limit is refused before it is sent', () => {
  test.each<[string, Partial<RiskLimits>, Partial<OrderTerms>, string]>([
    ['worth more than one may be', { maxOrderNotional: 99 }, { size: 1 }, 'RISK_ORDER_NOTIONAL'],
    [
      'worth more than one may be, in quote',
      { maxOrderNotional: 99 },
      { quote: 99.5 },
      'RISK_ORDER_NOTIONAL',
    ],
    [
      'worth more than one may be at its limit',
      { maxOrderNotional: 99 },
      { size: 1.1, limit: 95 },
      'RISK_ORDER_NOTIONAL',
    ],
    ['that makes the position too large', { maxPositionNotional: 99 }, { size: 1 }, 'RISK_POSITION'],
    ['far above the market', { maxPriceDistance: 0.05 }, { size: 1, limit: 106 }, 'RISK_PRICE_DISTANCE'],
    [
      'with a limit far beyond its stop',
      { maxPriceDistance: 0.05 },
      { size: 1, stop: 110, limit: 117 },
      'RISK_PRICE_DISTANCE',
    ],
  ])('%s', (_, limits, terms, code) => {
    const bench = at100(limits);
    const id = bench.order('buy', terms);
    expect(bench.wants()).toEqual([]);
    expect(codeOf(bench, id)).toBe(code);
  });

  test.each<[string, Partial<RiskLimits>, Partial<OrderTerms>]>([
    ['at the limit', { maxOrderNotional: 100, maxPositionNotional: 100 }, { size: 1 }],
    ['far below the market', { maxPriceDistance: 0.05 }, { size: 1, limit: 50 }],
    ['with a stop far away', { maxPriceDistance: 0.05 }, { size: 1, stop: 150 }],
  ])('but not one %s', (_, limits, terms) => {
    const bench = at100(limits);
    bench.order('buy', terms);
    expect(bench.commands()).toHaveLength(1);
  });

  test('far below the market, to sell', () => {
    const bench = holding({ maxPriceDistance: 0.05 });
    expect(codeOf(bench, bench.order('sell', { size: 1, limit: 94 }))).toBe('RISK_PRICE_DISTANCE');
  });

  test('what is under way counts for the position', () => {
    const bench = at100({ maxPositionNotional: 150 });
    bench.order('buy', { size: 1, limit: 99 });
    expect(codeOf(bench, bench.order('buy', { size: 1 }))).toBe('RISK_POSITION');
  });

  test('with too many open, exits not counted', () => {
    const bench = at100({ maxOpenOrders: 2 });
    bench.bracket({ size: 1, limit: 99 }, { stop: 90 }, { limit: 110 });
    bench.order('buy', { size: 1, limit: 98 });
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 97 }))).toBe('RISK_OPEN_ORDERS');
    expect(bench.commands()).toHaveLength(2);
  });

  test('with too many within a minute, and taken again after it', () => {
    const bench = at100({ maxOrdersPerMinute: 2 });
    for (const limit of [99, 98]) bench.order('buy', { size: 1, limit });
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 97 }))).toBe('RISK_ORDER_RATE');
    bench.step(100);
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 96 }))).toBeUndefined();
  });

  test('like one that was placed a moment before', () => {
    const bench = at100({ duplicateWindowMs: 2 * MINUTE });
    bench.order('buy', { size: 1, limit: 99 });
    bench.step(100);
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 99 }))).toBe('RISK_DUPLICATE');
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 98 }))).toBeUndefined();
    bench.step(100);
    expect(codeOf(bench, bench.order('buy', { size: 1, limit: 99 }))).toBeUndefined();
  });

  test('but never one that takes the position down', () => {
    const none = { maxOrderNotional: 100, maxPositionNotional: 100, maxOpenOrders: 1, maxOrdersPerMinute: 1 };
    const bench = holding({ ...none, duplicateWindowMs: MINUTE });
    bench.order('sell', { size: 1, reduce: true });
    expect(bench.wants()).toEqual(['SELL MARKET 1 protective']);
  });
});

describe('a session that has lost more in a UTC day than it may', () => {
  test('is halted: nothing is bought, exits are placed, close() is taken, and it says why', () => {
    const bench = holding({ maxDailyLoss: 5 });
    bench.step(94);
    expect(bench.broker.halted).toMatchObject({ code: 'RISK_DAILY_LOSS' });
    expect(codeOf(bench, bench.order('buy', { size: 1 }))).toBe('RISK_HALTED');
    bench.order('sell', { size: 1, reduce: true });
    expect(bench.wants()).toEqual(['SELL MARKET 1 protective']);
    expect(bench.broker.takeNotices().map(({ code }) => code)).toEqual(['HALTED']);
  });

  test('is so also when no order waits', () => {
    const bench = holding({ maxDailyLoss: 5 });
    expect(bench.broker.waiting).toBe(0);
    expect(bench.broker.watches).toBe(true);
  });

  test('trades again once it is resumed, and the loss counts from there', () => {
    const bench = holding({ maxDailyLoss: 5 });
    bench.step(94);
    bench.tell({ kind: 'resume', time: bench.time });
    expect(bench.broker.halted).toBeUndefined();
    bench.step(90);
    expect(bench.broker.halted).toBeUndefined();
    bench.step(88);
    expect(bench.broker.halted).toBeDefined();
  });

  test('begins anew with the next day', () => {
    const bench = holding({ maxDailyLoss: 5 });
    bench.step(96);
    while (bench.time < START + 24 * 60 * MINUTE) bench.step(96);
    bench.step(92);
    expect(bench.broker.halted).toBeUndefined();
    bench.step(90);
    expect(bench.broker.halted).toBeDefined();
  });
});

describe('halted', () => {
  test('an entry that is executed further is protected, and what was left of it is not placed again', () => {
    const bench = at100({});
    bench.bracket({ size: 1, limit: 99 }, { stop: 95 });
    bench.commands();
    bench.tell({ kind: 'halt', time: bench.time, code: 'KILL', message: 'somebody has said so' });
    bench.report(bench.id('LIMIT'), 'PARTIALLY_FILLED', { quantity: '0.5', price: '99' });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(bench.id('LIMIT'), 'CANCELED');
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 0.5 stop 95 protective']);
    bench.told();
    expect(bench.broker.orders.at(0)).toMatchObject({
      status: 'canceled',
      filled: 0.5,
      reason: { code: 'RISK_HALTED' },
    });
  });

  test('orders may be cancelled', () => {
    const bench = at100({});
    const id = bench.order('buy', { size: 1, limit: 99 });
    bench.commands();
    bench.tell({ kind: 'halt', time: bench.time, code: 'KILL', message: 'somebody has said so' });
    bench.cancel(id);
    expect(bench.wants()).toEqual(['cancel']);
  });
});

describe('limits', () => {
  test('are small unless somebody says otherwise', () => {
    expect(riskLimits(['USDT'])).toEqual(DEFAULT_LIMITS);
    expect(riskLimits(['USDT'], { maxDailyLoss: 500 })).toEqual({ ...DEFAULT_LIMITS, maxDailyLoss: 500 });
  });

  test('in a quote that is worth something else than a dollar have to be given', () => {
    expect(() => riskLimits(['BTC'])).toThrow(expect.objectContaining({ code: 'RISK_LIMIT_MISSING' }));
    const given = { maxOrderNotional: 0.01, maxPositionNotional: 0.02, maxDailyLoss: 0.001 };
    expect(riskLimits(['BTC'], given)).toMatchObject(given);
  });

  test.each([-1, Number.NaN, '5'])('%s is none', value => {
    expect(() => riskLimits(['USDT'], { maxDailyLoss: value as number })).toThrow(
      expect.objectContaining({ code: 'RISK_LIMIT_INVALID' }),
    );
  });
});
