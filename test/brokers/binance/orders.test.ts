import { describe, expect, test } from 'vitest';
import { Bench, type BenchOptions } from './support/bench.ts';

/** A bench at 100 with 1 BTC bought, and all of that told. */
function holding(options: BenchOptions = {}): Bench {
  const bench = new Bench(options);
  bench.step(100);
  bench.order('buy', { size: 1 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
  bench.step(100);
  return bench;
}

describe('an order without a family', () => {
  test.each([
    ['at the market', { size: 0.5 }, 'BUY MARKET 0.5'],
    ['at the market for an amount of quote', { quote: 123.456 }, 'BUY MARKET for 123.456'],
    ['at a limit', { size: 0.5, limit: 99.999 }, 'BUY LIMIT 0.5 at 99.99 GTC'],
    ['at a limit for an amount of quote', { quote: 50, limit: 99 }, 'BUY LIMIT 0.505 at 99 GTC'],
    [
      'at a limit at once',
      { size: 0.5, limit: 101, timeInForce: 'IOC' as const },
      'BUY LIMIT 0.5 at 101 IOC',
    ],
    [
      'at a limit at once or not',
      { size: 0.5, limit: 101, timeInForce: 'FOK' as const },
      'BUY LIMIT 0.5 at 101 FOK',
    ],
    ['that only rests', { size: 0.5, limit: 99, postOnly: true }, 'BUY LIMIT_MAKER 0.5 at 99'],
    ['with a stop', { size: 0.5, stop: 105.001 }, 'BUY STOP_LOSS 0.5 stop 105.01'],
    [
      'with a stop and a limit',
      { size: 0.5, stop: 105, limit: 106 },
      'BUY STOP_LOSS_LIMIT 0.5 at 106 stop 105 GTC',
    ],
    ['with a stop for an amount of quote', { quote: 100, stop: 104.991 }, 'BUY STOP_LOSS 0.952 stop 105'],
    [
      'with a stop and a limit for an amount of quote',
      { quote: 100, stop: 104, limit: 105 },
      'BUY STOP_LOSS_LIMIT 0.952 at 105 stop 104 GTC',
    ],
    [
      'that trails for an amount of quote',
      { quote: 100, trailPercent: 0.05 },
      'BUY STOP_LOSS 0.952 trail 500',
    ],
    ['that trails by whole basis points', { size: 0.5, trailPercent: 0.05 }, 'BUY STOP_LOSS 0.5 trail 500'],
    ['that trails by an amount', { size: 0.5, trailAmount: 2 }, 'BUY STOP_LOSS 0.5 stop 102'],
    [
      'that trails by a part of a basis point',
      { size: 0.5, trailPercent: 0.050001 },
      'BUY STOP_LOSS 0.5 stop 105.01',
    ],
    [
      'that trails from a price',
      { size: 0.5, trailPercent: 0.05, stop: 102 },
      'BUY STOP_LOSS 0.5 stop 107.1',
    ],
    [
      'that trails by more than the exchange takes',
      { size: 0.5, trailPercent: 0.25 },
      'BUY STOP_LOSS 0.5 stop 125',
    ],
    [
      'that trails with a limit',
      { size: 0.5, trailAmount: 2, limit: 103 },
      'BUY STOP_LOSS_LIMIT 0.5 at 103 stop 102 GTC',
    ],
  ])('%s', (_, terms, command) => {
    const bench = new Bench();
    bench.step(100);
    bench.order('buy', terms);
    expect(bench.wants()).toEqual([command]);
  });

  test.each([
    ['a sale at the market', { size: 0.5 }, 'SELL MARKET 0.5'],
    ['a sale at a limit goes up to the tick', { size: 0.5, limit: 101.001 }, 'SELL LIMIT 0.5 at 101.01 GTC'],
    [
      'a stop to sell protects, and goes down to the tick',
      { size: 1, stop: 95.009 },
      'SELL STOP_LOSS 1 stop 95 protective',
    ],
    ['a sale of close() protects', { size: 1, reduce: true }, 'SELL MARKET 1 protective'],
    ['a sale of close() takes what is there', { size: 3, reduce: true }, 'SELL MARKET 1 protective'],
  ])('%s', (_, terms, command) => {
    const bench = holding();
    bench.order('sell', terms);
    expect(bench.wants()).toEqual([command]);
  });

  test('a stop is a stop-limit with a collar where the exchange has no stops at the market', () => {
    const orderTypes = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT'] as const;
    const bench = holding({ terms: { orderTypes }, stopCollar: 0.02 });
    bench.order('sell', { size: 1, stop: 95 });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS_LIMIT 1 at 93.1 stop 95 GTC protective']);
  });

  test('an amount of quote is a size where the exchange takes none', () => {
    const bench = new Bench({ terms: { quoteQuantityAllowed: false } });
    bench.step(100);
    bench.order('buy', { quote: 123.456 });
    expect(bench.wants()).toEqual(['BUY MARKET 1.234']);
  });

  test('an amount of quote buys less where a stop may fill beyond its trigger', () => {
    const bench = new Bench({ terms: { orderTypes: ['LIMIT', 'MARKET', 'STOP_LOSS_LIMIT'] } });
    bench.step(100);
    bench.order('buy', { quote: 100, stop: 105 });
    expect(bench.wants()).toEqual(['BUY STOP_LOSS_LIMIT 0.933 at 107.1 stop 105 GTC']);
  });

  test('an amount of quote leaves room for a fee that is not taken off what is bought', () => {
    const bench = new Bench({ fees: { maker: 0.25, taker: 0.25, in: 'other' } });
    bench.step(100);
    bench.order('buy', { quote: 125 });
    expect(bench.wants()).toEqual(['BUY MARKET for 100']);
  });

  test('placed and cancelled in one step is never sent', () => {
    const bench = new Bench();
    bench.step(100);
    bench.cancel(bench.order('buy', { size: 1, limit: 99 }));
    expect(bench.wants()).toEqual([]);
    expect(bench.step(100)).toEqual(['1 submitted', '1 canceled']);
  });
});

describe('a pair of orders of which one cancels the other', () => {
  test('is an order list, the one above the price first', () => {
    const bench = holding();
    const ocoId = bench.order('sell', { size: 1, stop: 95 });
    bench.order('sell', { size: 1, limit: 110, ocoId });
    expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective']);
    expect(bench.broker.account.freeSize(0)).toBe(0);
  });

  test('of purchases has the stop above', () => {
    const bench = new Bench();
    bench.step(100);
    const ocoId = bench.order('buy', { size: 1, limit: 90 });
    bench.order('buy', { size: 1, stop: 110, ocoId });
    expect(bench.wants()).toEqual(['oco: BUY STOP_LOSS 1 stop 110 | BUY LIMIT_MAKER 1 at 90']);
  });

  test('that is made of an order at the exchange waits until that is gone', () => {
    const bench = holding();
    const ocoId = bench.order('sell', { size: 1, stop: 95 });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 1 stop 95 protective']);
    const stop = bench.id('STOP_LOSS');
    bench.report(stop, 'NEW');
    bench.order('sell', { size: 1, limit: 110, ocoId });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(stop, 'CANCELED');
    expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective']);
  });

  test('ends with the execution of one', () => {
    const bench = holding();
    const ocoId = bench.order('sell', { size: 1, stop: 95 });
    bench.order('sell', { size: 1, limit: 110, ocoId });
    bench.commands();
    bench.report(bench.id('LIMIT_MAKER'), 'NEW');
    bench.report(bench.id('STOP_LOSS'), 'NEW');
    bench.report(bench.id('STOP_LOSS'), 'EXPIRED');
    bench.report(bench.id('LIMIT_MAKER'), 'FILLED', { quantity: '1', price: '110', maker: true });
    expect(bench.step(110)).toEqual([
      ...['2 submitted', '3 submitted', '3 accepted', '2 accepted', '3 completed', '2 canceled'],
    ]);
    expect(bench.broker.account.cash).toBe(10_010);
    expect(bench.broker.waiting).toBe(0);
  });
});

describe('an entry with exits', () => {
  const entry = { size: 1, limit: 99 };
  const [stop, target] = [{ stop: 95 }, { limit: 110 }];

  test.each([
    [
      'pays for its exits',
      {},
      entry,
      stop,
      target,
      'opoco: BUY LIMIT 1 at 99 GTC | SELL LIMIT_MAKER at 110 | SELL STOP_LOSS stop 95',
    ],
    ['only with a stop', {}, entry, stop, undefined, 'opo: BUY LIMIT 1 at 99 GTC | SELL STOP_LOSS stop 95'],
    [
      'where it cannot pay, sells what is left after the fee',
      { opoAllowed: false },
      entry,
      stop,
      target,
      'otoco: BUY LIMIT 1 at 99 GTC | SELL LIMIT_MAKER 0.999 at 110 | SELL STOP_LOSS 0.999 stop 95',
    ],
    [
      'without lists is alone',
      { opoAllowed: false, otoAllowed: false },
      entry,
      stop,
      target,
      'BUY LIMIT 1 at 99 GTC',
    ],
    ['at the market is alone', {}, { size: 1 }, stop, target, 'BUY MARKET 1'],
    ['with a stop is alone', {}, { size: 1, stop: 105 }, stop, target, 'BUY STOP_LOSS 1 stop 105'],
    [
      'that may not rest is alone',
      {},
      { ...entry, timeInForce: 'IOC' as const },
      stop,
      target,
      'BUY LIMIT 1 at 99 IOC',
    ],
    [
      'with exits off the fill is alone',
      {},
      entry,
      { fillOffset: -5, type: 'stop' as const },
      target,
      'BUY LIMIT 1 at 99 GTC',
    ],
    [
      'with a trailing exit in basis points',
      {},
      entry,
      { trailPercent: 0.02 },
      undefined,
      'opo: BUY LIMIT 1 at 99 GTC | SELL STOP_LOSS trail 200',
    ],
    [
      'with an exit that trails by an amount is alone',
      {},
      entry,
      { trailAmount: 2 },
      undefined,
      'BUY LIMIT 1 at 99 GTC',
    ],
    [
      'that only rests',
      {},
      { ...entry, postOnly: true },
      stop,
      undefined,
      'opo: BUY LIMIT_MAKER 1 at 99 | SELL STOP_LOSS stop 95',
    ],
  ])('%s', (_, terms, its, stopLoss, takeProfit, command) => {
    const bench = new Bench({ terms });
    bench.step(100);
    bench.bracket(its, stopLoss, takeProfit);
    expect(bench.wants()).toEqual([command]);
  });

  test('at the market has them placed on its fill, for what a fee in base has left', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1 }, { fillOffset: -5, type: 'stop' }, { fillOffsetPercent: 0.1, type: 'limit' });
    bench.commands();
    bench.report(bench.id('MARKET'), 'FILLED', {
      quantity: '1',
      price: '101',
      commission: '0.001',
      asset: 'BTC',
    });
    expect(bench.wants()).toEqual([
      'oco: SELL LIMIT_MAKER 0.999 at 111.1 | SELL STOP_LOSS 0.999 stop 96 protective',
    ]);
    expect(bench.step(101)).toEqual([
      ...[
        '1 submitted',
        '2 submitted',
        '3 submitted',
        '2 accepted',
        '3 accepted',
        '1 accepted',
        '1 completed',
      ],
    ]);
    expect(bench.broker.orders.at(1)).toMatchObject({ stop: 96, size: 0.999 });
  });

  test('that is executed in part is cancelled; what was bought is protected, the rest is placed again with its exits', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket(entry, stop, target);
    bench.commands();
    const first = bench.id('LIMIT');
    bench.report(first, 'NEW');
    bench.report(first, 'PARTIALLY_FILLED', {
      quantity: '0.4',
      price: '99',
      commission: '0.0004',
      asset: 'BTC',
    });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(first, 'CANCELED');
    expect(bench.wants()).toEqual([
      'oco: SELL LIMIT_MAKER 0.399 at 110 | SELL STOP_LOSS 0.399 stop 95 protective',
      'opoco: BUY LIMIT 0.6 at 99 GTC | SELL LIMIT_MAKER at 110 | SELL STOP_LOSS stop 95',
    ]);
    expect(bench.step(100).slice(-2)).toEqual(['1 accepted', '1 partial']);
  });

  test('that is executed in part too often is left with what it has', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 2, limit: 99 }, stop);
    for (let i = 0; i < 4; i++) {
      bench.commands();
      bench.report(bench.id('LIMIT'), 'PARTIALLY_FILLED', { quantity: '0.2', price: '99', maker: true });
      bench.commands();
      bench.report(bench.id('LIMIT'), 'CANCELED');
    }
    bench.commands();
    bench.step(100);
    expect(bench.broker.orders.at(0)).toMatchObject({
      status: 'canceled',
      filled: 0.8,
      reason: { code: 'SPLIT_LIMIT' },
    });
    expect(bench.broker.orders.at(1)).toMatchObject({ status: 'accepted', size: 0.8 });
  });

  test('that is emulated has its exits grow with each execution', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1, limit: 99 }, { fillOffset: -5, type: 'stop' });
    bench.commands();
    const buy = bench.id('LIMIT');
    bench.report(buy, 'PARTIALLY_FILLED', { quantity: '0.3', price: '99' });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 0.3 stop 94 protective']);
    bench.report(bench.id('STOP_LOSS'), 'NEW');
    bench.report(buy, 'PARTIALLY_FILLED', { quantity: '0.01', price: '99' });
    // Less than the exchange takes: the stop that is there is replaced by a larger one.
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(bench.id('STOP_LOSS'), 'CANCELED');
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 0.31 stop 94 protective']);
    bench.report(buy, 'FILLED', { quantity: '0.69', price: '99' });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 0.69 stop 94 protective']);
  });

  test('whose exit is cancelled goes on without it', () => {
    const bench = new Bench();
    bench.step(100);
    const [, stopId] = bench.bracket(entry, stop, target);
    bench.commands();
    bench.report(bench.id('LIMIT'), 'NEW');
    bench.cancel(stopId!);
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(bench.id('LIMIT'), 'CANCELED');
    expect(bench.wants()).toEqual(['BUY LIMIT 1 at 99 GTC']);
    expect(bench.step(100).slice(-3)).toEqual(['1 accepted', '2 canceled', '3 canceled']);
  });

  test('whose exit is executed enters no further', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1, limit: 99 }, { fillOffset: -5, type: 'stop' });
    bench.commands();
    const buy = bench.id('LIMIT');
    bench.report(buy, 'PARTIALLY_FILLED', { quantity: '0.3', price: '99' });
    bench.commands();
    bench.report(bench.id('STOP_LOSS'), 'FILLED', { quantity: '0.3', price: '94' });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(buy, 'CANCELED');
    bench.step(94);
    expect([...bench.broker.orders].map(order => order.status)).toEqual(['canceled', 'completed']);
    expect(bench.broker.account.sizes[0]).toBe(0);
  });

  test('whose exits the exchange took with it leaves them alone when it is filled', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket(entry, stop, target);
    bench.commands();
    bench.report(bench.id('LIMIT'), 'FILLED', {
      quantity: '1',
      price: '99',
      commission: '0.001',
      asset: 'BTC',
    });
    bench.report(bench.id('STOP_LOSS'), 'NEW');
    bench.report(bench.id('LIMIT_MAKER'), 'NEW');
    expect(bench.wants()).toEqual([]);
    bench.report(bench.id('LIMIT_MAKER'), 'EXPIRED');
    bench.report(bench.id('STOP_LOSS'), 'FILLED', { quantity: '0.999', price: '94.9' });
    bench.step(95);
    expect([...bench.broker.orders].map(order => order.status)).toEqual([
      'completed',
      'completed',
      'canceled',
    ]);
    expect(bench.broker.takeNotices()).toEqual([]);
  });

  test('whose exits the exchange has sized before the fee of what they sell has them placed for what the session has', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket(entry, stop, target);
    bench.commands();
    const fill = { quantity: '1', price: '99', commission: '0.001', asset: 'BTC' };
    bench.report(bench.id('LIMIT'), 'FILLED', fill);
    bench.report(bench.id('STOP_LOSS'), 'NEW', undefined, { quantity: '1' });
    bench.report(bench.id('LIMIT_MAKER'), 'NEW', undefined, { quantity: '1' });
    expect(bench.wants()).toEqual([expect.stringMatching(/^cancelList/)]);
    bench.report(bench.id('LIMIT_MAKER'), 'CANCELED', undefined, { quantity: '1' });
    bench.report(bench.id('STOP_LOSS'), 'CANCELED', undefined, { quantity: '1' });
    expect(bench.wants()).toEqual([expect.stringMatching(/^oco: SELL LIMIT_MAKER 0.999 .*STOP_LOSS 0.999/)]);
  });

  test('whose exits the exchange could not bring into force has them placed', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket(entry, stop, target);
    bench.commands();
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '99' });
    bench.report(bench.id('STOP_LOSS'), 'EXPIRED');
    bench.report(bench.id('LIMIT_MAKER'), 'EXPIRED');
    expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective']);
  });
});

