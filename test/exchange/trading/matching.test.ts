import { describe, expect, test } from 'vitest';
import { scene } from './scene.ts';
import { account, bars, type Payload } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;

/** Orders placed at the close of the first bar, and what became of them at the end of the data. */
async function outcome(
  rows: readonly (readonly [number, number, number, number])[],
  orders: readonly Payload[],
  options: Parameters<typeof scene>[1] = {},
) {
  const at = await scene(bars(QUIET, ...rows), options);
  await at.close(1);
  const answers = [];
  for (const order of orders) answers.push((await at.settle(at.trader.place(order))).body);
  await at.toEnd();
  const [{ orders: all, trades }] = at.exchange.accounts;
  return {
    answers,
    statuses: all.map(({ status }) => status),
    reasons: all.map(({ expiryReason }) => expiryReason),
    fills: trades.map(({ orderId, price, isMaker }) => [orderId, Number(price), isMaker]),
    at,
  };
}

const limit = (side: string, price: number, more: Payload = {}): Payload => ({
  ...{ side, type: 'LIMIT', timeInForce: 'GTC', quantity: 1, price },
  ...more,
});
const stop = (side: string, stopPrice: number, more: Payload = {}): Payload => ({
  ...{ side, type: 'STOP_LOSS', quantity: 1, stopPrice },
  ...more,
});

describe('a limit order', () => {
  test('that the price allows takes it, at the price', async () => {
    const { fills } = await outcome([QUIET], [limit('BUY', 103), limit('SELL', 98)]);
    expect(fills).toEqual([
      [1, 100, false],
      [2, 100, false],
    ]);
  });

  test('that rests is filled at its own price, also by a bar that opens beyond it', async () => {
    const { fills } = await outcome([[95, 96, 94, 95]].concat([[95, 96, 94, 95]]) as never, [
      limit('BUY', 97),
    ]);
    // The order came when the price was the next open already.
    expect(fills).toEqual([[1, 95, false]]);
    const gap = await outcome([QUIET, [95, 96, 94, 95]], [limit('BUY', 97)]);
    expect(gap.fills).toEqual([[1, 97, true]]);
  });

  test('is filled when its price is touched, and not before', async () => {
    expect((await outcome([[100, 101, 95, 100]], [limit('BUY', 95)])).fills).toEqual([[1, 95, true]]);
    expect((await outcome([[100, 101, 95, 100]], [limit('BUY', 94.99)])).fills).toEqual([]);
  });

  test('orders that one move passes are filled in the order in which it passes them, of equals the older', async () => {
    const { fills } = await outcome(
      [[100, 100, 90, 95]],
      [limit('BUY', 92), limit('BUY', 96), limit('BUY', 96)],
    );
    expect(fills.map(([id]) => id)).toEqual([2, 3, 1]);
  });

  test('IOC and FOK that the price does not allow expire, with the reason', async () => {
    const { statuses, reasons } = await outcome(
      [QUIET],
      [limit('BUY', 90, { timeInForce: 'IOC' }), limit('BUY', 90, { timeInForce: 'FOK' })],
    );
    expect(statuses).toEqual(['EXPIRED', 'EXPIRED']);
    expect(reasons).toEqual(['UNFILLED_IOC_QUANTITY_EXPIRED', 'UNFILLED_FOK_ORDER_EXPIRED']);
  });

  test('that may only make is refused when it would take', async () => {
    const { answers, fills } = await outcome(
      [[100, 101, 98, 100]],
      [
        { side: 'BUY', type: 'LIMIT_MAKER', quantity: 1, price: 100 },
        { side: 'BUY', type: 'LIMIT_MAKER', quantity: 1, price: 99 },
      ],
    );
    expect(answers[0]).toEqual({ code: -2010, msg: 'Order would immediately match and take.' });
    expect(fills).toEqual([[1, 99, true]]);
  });
});

