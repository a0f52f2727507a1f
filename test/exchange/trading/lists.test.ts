import { describe, expect, test } from 'vitest';
import { symbolInfo } from '../../../src/exchange/exchange-info.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import { memoryFeed } from '../../../src/feeds/memory.ts';
import { instrument } from '../../../src/model/instrument.ts';
import { scene } from './scene.ts';
import { account, bars, type Payload } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;
type Row = readonly [number, number, number, number];

/** A list placed at the close of the first bar, and what had become of it at the end of the data. */
async function outcome(
  path: string,
  list: Payload,
  rows: readonly Row[],
  options: Parameters<typeof scene>[1] = {},
) {
  const at = await scene(bars(QUIET, ...rows), options);
  await at.close(1);
  const stream = at.trader.listen();
  await at.until(() => stream.messages.length > 0);
  const answer = await at.settle(
    at.trader.ask('POST', `/api/v3/orderList/${path}`, { symbol: 'BTCUSDT', ...list }),
  );
  const placed = at.exchange.accounts[0];
  await at.toEnd();
  await at.pass(1000);
  const [{ orders, trades }] = at.exchange.accounts;
  return {
    at,
    answer,
    placed,
    states: orders.map(({ type, status, expiryReason }) =>
      [type, status, expiryReason].filter(Boolean).join(' '),
    ),
    fills: trades.map(({ orderId, price, qty, isMaker }) => [orderId, Number(price), Number(qty), isMaker]),
    events: stream.events(),
  };
}

const OCO: Payload = {
  ...{ side: 'SELL', quantity: 2, aboveType: 'LIMIT_MAKER', abovePrice: 110 },
  ...{ belowType: 'STOP_LOSS', belowStopPrice: 90 },
};
const EXITS: Payload = {
  ...{ pendingSide: 'SELL', pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: 110 },
  ...{ pendingBelowType: 'STOP_LOSS_LIMIT', pendingBelowStopPrice: 90, pendingBelowPrice: 89 },
  pendingBelowTimeInForce: 'GTC',
};
const ENTRY: Payload = {
  ...{ workingType: 'LIMIT', workingSide: 'BUY', workingPrice: 95, workingQuantity: 2 },
  workingTimeInForce: 'GTC',
};