describe('what the exchange refuses', () => {
  test('since its trigger is reached is at the market from then on', () => {
    const bench = holding();
    bench.order('sell', { size: 1, stop: 99 });
    bench.commands();
    bench.refuse(bench.id('STOP_LOSS'), 'Stop price would trigger immediately.');
    expect(bench.wants()).toEqual(['SELL MARKET 1 protective']);
  });

  test('since its trigger is reached is at its limit from then on, if it has one', () => {
    const bench = holding();
    bench.order('sell', { size: 1, stop: 99, limit: 98 });
    bench.commands();
    bench.refuse(bench.id('STOP_LOSS_LIMIT'), 'Stop price would trigger immediately.');
    expect(bench.wants()).toEqual(['SELL LIMIT 1 at 98 GTC protective']);
  });

  test('of a pair leaves the one whose price is reached', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1 }, { stop: 95 }, { limit: 101 });
    bench.commands();
    bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '102' });
    bench.commands();
    bench.tell({
      kind: 'refused',
      time: bench.time,
      clientOrderIds: [bench.id('STOP_LOSS'), bench.id('LIMIT_MAKER')],
      code: 'EXCHANGE_REJECTED',
      message: 'The relationship of the prices for the orders is not correct.',
    });
    expect(bench.wants()).toEqual(['SELL LIMIT 1 at 101 IOC protective']);
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '102' });
    bench.step(102);
    expect([...bench.broker.orders].map(order => order.status)).toEqual([
      'completed',
      'canceled',
      'completed',
    ]);
  });

  test('of a pair leaves its target alone for the moment only: what of it was not taken rests with its stop', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1 }, { stop: 95 }, { limit: 101 });
    bench.commands();
    bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '102' });
    bench.commands();
    bench.tell({
      kind: 'refused',
      time: bench.time,
      clientOrderIds: [bench.id('STOP_LOSS'), bench.id('LIMIT_MAKER')],
      code: 'EXCHANGE_REJECTED',
      message: 'The relationship of the prices for the orders is not correct.',
    });
    bench.commands();
    bench.report(bench.id('LIMIT'), 'PARTIALLY_FILLED', { quantity: '0.4', price: '101' });
    bench.report(bench.id('LIMIT'), 'EXPIRED');
    expect(bench.wants()).toEqual([
      expect.stringMatching(/^oco: SELL LIMIT_MAKER 0.6 at 101 .*SELL STOP_LOSS 0.6 stop 95.* protective$/),
    ]);
    expect(bench.broker.takeNotices()).toEqual([]);
  });

  test('for the lack of money is margin, and for other reasons rejected', () => {
    const bench = new Bench();
    bench.step(100);
    bench.order('buy', { size: 1, limit: 99 });
    bench.order('buy', { size: 2, limit: 99 });
    const [first, second] = bench
      .commands()
      .map(one => (one.kind === 'place' ? one.order.clientOrderId : ''));
    bench.refuse(first!, 'Account has insufficient balance for requested action.');
    bench.refuse(second!, 'Filter failure: PERCENT_PRICE_BY_SIDE');
    bench.step(100);
    expect(bench.broker.orders.at(0)).toMatchObject({
      status: 'margin',
      reason: { code: 'INSUFFICIENT_CASH' },
    });
    expect(bench.broker.orders.at(1)).toMatchObject({
      status: 'rejected',
      reason: { code: 'EXCHANGE_REJECTED' },
    });
    expect(bench.broker.account.freeCash).toBe(10_000);
  });

  test('since it would take is what a post-only order asked for', () => {
    const bench = new Bench();
    bench.step(100);
    bench.order('buy', { size: 1, limit: 101, postOnly: true });
    bench.commands();
    bench.refuse(bench.id('LIMIT_MAKER'), 'Order would immediately match and take.');
    bench.step(100);
    expect(bench.broker.orders.at(0)).toMatchObject({
      status: 'rejected',
      reason: { code: 'POST_ONLY_TAKES' },
    });
  });

  test('of what protects is said, and tried in no other way than there is', () => {
    const bench = new Bench();
    bench.step(100);
    bench.bracket({ size: 1 }, { stop: 95 }, { limit: 110 });
    bench.commands();
    bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
    bench.commands();
    const ids = [bench.id('STOP_LOSS'), bench.id('LIMIT_MAKER')];
    bench.tell({
      kind: 'refused',
      time: bench.time,
      clientOrderIds: ids,
      code: 'EXCHANGE_REJECTED',
      message: 'Too many.',
    });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 1 stop 95 protective']);
    bench.refuse(bench.id('STOP_LOSS'), 'Too many.');
    expect(bench.wants()).toEqual([]);
    expect(bench.broker.takeNotices().map(notice => notice.code)).toEqual(['PROTECTION_MISSING']);
  });
});

