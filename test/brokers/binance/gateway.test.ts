import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Answer, FailureClass, NewOrder, TradingPort } from '../../../src/brokers/binance/port.ts';
import { API_KEY, API_SECRET } from './support/keys.ts';
import { error, failureOf, type Said, ScriptedPort } from './support/scripted-port.ts';

const limit: NewOrder = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  clientOrderId: 'q1',
  quantity: '0.5',
  price: '100.1',
};

const report = (clientOrderId: string, changes: object = {}) => ({
  symbol: 'BTCUSDT',
  orderId: 28,
  orderListId: -1,
  clientOrderId,
  transactTime: 1_750_000_000_000,
  price: '100.10000000',
  origQty: '0.50000000',
  executedQty: '0.00000000',
  cummulativeQuoteQty: '0.00000000',
  status: 'NEW',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  ...changes,
});

/** What the order request is answered with, in a fresh exchange. */
async function placed(said: Said, exchange = new ScriptedPort()) {
  exchange.answer = ({ path }) => (path === '/api/v3/order' ? said : undefined);
  const answer = await exchange.settle(exchange.port.place(limit));
  return { exchange, answer, sent: exchange.of('/api/v3/order') };
}

describe('what becomes of an order request is one of the classes', () => {
  const cases: [FailureClass, string, Said][] = [
    ['unknown', '500', error(500, -1000, 'An unknown error occurred while processing the request.')],
    ['unknown', '-1007', error(504, -1007, 'Timeout waiting for response from backend server.')],
    ['unknown', '-1007 with a status of 4xx', error(408, -1007, 'Timeout waiting for response.')],
    ['unknown', '-1006', error(400, -1006, 'An unexpected response was received from the message bus.')],
    ['unknown', '-1008', error(503, -1008, 'Server is currently overloaded with other requests.')],
    ['unknown', 'a code of a rejection behind a 5xx', error(502, -2010, 'Duplicate order sent.')],
    [
      'unknown',
      'the first 503 body',
      { status: 503, body: { msg: 'Unknown error, please check your request or try again later.' } },
    ],
    ['unknown', 'the second 503 body', { status: 503, body: { msg: 'Service Unavailable.' } }],
    [
      'unknown',
      'the third 503 body',
      { status: 503, body: 'Internal error; unable to process your request. Please try again.' },
    ],
    ['unknown', 'a page for people', { status: 502, body: '<html>Bad gateway</html>' }],
    ['unknown', 'a page for people in place of an answer', { body: '<html>hello</html>' }],
    ['unknown', 'an empty answer', { body: '' }],
    ['unknown', 'an answer cut off', { body: '{"symbol":"BTCUSDT","orde' }],
    ['unknown', 'an answer that lacks what it must have', { body: { symbol: 'BTCUSDT', orderId: 1 } }],
    ['unknown', 'a number that no double holds', { body: report('q1', { orderId: 2 ** 60 }) }],
    ['unknown', 'a code that nobody has heard of', error(400, -5678, 'What?')],
    ['unknown', 'a page with status 400', { status: 400, body: '<html>' }],
    ['unknown', 'a place where it is not offered', { status: 451, body: '' }],
    ['unknown', 'a lost connection', new Error(`reset at ?signature=${API_SECRET}`)],
    ['unknown', 'no answer', 'silent'],
    ['rejected', '-1013', error(400, -1013, 'Filter failure: LOT_SIZE')],
    ['rejected', '-2010', error(400, -2010, 'Account has insufficient balance for requested action.')],
    ['rejected', '-1111', error(400, -1111, "Parameter 'price' has too much precision.")],
    ['rejected', '-1121', error(400, -1121, 'Invalid symbol.')],
    ['rejected', '-1223', error(400, -1223, 'Pending orders in an OPO list must be asks.')],
    [
      'rejected',
      '-2011 for another reason',
      error(400, -2011, 'Order was not canceled due to cancel restrictions.'),
    ],
    ['alive', 'a duplicate', error(400, -2010, 'Duplicate order sent.')],
    ['alive', 'a duplicate by its older code', error(400, -1010, 'Duplicate order sent.')],
    ['race', '-2011', error(400, -2011, 'Unknown order sent.')],
    ['notFound', '-2013', error(400, -2013, 'Order does not exist.')],
    ['notFound', '-2026', error(400, -2026, 'Order was archived.')],
    ['auth', '-1022', error(400, -1022, 'Signature for this request is not valid.')],
    ['auth', '-2014', error(401, -2014, 'API-key format invalid.')],
    ['auth', '-2015', error(401, -2015, 'Invalid API-key, IP, or permissions for action.')],
    ['auth', '-2015 with a status of a firewall', error(403, -2015, 'Invalid API-key.')],
    ['auth', '-1002', error(401, -1002, 'You are not authorized to execute this request.')],
    ['partial', '-2021', error(409, -2021, 'Order cancel-replace partially failed.')],
    ['limits', '-1003', error(429, -1003, 'Too many requests.')],
    ['limits', 'a 429 without a body', { status: 429, body: '' }],
    ['limits', '418', error(418, -1003, 'Way too much request weight used; IP banned until 1782907325000.')],
    ['limits', '-1015', error(429, -1015, 'Too many new orders; current limit is 50 orders per 10 SECOND.')],
    ['limits', 'a firewall', { status: 403, body: '<html>blocked</html>' }],
  ];

  test.each(cases)('%s: %s', async (kind, _, said) => {
    const { answer, exchange, sent } = await placed(said);
    const failure = failureOf(answer);
    expect(failure.class).toBe(kind);
    // Sent once, whatever came of it.
    expect(sent.length).toBe(1);
    expect(failure.sentAt).toBe(Number(sent[0].parameters.timestamp));
    expect(failure.retryAt === undefined).toBe(kind !== 'limits');
    const { code } = (typeof said === 'object' && 'body' in said ? said.body : {}) as { code?: number };
    expect(failure.code).toBe(code);
    const seen = inspect([failure, exchange.notices], { depth: 9 });
    for (const secret of [API_KEY, API_SECRET, sent[0].parameters.signature, 'timestamp=', '\\n']) {
      expect(seen).not.toContain(secret);
    }
    expect(exchange.gateway.counts.failures).toEqual({ [kind]: 1 });
  });

  test('an exchange that repeats what it was sent is not repeated', async () => {
    const exchange = new ScriptedPort();
    exchange.answer = ({ path, parameters }) =>
      path === '/api/v3/order'
        ? error(
            400,
            -1100,
            `Illegal characters in '${parameters.signature}', key ${API_KEY}, &signature=${parameters.signature}`,
          )
        : undefined;
    const failure = failureOf(await exchange.settle(exchange.port.place(limit)));
    const [{ parameters }] = exchange.of('/api/v3/order');
    expect(failure.message).toContain('[redacted]');
    expect(failure.message).not.toContain(parameters.signature);
    expect(failure.message).not.toContain(API_KEY);
  });
});