describe('an OCO', () => {
  test('locks once what either of its orders needs', async () => {
    const { answer, placed } = await outcome('oco', OCO, [QUIET]);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      orderListId: 0,
      contingencyType: 'OCO',
      listStatusType: 'EXEC_STARTED',
      listOrderStatus: 'EXECUTING',
      orders: [{ orderId: 1 }, { orderId: 2 }],
      orderReports: [
        { type: 'STOP_LOSS', status: 'NEW', stopPrice: '90.00000000', workingTime: -1 },
        { type: 'LIMIT_MAKER', status: 'NEW' },
      ],
    });
    expect(placed.balances.find(({ asset }) => asset === 'BTC')).toMatchObject({
      free: '8.00000000',
      locked: '2.00000000',
    });
  });

  test('whose limit is filled ends its stop, and the other way round', async () => {
    const up = await outcome('oco', OCO, [[100, 111, 99, 105]]);
    expect(up.states).toEqual(['STOP_LOSS EXPIRED OCO_TRIGGER', 'LIMIT_MAKER FILLED']);
    expect(up.fills).toEqual([[2, 110, 2, true]]);
    const down = await outcome('oco', OCO, [[100, 101, 89, 95]]);
    expect(down.states).toEqual(['STOP_LOSS FILLED', 'LIMIT_MAKER EXPIRED OCO_TRIGGER']);
    expect(down.fills).toEqual([[1, 90, 2, false]]);
    expect(down.at.has('BTC')).toEqual([8, 0]);
    expect(down.at.has('USDT')).toEqual([10_180, 0]);
  });

  test('tells its orders, its list and the balances, at its beginning and at its end', async () => {
    const { events } = await outcome('oco', OCO, [[100, 101, 89, 95]]);
    const told = events.map(({ e, x, X, i, l, L, eR }) =>
      [e, x ?? l, X ?? L, i, eR].filter(one => one !== undefined),
    );
    expect(told).toEqual([
      ['listStatus', 'EXEC_STARTED', 'EXECUTING'],
      ['executionReport', 'NEW', 'NEW', 1],
      ['executionReport', 'NEW', 'NEW', 2],
      ['outboundAccountPosition'],
      ['executionReport', 'EXPIRED', 'EXPIRED', 2, 'OCO_TRIGGER'],
      ['executionReport', 'NEW', 'NEW', 1],
      ['executionReport', 'TRADE', 'FILLED', 1],
      ['listStatus', 'ALL_DONE', 'ALL_DONE'],
      ['outboundAccountPosition'],
    ]);
  });

  test('of which one order is cancelled is cancelled whole', async () => {
    const at = await scene(bars(QUIET, QUIET));
    await at.close(1);
    await at.settle(at.trader.ask('POST', '/api/v3/orderList/oco', { symbol: 'BTCUSDT', ...OCO }));
    const { body } = await at.settle(at.trader.cancel({ orderId: 2, newClientOrderId: 'end' }));
    expect(body).toMatchObject({
      listOrderStatus: 'ALL_DONE',
      orderReports: [
        { orderId: 1, status: 'CANCELED', clientOrderId: 'end' },
        { orderId: 2, status: 'CANCELED', clientOrderId: 'end' },
      ],
    });
    expect(at.has('BTC')).toEqual([10, 0]);
    const gone = await at.settle(
      at.trader.ask('DELETE', '/api/v3/orderList', { symbol: 'BTCUSDT', orderListId: 0 }),
    );
    expect(gone.body).toEqual({ code: -2011, msg: 'Unknown order sent.' });
  });

  test.each([
    ['with its prices on one side of the market', { abovePrice: 99 }, -2010],
    [
      'with a stop above it to sell',
      { aboveType: 'STOP_LOSS', abovePrice: undefined, aboveStopPrice: 110 },
      -1197,
    ],
    ['of two limits', { belowType: 'LIMIT_MAKER', belowPrice: 90, belowStopPrice: undefined }, -1168],
    ['without a stop price', { belowStopPrice: undefined }, -1102],
    ['with an order type that none can have', { aboveType: 'LIMIT' }, -1158],
  ])('%s is refused, and leaves nothing', async (_, change, code) => {
    const { answer, placed } = await outcome('oco', { ...OCO, ...change }, [QUIET]);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe(code);
    expect(placed.orders).toEqual([]);
    expect(placed.balances.every(({ locked }) => locked === '0.00000000')).toBe(true);
  });
});

describe('an OTO', () => {
  const OTO: Payload = { ...ENTRY, pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: 1 };

  test('needs what both its orders need from the beginning', async () => {
    const { placed } = await outcome('oto', OTO, [QUIET]);
    expect(placed.balances).toEqual([
      { asset: 'USDT', free: '9810.00000000', locked: '190.00000000' },
      { asset: 'BTC', free: '9.00000000', locked: '1.00000000' },
    ]);
    const poor = await outcome('oto', OTO, [QUIET], { accounts: [account({ balances: { USDT: '1000' } })] });
    expect(poor.answer.body.code).toBe(-2010);
    expect(poor.at.has('USDT')).toEqual([1000, 0]);
  });

  test('places its second order when the first is filled, at the price that there is then', async () => {
    const { states, fills } = await outcome('oto', OTO, [[100, 101, 94, 98]]);
    expect(states).toEqual(['LIMIT FILLED', 'MARKET FILLED']);
    expect(fills).toEqual([
      [1, 95, 2, true],
      [2, 95, 1, false],
    ]);
  });

  test('whose first order is filled at once answers with the second one still pending', async () => {
    const { answer, states } = await outcome('oto', { ...OTO, workingPrice: 101 }, [QUIET]);
    expect(answer.body.orderReports).toMatchObject([{ status: 'FILLED' }, { status: 'PENDING_NEW' }]);
    expect(states).toEqual(['LIMIT FILLED', 'MARKET FILLED']);
  });

  test('whose first order expires expires whole', async () => {
    const { states } = await outcome('oto', { ...OTO, workingTimeInForce: 'IOC' }, [QUIET]);
    expect(states).toEqual([
      'LIMIT EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED',
      'MARKET EXPIRED OTO_PHASE_ONE_EXPIRED',
    ]);
  });
});