describe('what cannot be had at an exchange is refused before it is sent', () => {
  test.each([
    ['an order for the close', { size: 1, type: 'close' as const }, {}, 'UNSUPPORTED_LIVE'],
    [
      'a stop where there are none',
      { size: 1, stop: 110 },
      { orderTypes: ['LIMIT', 'MARKET'] as const },
      'UNSUPPORTED_LIVE',
    ],
    ['a size of nothing', { size: 0 }, {}, 'SIZE_ZERO'],
    ['a size below the lot', { size: 0.0001 }, {}, 'SIZE_ZERO'],
    ['a size below the least notional', { size: 0.01 }, {}, 'MIN_NOTIONAL'],
    ['a limit below the tick', { size: 1, limit: 0.001 }, {}, 'PRICE_INVALID'],
    ['more than the session has', { size: 101, limit: 100 }, {}, 'INSUFFICIENT_CASH'],
    ['more than the session has, at the market', { size: 101 }, {}, 'INSUFFICIENT_CASH'],
  ])('%s', (_, terms, symbol, code) => {
    const bench = new Bench({ terms: symbol });
    bench.step(100);
    bench.order('buy', terms);
    expect(bench.wants()).toEqual([]);
    bench.step(100);
    expect(bench.broker.orders.at(0).reason?.code).toBe(code);
  });

  test.each([
    ['at the market', { size: 2 }],
    ['at a limit', { size: 2, limit: 110 }],
    ['with a stop', { size: 2, stop: 90 }],
  ])('a short %s', (_, terms) => {
    const bench = holding();
    bench.order('sell', terms);
    expect(bench.wants()).toEqual([]);
    bench.step(100);
    expect(bench.broker.orders.at(1).reason?.code).toBe('SPOT_SHORT');
  });

  test('pairs that are no limit and stop of one size, side and symbol', () => {
    const bench = holding();
    const ocoId = bench.order('sell', { size: 0.5, limit: 110 });
    const terms = [{ size: 0.5, limit: 111 }, { size: 0.4, stop: 90 }, { size: 0.5 }];
    for (const its of terms) bench.order('sell', { ...its, ocoId });
    bench.commands();
    bench.step(100);
    expect([2, 3, 4].map(at => bench.broker.orders.at(at).reason?.code)).toEqual(
      Array(3).fill('UNSUPPORTED_LIVE'),
    );
  });

  test('exits of exits, and more than two', () => {
    const bench = new Bench();
    bench.step(100);
    const [entry, stop] = bench.bracket({ size: 1, limit: 99 }, { stop: 95 }, { limit: 110 });
    bench.order('sell', { size: 1, limit: 120, parentId: entry! });
    bench.order('buy', { size: 1, limit: 80, parentId: stop! });
    bench.step(100);
    expect([3, 4].map(at => bench.broker.orders.at(at).reason?.code)).toEqual(
      Array(2).fill('UNSUPPORTED_LIVE'),
    );
    expect([0, 1, 2].map(at => bench.broker.orders.at(at).alive)).toEqual([true, true, true]);
  });
});