describe('time', () => {
  test("requests carry the exchange's time, whatever this machine believes", async () => {
    for (const ahead of [-40_000, 0, 3_600_000]) {
      const exchange = new ScriptedPort();
      exchange.ahead = ahead;
      const { sent } = await placed({ body: report('q1') }, exchange);
      expect(Math.abs(Number(sent[0].parameters.timestamp) - (sent[0].time + ahead))).toBeLessThanOrEqual(20);
      const clock = await exchange.settle(exchange.port.syncClock());
      expect(clock).toEqual({ ok: true, value: { offsetMs: ahead, errorMs: 20 } });
    }
  });

  test('a request refused for its timestamp is sent once more with the right time and the same id', async () => {
    const exchange = new ScriptedPort();
    await exchange.settle(exchange.port.syncClock());
    exchange.ahead = -90_000;
    const answer = await exchange.settle(exchange.port.place(limit));
    const sent = exchange.of('/api/v3/order');
    expect(sent.map(({ parameters }) => parameters.newClientOrderId)).toEqual(['q1', 'q1']);
    // The second passed the check; the exchange's empty answer tells nothing more.
    expect(failureOf(answer)).toMatchObject({
      class: 'unknown',
      sentAt: Number(sent[1].parameters.timestamp),
    });
    expect(exchange.gateway.counts.retimed).toBe(1);
  });

  test('a request that is refused for its timestamp again is not sent a third time', async () => {
    const { answer, sent } = await placed(error(400, -1021, 'Timestamp is outside of the recvWindow.'));
    expect([failureOf(answer).class, sent.length]).toEqual(['time', 2]);
  });

  test('without the time nothing is signed', async () => {
    const exchange = new ScriptedPort();
    exchange.answer = ({ path }) => (path === '/api/v3/time' ? new Error('down') : undefined);
    const answer = await exchange.settle(exchange.port.place(limit));
    expect(failureOf(answer)).toMatchObject({ class: 'time', sentAt: Number.NaN });
    expect(exchange.of('/api/v3/order')).toEqual([]);
  });

  test('the best of several measurements is taken, and they are made again after ten minutes', async () => {
    const exchange = new ScriptedPort();
    const delays = [400, 150, 900];
    exchange.answer = ({ path }) =>
      path === '/api/v3/time'
        ? { body: { serverTime: exchange.now() }, afterMs: delays.shift() ?? 0 }
        : undefined;
    const clock = await exchange.settle(exchange.port.syncClock());
    expect(clock).toEqual({ ok: true, value: { offsetMs: -75, errorMs: 95 } });
    const before = exchange.of('/api/v3/time').length;
    await exchange.settle(exchange.port.account());
    expect(exchange.of('/api/v3/time').length).toBe(before);
    await exchange.pass(600_001);
    await exchange.settle(exchange.port.account());
    await exchange.pass(1000);
    expect(exchange.of('/api/v3/time').length).toBe(before + 1);
  });
});