describe('an OTOCO', () => {
  test('brings a pair into force with the fill, which the rest of the way may reach', async () => {
    const { states, fills } = await outcome('otoco', { ...ENTRY, ...EXITS, pendingQuantity: 2 }, [
      [100, 101, 94, 98],
      [98, 112, 97, 105],
    ]);
    expect(states).toEqual(['LIMIT FILLED', 'STOP_LOSS_LIMIT EXPIRED OCO_TRIGGER', 'LIMIT_MAKER FILLED']);
    expect(fills).toEqual([
      [1, 95, 2, true],
      [3, 110, 2, true],
    ]);
    const crash = await outcome('otoco', { ...ENTRY, ...EXITS, pendingQuantity: 2 }, [[100, 101, 80, 98]]);
    expect(crash.fills).toEqual([
      [1, 95, 2, true],
      [2, 90, 2, false],
    ]);
  });

  test('in a bar that opens beyond both buys at its limit and sells at the open', async () => {
    const { fills } = await outcome(
      'otoco',
      {
        ...ENTRY,
        ...EXITS,
        pendingQuantity: 2,
        pendingBelowType: 'STOP_LOSS',
        pendingBelowPrice: undefined,
        pendingBelowTimeInForce: undefined,
      },
      [QUIET, [80, 81, 79, 80]],
    );
    expect(fills).toEqual([
      [1, 95, 2, true],
      [2, 80, 2, false],
    ]);
  });
});

describe('an OPOCO', () => {
  const fees = { commission: { standard: { maker: '0.001', taker: '0.001' } } };

  test('needs nothing but its first order’s money, and sells what that has brought', async () => {
    const { answer, states, fills, at } = await outcome(
      'opoco',
      { ...ENTRY, ...EXITS },
      [[100, 101, 94, 98]],
      {
        accounts: [account({ balances: { USDT: '190' }, ...fees })],
      },
    );
    expect(answer.body.orderReports[1]).not.toHaveProperty('origQty');
    expect(states).toEqual(['LIMIT FILLED', 'STOP_LOSS_LIMIT NEW', 'LIMIT_MAKER NEW']);
    expect(fills).toEqual([[1, 95, 2, true]]);
    expect(at.has('BTC')).toEqual([0, 1.998]);
    expect(at.exchange.accounts[0].openOrders).toMatchObject([
      { origQty: '1.99800000' },
      { origQty: '1.99800000' },
    ]);
  });

  test('takes the commission from elsewhere where there is some', async () => {
    const { at } = await outcome('opoco', { ...ENTRY, ...EXITS }, [[100, 101, 94, 98]], {
      accounts: [account({ balances: { USDT: '190', BTC: '1' }, ...fees })],
    });
    expect(at.has('BTC')).toEqual([0.998, 2]);
  });

  test('sells whole steps, and leaves the rest free', async () => {
    const traded = instrument('BTCUSDT', { lotStep: 0.01 });
    const data = memoryFeed(bars(QUIET), { instrument: traded, interval: '1m' });
    const info = symbolInfo((await loadMarket([data])).listings.get('BTCUSDT')!);
    const { at } = await outcome('opoco', { ...ENTRY, ...EXITS }, [[100, 101, 94, 98]], {
      accounts: [account({ balances: { USDT: '190' }, ...fees })],
      symbols: [info],
    });
    expect(at.has('BTC')).toEqual([0.008, 1.99]);
  });

  test('must buy first and sell then', async () => {
    const wrong = await outcome('opoco', { ...ENTRY, ...EXITS, workingSide: 'SELL' }, [QUIET]);
    expect(wrong.answer.body.code).toBe(-1222);
    const sized = await outcome('opoco', { ...ENTRY, ...EXITS, pendingQuantity: 2 }, [QUIET]);
    expect(sized.answer.body.code).toBe(-1225);
  });
});

test('the older form of an OCO is taken as well', async () => {
  const at = await scene(bars(QUIET, [100, 101, 89, 95]));
  await at.close(1);
  const { body } = await at.settle(
    at.trader.ask('POST', '/api/v3/order/oco', {
      ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: 1, price: 110, stopPrice: 90 },
      ...{ stopLimitPrice: 89, stopLimitTimeInForce: 'GTC', listClientOrderId: 'old' },
    }),
  );
  expect(body).toMatchObject({
    listClientOrderId: 'old',
    orderReports: [{ type: 'STOP_LOSS_LIMIT' }, { type: 'LIMIT_MAKER' }],
  });
  const list = { origClientOrderId: 'old' };
  expect((await at.settle(at.trader.ask('GET', '/api/v3/orderList', list))).body.listOrderStatus).toBe(
    'EXECUTING',
  );
  await at.toEnd();
  expect((await at.settle(at.trader.ask('GET', '/api/v3/orderList', list))).body.listOrderStatus).toBe(
    'ALL_DONE',
  );
});