test('what would close a short buys nothing: on spot a position is below nothing only until all executions are told', () => {
  const bench = new Bench();
  bench.step(100);
  bench.order('buy', { size: 1, reduce: true });
  expect(bench.wants()).toEqual([]);
  bench.step(100);
  expect(bench.broker.orders.at(0)).toMatchObject({
    status: 'rejected',
    reason: { code: 'NOTHING_TO_CLOSE' },
  });
});

describe('what is asked for in one step', () => {
  test('a sale waits until the stop that holds its base is gone', () => {
    const bench = holding();
    const stop = bench.order('sell', { size: 1, stop: 95 });
    bench.commands();
    bench.report(bench.id('STOP_LOSS'), 'NEW');
    bench.cancel(stop);
    bench.order('sell', { size: 1, reduce: true });
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(bench.id('STOP_LOSS'), 'CANCELED');
    expect(bench.wants()).toEqual(['SELL MARKET 1 protective']);
  });

  test('a sale that waits for a stop sells nothing if that was executed', () => {
    const bench = holding();
    const stop = bench.order('sell', { size: 1, stop: 95 });
    bench.commands();
    bench.report(bench.id('STOP_LOSS'), 'NEW');
    bench.cancel(stop);
    bench.order('sell', { size: 1, reduce: true });
    bench.commands();
    bench.report(bench.id('STOP_LOSS'), 'FILLED', { quantity: '1', price: '95' });
    expect(bench.wants()).toEqual([]);
    bench.step(95);
    expect([...bench.broker.orders].map(order => order.status)).toEqual([
      'completed',
      'completed',
      'rejected',
    ]);
    expect(bench.broker.orders.at(2).reason?.code).toBe('NOTHING_TO_CLOSE');
  });

  test('a purchase waits for the sale that pays for it', () => {
    const bench = holding({ cash: 100 });
    bench.order('sell', { size: 1 });
    bench.order('buy', { quote: 100 });
    expect(bench.wants()).toEqual(['SELL MARKET 1']);
    bench.report(bench.id('MARKET', 'SELL'), 'FILLED', { quantity: '1', price: '101' });
    expect(bench.wants()).toEqual(['BUY MARKET for 100']);
  });

  test('two purchases of all the money: the second is refused', () => {
    const bench = new Bench();
    bench.step(100);
    bench.order('buy', { quote: 10_000 });
    bench.order('buy', { quote: 10_000 });
    expect(bench.wants()).toEqual(['BUY MARKET for 10000']);
    bench.step(100);
    expect(bench.broker.orders.at(1)).toMatchObject({
      status: 'margin',
      reason: { code: 'INSUFFICIENT_CASH' },
    });
  });
});