describe('a stop', () => {
  test('is filled at its trigger, as a taker, when the price comes to it', async () => {
    const { fills } = await outcome([[100, 101, 95, 100]], [stop('SELL', 97), stop('BUY', 100.5)]);
    // The high is nearer to the open: it comes first.
    expect(fills).toEqual([
      [2, 100.5, false],
      [1, 97, false],
    ]);
  });

  test('is filled at the open of a bar that opens beyond it', async () => {
    const { fills } = await outcome([QUIET, [90, 92, 89, 91]], [stop('SELL', 97)]);
    expect(fills).toEqual([[1, 90, false]]);
  });

  test('beyond which the price is already is refused', async () => {
    const { answers } = await outcome([QUIET], [stop('SELL', 100), stop('BUY', 99)]);
    expect(answers).toEqual(Array(2).fill({ code: -2010, msg: 'Order would trigger immediately.' }));
  });

  test('with a limit takes the trigger’s price when its limit allows it, and rests when not', async () => {
    const terms = { type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC' };
    const takes = await outcome([[100, 101, 95, 100]], [stop('SELL', 97, { ...terms, price: 96 })]);
    expect(takes.fills).toEqual([[1, 97, false]]);
    const rests = await outcome([[100, 100.2, 95, 99]], [stop('SELL', 97, { ...terms, price: 98 })]);
    expect(rests.fills).toEqual([[1, 98, true]]);
    const gap = await outcome([QUIET, [90, 96.5, 89, 91]], [stop('SELL', 97, { ...terms, price: 96 })]);
    expect(gap.fills).toEqual([[1, 96, true]]);
  });

  test('to take profit is triggered on the other side', async () => {
    const { fills } = await outcome([[100, 104, 99, 100]], [stop('SELL', 103, { type: 'TAKE_PROFIT' })]);
    expect(fills).toEqual([[1, 103, false]]);
  });

  test('that trails follows the price, and is triggered at its distance behind the best', async () => {
    const trail = { ...stop('SELL', 0), stopPrice: undefined, trailingDelta: 500 };
    const { fills } = await outcome([[100, 110, 80, 105]], [trail]);
    expect(fills).toEqual([[1, 104.5, false]]);
    const buys = await outcome([[100, 120, 90, 95]], [{ ...trail, side: 'BUY' }]);
    expect(buys.fills).toEqual([[1, 94.5, false]]);
  });

  test('that trails from a price on follows only from there', async () => {
    // 44,000 activates it, 46,200 would be 5 % above; the price falls to 42,000 and comes back to 44,100.
    const rows = [
      [40_000, 45_000, 37_000, 45_000],
      [45_000, 45_900, 42_000, 44_200],
    ] as const;
    const at = await scene(bars([40_000, 40_000, 40_000, 40_000], ...rows), {
      accounts: [{ ...account(), balances: { USDT: '100000' } }],
    });
    await at.close(1);
    const order = { type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', price: 45_000, stopPrice: 44_000 };
    await at.settle(at.trader.place({ side: 'BUY', quantity: 1, trailingDelta: 500, ...order }));
    await at.toEnd();
    expect(at.exchange.accounts[0].trades).toMatchObject([{ price: '44100.00000000', isMaker: false }]);
  });
});

describe('the last bar', () => {
  test('is followed by nothing: orders that come then stay as they are', async () => {
    const at = await scene(bars(QUIET, QUIET));
    await at.toEnd();
    const { body } = await at.settle(at.trader.market('SELL', 1));
    expect(body).toMatchObject({ status: 'NEW', fills: [] });
    expect((await at.settle(at.trader.cancel({ orderId: body.orderId }))).body.status).toBe('CANCELED');
    expect(at.has('BTC')).toEqual([10, 0]);
  });
});

describe('an order in quote', () => {
  test('buys whole steps, and tells what it has bought', async () => {
    const { answers } = await outcome(
      [[333, 333, 333, 333]],
      [{ side: 'BUY', type: 'MARKET', quoteOrderQty: '100' }],
    );
    expect(answers[0]).toMatchObject({
      origQty: '0.30030030',
      executedQty: '0.30030030',
      cummulativeQuoteQty: '99.99999990',
      origQuoteOrderQty: '100.00000000',
    });
  });
});

describe('money', () => {
  test('that is not there refuses the order', async () => {
    const at = await scene(bars(QUIET, QUIET));
    const refused = {
      status: 400,
      body: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
    };
    expect(await at.settle(at.trader.market('SELL', 11))).toMatchObject(refused);
    expect(await at.settle(at.trader.limit('BUY', 100, 101))).toMatchObject(refused);
    await at.settle(at.trader.limit('BUY', 90, 100));
    expect(await at.settle(at.trader.market('BUY', 11))).toMatchObject(refused);
  });

  test('commission is taken from what is received, to the nearest 0.00000001', async () => {
    const rates = { maker: '0.001', taker: '0.002', buyer: '0.0005', seller: '0.00025' };
    const { at } = await outcome([QUIET], [limit('BUY', 103), limit('SELL', 98)], {
      accounts: [account({ commission: { standard: rates, tax: { taker: '0.0001' } } })],
    });
    expect(at.exchange.accounts[0].trades).toMatchObject([
      { commission: '0.00260000', commissionAsset: 'BTC' },
      { commission: '0.23500000', commissionAsset: 'USDT' },
    ]);
    expect(at.has('BTC')).toEqual([9.9974, 0]);
    expect(at.has('USDT')).toEqual([9999.765, 0]);
  });

  test('commission in BNB is taken at its discount, as long as there is some', async () => {
    const commission = { standard: { taker: '0.001' }, inBnb: true, discount: '0.75' };
    const { at } = await outcome([QUIET], [limit('BUY', 103), limit('BUY', 103)], {
      accounts: [account({ balances: { USDT: '1000', BNB: '0.0004' }, commission })],
      more: { BNBUSDT: bars([250, 250, 250, 250], [250, 250, 250, 250]) },
    });
    // 0.1 USDT are 0.0004 BNB; three quarters of that are paid, then the rest is too little.
    expect(at.exchange.accounts[0].trades).toMatchObject([
      { commission: '0.00030000', commissionAsset: 'BNB' },
      { commission: '0.00100000', commissionAsset: 'BTC' },
    ]);
  });
});

test('updates that show no extremes leave them to the close of the bar', async () => {
  for (const updates of [1, 2, 3, 7]) {
    const { fills } = await outcome([[100, 105, 92, 101]], [limit('SELL', 104), limit('BUY', 93)], {
      updates,
    });
    expect(fills).toEqual([
      [1, 104, true],
      [2, 93, true],
    ]);
  }
});