describe('an answer that comes too late', () => {
  test('is an unknown outcome at 15 s, and told of when it comes', async () => {
    const { answer, exchange, sent } = await placed({ body: report('q1'), afterMs: 20_000 });
    expect(failureOf(answer)).toMatchObject({ class: 'unknown', message: 'no answer within 15 s' });
    expect(exchange.timers.now() - sent[0].time).toBeLessThanOrEqual(15_000);
    expect(exchange.gateway.counts).toMatchObject({ timedOut: 1, late: 0 });
    await exchange.pass(10_000);
    expect(exchange.gateway.counts.late).toBe(1);
    expect(exchange.notices.join()).toContain(
      'LATE_ANSWER POST /api/v3/order was answered too late with HTTP status 200',
    );
  });

  test('is waited for as long as the exchange takes to give up itself', async () => {
    const { answer } = await placed({ body: report('q1'), afterMs: 12_000 });
    expect(answer.ok).toBe(true);
  });
});

describe('requests say what the port was asked', () => {
  const asked = async (
    act: (port: TradingPort) => Promise<Answer<unknown>>,
    exchange = new ScriptedPort(),
  ) => {
    await exchange.settle(act(exchange.port));
    return exchange.heard
      .filter(({ path }) => path !== '/api/v3/time')
      .map(({ method, path, parameters: { timestamp, recvWindow, signature, ...rest } }) => [
        `${method} ${path}`,
        rest,
      ]);
  };

  test('orders of every kind', async () => {
    const base = { symbol: 'BTCUSDT', newClientOrderId: 'q1', newOrderRespType: 'FULL' };
    const post = 'POST /api/v3/order';
    const { price, ...plain } = limit;
    const cases: [NewOrder, object][] = [
      [limit, { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.5', price: '100.1' }],
      [
        { ...limit, timeInForce: 'IOC' },
        { side: 'BUY', type: 'LIMIT', timeInForce: 'IOC', quantity: '0.5', price: '100.1' },
      ],
      [
        { ...limit, type: 'LIMIT_MAKER' },
        { side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.5', price: '100.1' },
      ],
      [
        { ...plain, type: 'MARKET' },
        { side: 'BUY', type: 'MARKET', quantity: '0.5' },
      ],
      [
        { symbol: 'BTCUSDT', clientOrderId: 'q1', side: 'BUY', type: 'MARKET', quoteQuantity: '50' },
        { side: 'BUY', type: 'MARKET', quoteOrderQty: '50' },
      ],
      [
        { ...plain, side: 'SELL', type: 'STOP_LOSS', stopPrice: '90' },
        { side: 'SELL', type: 'STOP_LOSS', quantity: '0.5', stopPrice: '90' },
      ],
      [
        { ...plain, side: 'SELL', type: 'STOP_LOSS', trailingDelta: 250 },
        { side: 'SELL', type: 'STOP_LOSS', quantity: '0.5', trailingDelta: '250' },
      ],
      [
        { ...limit, type: 'TAKE_PROFIT_LIMIT', stopPrice: '101' },
        {
          side: 'BUY',
          type: 'TAKE_PROFIT_LIMIT',
          timeInForce: 'GTC',
          quantity: '0.5',
          price: '100.1',
          stopPrice: '101',
        },
      ],
    ];
    for (const [order, parameters] of cases) {
      expect(await asked(port => port.place(order))).toEqual([[post, { ...base, ...parameters }]]);
      expect(await asked(port => port.test(order))).toEqual([[`${post}/test`, { ...base, ...parameters }]]);
    }
  });

  const entry: NewOrder = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    clientOrderId: 'w',
    quantity: '1',
    price: '100',
  };
  const profit: NewOrder = {
    symbol: 'BTCUSDT',
    side: 'SELL',
    type: 'LIMIT_MAKER',
    clientOrderId: 'a',
    quantity: '1',
    price: '120',
  };
  const stop: NewOrder = {
    symbol: 'BTCUSDT',
    side: 'SELL',
    type: 'STOP_LOSS_LIMIT',
    clientOrderId: 'b',
    quantity: '1',
    price: '89',
    stopPrice: '90',
  };
  const list = { symbol: 'BTCUSDT', listClientOrderId: 'l' } as const;
  const head = { symbol: 'BTCUSDT', listClientOrderId: 'l', newOrderRespType: 'FULL' };
  const working = {
    workingType: 'LIMIT',
    workingSide: 'BUY',
    workingClientOrderId: 'w',
    workingPrice: '100',
    workingQuantity: '1',
    workingTimeInForce: 'GTC',
  };
  const pendings = {
    pendingSide: 'SELL',
    pendingAboveType: 'LIMIT_MAKER',
    pendingAboveClientOrderId: 'a',
    pendingAbovePrice: '120',
    pendingBelowType: 'STOP_LOSS_LIMIT',
    pendingBelowClientOrderId: 'b',
    pendingBelowPrice: '89',
    pendingBelowStopPrice: '90',
    pendingBelowTimeInForce: 'GTC',
  };

  test('order lists of every kind', async () => {
    const path = (kind: string) => `POST /api/v3/orderList/${kind}`;
    expect(await asked(port => port.placeList({ ...list, kind: 'oco', orders: [profit, stop] }))).toEqual([
      [
        path('oco'),
        {
          ...head,
          side: 'SELL',
          quantity: '1',
          aboveType: 'LIMIT_MAKER',
          aboveClientOrderId: 'a',
          abovePrice: '120',
          belowType: 'STOP_LOSS_LIMIT',
          belowClientOrderId: 'b',
          belowPrice: '89',
          belowStopPrice: '90',
          belowTimeInForce: 'GTC',
        },
      ],
    ]);
    expect(
      await asked(port => port.placeList({ ...list, kind: 'otoco', orders: [entry, profit, stop] })),
    ).toEqual([[path('otoco'), { ...head, ...working, ...pendings, pendingQuantity: '1' }]]);
    expect(
      await asked(port => port.placeList({ ...list, kind: 'opoco', orders: [entry, profit, stop] })),
    ).toEqual([[path('opoco'), { ...head, ...working, ...pendings }]]);
    const pending = {
      pendingSide: 'SELL',
      pendingType: 'STOP_LOSS_LIMIT',
      pendingClientOrderId: 'b',
      pendingPrice: '89',
      pendingStopPrice: '90',
      pendingTimeInForce: 'GTC',
    };
    expect(await asked(port => port.placeList({ ...list, kind: 'oto', orders: [entry, stop] }))).toEqual([
      [path('oto'), { ...head, ...working, ...pending, pendingQuantity: '1' }],
    ]);
    expect(await asked(port => port.placeList({ ...list, kind: 'opo', orders: [entry, stop] }))).toEqual([
      [path('opo'), { ...head, ...working, ...pending }],
    ]);
  });

  test('a list is told in its own order, and one that lacks an order is unknown', async () => {
    const place = async (reports: object[]) => {
      const exchange = new ScriptedPort();
      exchange.answer = ({ path }) =>
        path === '/api/v3/orderList/oco' ? { body: { orderListId: 3, orderReports: reports } } : undefined;
      return exchange.settle(exchange.port.placeList({ ...list, kind: 'oco', orders: [profit, stop] }));
    };
    const answer = await place([report('b', { orderId: 2 }), report('a', { orderId: 1 })]);
    expect(answer.ok && answer.value.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(['a', 'b']);
    expect(failureOf(await place([report('b')])).class).toBe('unknown');
  });

  test('queries and cancels', async () => {
    expect(await asked(port => port.order('BTCUSDT', 'q1'))).toEqual([
      ['GET /api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'q1' }],
    ]);
    expect(await asked(port => port.cancel('BTCUSDT', 'q1'))).toEqual([
      ['DELETE /api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'q1' }],
    ]);
    expect(await asked(port => port.cancelList('BTCUSDT', 'l1'))).toEqual([
      ['DELETE /api/v3/orderList', { symbol: 'BTCUSDT', listClientOrderId: 'l1' }],
    ]);
    expect(await asked(port => port.openOrders('BTCUSDT'))).toEqual([
      ['GET /api/v3/openOrders', { symbol: 'BTCUSDT' }],
    ]);
    expect(await asked(port => port.commission('BTCUSDT'))).toEqual([
      ['GET /api/v3/account/commission', { symbol: 'BTCUSDT' }],
    ]);
    expect(await asked(port => port.account())).toEqual([
      ['GET /api/v3/account', { omitZeroBalances: 'true' }],
    ]);
    expect(await asked(port => port.permissions())).toEqual([['GET /sapi/v1/account/apiRestrictions', {}]]);
    const none = new ScriptedPort({ permissions: false });
    expect(await asked(port => port.permissions(), none)).toEqual([]);
  });
});

describe("answers are told in the port's words", () => {
  const told = async <T>(
    paths: Readonly<Record<string, (parameters: Readonly<Record<string, string>>) => Said>>,
    act: (port: TradingPort) => Promise<Answer<T>>,
    exchange = new ScriptedPort(),
  ): Promise<T> => {
    exchange.answer = ({ path, parameters }) => paths[path]?.(parameters);
    const answer = await exchange.settle(act(exchange.port));
    if (!answer.ok) throw new Error(answer.failure.message);
    return answer.value;
  };

  test('an order that was executed at once, with its executions', async () => {
    const fills = [
      { price: '100.10', qty: '0.2', commission: '0.0002', commissionAsset: 'BTC', tradeId: 7 },
      { price: '100.05', qty: '0.3', commission: '0.0003', commissionAsset: 'BTC', tradeId: 8 },
    ];
    const body = report('q1', { status: 'FILLED', executedQty: '0.5', cummulativeQuoteQty: '50.035', fills });
    const { orders, trades } = await told({ '/api/v3/order': () => ({ body }) }, port => port.place(limit));
    expect(orders).toMatchObject([
      { clientOrderId: 'q1', status: 'FILLED', executed: '0.5', executedQuote: '50.035' },
    ]);
    expect(trades).toMatchObject([
      { tradeId: 7, quoteQuantity: '20.02', commission: '0.0002', maker: false, orderId: 28 },
      { tradeId: 8, quoteQuantity: '30.015' },
    ]);
  });

  test('an order has the id that it was placed with, whoever cancelled it', async () => {
    const body = report('cancel-id', { status: 'CANCELED', updateTime: 5, transactTime: undefined });
    const order = await told({ '/api/v3/order': () => ({ body }) }, port => port.order('BTCUSDT', 'q1'));
    expect(order).toMatchObject({ clientOrderId: 'q1', status: 'CANCELED', time: 5 });
    const cancelled = report('cancel-id', { status: 'CANCELED', origClientOrderId: 'q1' });
    const [one] = await told({ '/api/v3/order': () => ({ body: cancelled }) }, port =>
      port.cancel('BTCUSDT', 'q1'),
    );
    expect(one.clientOrderId).toBe('q1');
  });

  test('a cancelled order of a list takes its list with it', async () => {
    const body = {
      orderListId: 3,
      orderReports: ['a', 'b'].map(id => report('c', { origClientOrderId: id, status: 'CANCELED' })),
    };
    const orders = await told({ '/api/v3/order': () => ({ body }) }, port => port.cancel('BTCUSDT', 'a'));
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(['a', 'b']);
  });

  test('the orders of a list are asked for one by one', async () => {
    const orders = await told(
      {
        '/api/v3/orderList': () => ({
          body: {
            orders: [4, 5].map(orderId => ({ symbol: 'BTCUSDT', orderId, clientOrderId: `q${orderId}` })),
          },
        }),
        '/api/v3/order': ({ orderId }) => ({
          body: report('x', { orderId: Number(orderId), status: 'FILLED' }),
        }),
      },
      port => port.orderList('BTCUSDT', 'l'),
    );
    expect(orders.map(({ orderId, clientOrderId }) => [orderId, clientOrderId])).toEqual([
      [4, 'q4'],
      [5, 'q5'],
    ]);
  });

  test.each([
    ['of an order', { orderId: 9 }],
    ['from a number on', { fromId: 100 }],
  ])('trades %s are all told, however many pages they are, oldest first', async (_, of) => {
    const all = Array.from({ length: 2345 }, (_, i) => ({
      symbol: 'BTCUSDT',
      id: 100 + i * 3,
      orderId: 9,
      price: '1',
      qty: '2',
      quoteQty: '2',
      commission: '0',
      commissionAsset: 'BNB',
      time: i,
      isMaker: true,
    }));
    const exchange = new ScriptedPort();
    const trades = await told(
      {
        '/api/v3/myTrades': ({ fromId = '0', limit }) => ({
          body: all
            .filter(({ id }) => id >= Number(fromId))
            .slice(0, Number(limit))
            .toReversed(),
        }),
      },
      port => port.trades('BTCUSDT', of),
      exchange,
    );
    expect(trades.map(({ tradeId }) => tradeId)).toEqual(all.map(({ id }) => id));
    expect(exchange.of('/api/v3/myTrades').length).toBe(3);
  });

  test('symbols that are not there are left out', async () => {
    const one = (symbol: string) => ({
      symbol,
      baseAsset: 'B',
      quoteAsset: 'Q',
      status: 'TRADING',
      orderTypes: ['LIMIT', 'NEW_KIND'],
      filters: [{ filterType: 'PRICE_FILTER', minPrice: '0.1', maxPrice: '9', tickSize: '0.1' }],
    });
    const answers = {
      '/api/v3/exchangeInfo': ({ symbol, symbols }: Readonly<Record<string, string>>): Said => {
        const names = symbol === undefined ? (JSON.parse(symbols) as string[]) : [symbol];
        return names.includes('GONE')
          ? error(400, -1121, 'Invalid symbol.')
          : { body: { symbols: names.map(one) } };
      },
    };
    const names = async (...asked: string[]) =>
      (await told(answers, port => port.symbols(asked))).map(s => s.symbol);
    expect(await names('A', 'B')).toEqual(['A', 'B']);
    expect(await names('A', 'GONE', 'B')).toEqual(['A', 'B']);
    expect(await names('GONE')).toEqual([]);
    const [symbol] = await told(answers, port => port.symbols(['A']));
    expect(symbol).toMatchObject({
      orderTypes: ['LIMIT'],
      filters: { tickSize: '0.1', minNotionalOfMarket: false },
    });
  });

  test('what a key may do, and what executions cost', async () => {
    const restrictions = { enableSpotAndMarginTrading: true, enableWithdrawals: true, ipRestrict: false };
    const permissions = await told(
      { '/sapi/v1/account/apiRestrictions': () => ({ body: restrictions }) },
      port => port.permissions(),
    );
    expect(permissions).toEqual({ spotTrading: true, withdrawals: true, ipRestricted: false });
    const part = (maker: string, taker: string, buyer: string, seller: string) => ({
      maker,
      taker,
      buyer,
      seller,
    });
    const body = {
      symbol: 'BTCUSDT',
      standardCommission: part('0.001', '0.002', '0.0001', '0.0003'),
      specialCommission: part('0.01', '0.02', '0', '0'),
      taxCommission: part('0.00000112', '0', '0', '0'),
      discount: { enabledForAccount: true, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75' },
    };
    const rates = await told({ '/api/v3/account/commission': () => ({ body }) }, port =>
      port.commission('BTCUSDT'),
    );
    expect(rates).toEqual({ maker: '0.01130112', taker: '0.0223', inBnb: true });
  });
});

describe('limits', () => {
  test('after a 429 nothing is sent until the exchange wants to hear again, and then no burst', async () => {
    const { answer, exchange } = await placed(
      error(429, -1003, 'Too many requests.', { 'retry-after': '30' }),
    );
    const from = exchange.timers.now();
    expect(failureOf(answer).retryAt).toBe(exchange.port.now() + 30_000);
    exchange.answer = () => undefined;
    const early = await exchange.settle(exchange.port.account());
    expect(failureOf(early)).toMatchObject({ class: 'limits', sentAt: Number.NaN });
    const cancels = Array.from({ length: 30 }, () => exchange.port.cancel('BTCUSDT', 'q1'));
    await exchange.settle(Promise.all(cancels));
    await exchange.pass(from + 29_999 - exchange.timers.now());
    expect(exchange.heard.filter(({ time }) => time > from)).toEqual([]);
    await exchange.pass(2);
    await exchange.settle(
      Promise.all(Array.from({ length: 5 }, () => exchange.port.cancel('BTCUSDT', 'q1'))),
    );
    const times = exchange
      .of('/api/v3/order')
      .filter(({ time }) => time > from)
      .map(({ time }) => time);
    expect(times.length).toBe(5);
    for (let i = 1; i < times.length; i++) expect(times[i] - times[i - 1]).toBeGreaterThanOrEqual(200);
    expect(exchange.gateway.counts.governor).toMatchObject({ silences: 1, refused: 31 });
  });

  test('a ban lasts until the time that its message names', async () => {
    const exchange = new ScriptedPort();
    const until = exchange.now() + 3_600_000;
    const { answer } = await placed(
      error(418, -1003, `Way too much request weight used; IP banned until ${until}.`),
      exchange,
    );
    expect(Math.abs(failureOf(answer).retryAt! - until)).toBeLessThanOrEqual(20);
  });

  test('too many orders stop orders only', async () => {
    const { answer, exchange } = await placed(
      error(429, -1015, 'Too many new orders.', { 'retry-after': '8' }),
    );
    expect(failureOf(answer).retryAt).toBe(exchange.port.now() + 8000);
    exchange.answer = () => undefined;
    expect(failureOf(await exchange.settle(exchange.port.place(limit))).sentAt).toBeNaN();
    await exchange.settle(exchange.port.cancel('BTCUSDT', 'q1'));
    expect(exchange.of('/api/v3/order').filter(({ method }) => method === 'DELETE').length).toBe(1);
  });

  test('a closed gateway sends nothing', async () => {
    const exchange = new ScriptedPort();
    exchange.gateway.close();
    expect(failureOf(await exchange.settle(exchange.port.place(limit)))).toMatchObject({
      sentAt: Number.NaN,
    });
    await exchange.settle(exchange.port.syncClock());
    expect(exchange.heard).toEqual([]);
  });
});