describe('a trailing stop that the exchange cannot let trail', () => {
  test('is moved at each step that went in its favour, once the one before is gone', () => {
    const bench = holding();
    bench.order('sell', { size: 1, trailAmount: 5 });
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 1 stop 95 protective']);
    const first = bench.id('STOP_LOSS');
    bench.report(first, 'NEW');
    bench.step(99, 100, 98);
    expect(bench.wants()).toEqual([]);
    bench.step(104, 106, 99);
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(first, 'CANCELED');
    expect(bench.wants()).toEqual(['SELL STOP_LOSS 1 stop 101 protective']);
    expect(bench.broker.orders.at(1).stop).toBe(101);
  });
});

describe('validity', () => {
  test('ends with the first step or report after it', () => {
    const bench = new Bench();
    bench.step(100);
    bench.order('buy', { size: 1, limit: 99, validUntil: bench.time + 30_000 });
    bench.commands();
    bench.report(bench.id('LIMIT'), 'NEW');
    bench.step(100);
    expect(bench.wants()).toEqual(['cancel']);
    bench.report(bench.id('LIMIT'), 'CANCELED');
    bench.step(100);
    expect(bench.broker.orders.at(0)).toMatchObject({ status: 'expired', reason: { code: 'EXPIRED' } });
  });
});
