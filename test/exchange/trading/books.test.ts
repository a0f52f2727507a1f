import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mulberry32, randomWalk } from '../../support/random-walk.ts';
import { MINUTE, START } from '../support.ts';
import { type Scene, scene } from './scene.ts';
import { account, type Payload } from './support.ts';

const RUNS = 20;
const BARS = 12;
const START_BALANCES = { USDT: '20000', BTC: '15', BNB: '0.05' };

/** Units of 0.00000001, read digit by digit: not with the exchange's own arithmetic. */
function units(text: unknown): bigint {
  const [whole, fraction] = String(text).split('.');
  expect(fraction).toHaveLength(8);
  return BigInt(whole!) * 100_000_000n + BigInt(fraction!);
}

/** Free and locked must be what the account began with and what its executions have moved. */
function checkBooks(at: Scene): void {
  for (const { balances, trades, openOrders } of at.exchange.accounts) {
    const expected = new Map(
      Object.entries(START_BALANCES).map(([asset, amount]) => [
        asset,
        BigInt(Math.round(Number(amount) * 1e8)),
      ]),
    );
    const move = (asset: unknown, by: bigint) =>
      expected.set(String(asset), (expected.get(String(asset)) ?? 0n) + by);
    for (const { isBuyer, qty, quoteQty, commission, commissionAsset, price } of trades) {
      const sign = isBuyer ? 1n : -1n;
      move('BTC', sign * units(qty));
      move('USDT', -sign * units(quoteQty));
      move(commissionAsset, -units(commission));
      expect(units(quoteQty)).toBe((units(price) * units(qty)) / 100_000_000n);
    }
    for (const { asset, free, locked } of balances) {
      expect([asset, free.startsWith('-'), locked.startsWith('-')]).toEqual([asset, false, false]);
      expect([asset, units(free) + units(locked)]).toEqual([asset, expected.get(asset)]);
    }
    if (openOrders.length === 0)
      expect(balances.map(({ locked }) => units(locked))).toEqual(balances.map(() => 0n));
    // What is locked of the base covers what is for sale; orders of a list share it.
    const sold = new Map<unknown, bigint>();
    for (const { orderId, orderListId, side, origQty, executedQty, status } of openOrders) {
      if (side !== 'SELL' || status === 'PENDING_NEW') continue;
      const key = orderListId === -1 ? `order ${orderId}` : `list ${orderListId}`;
      const left = units(origQty) - units(executedQty);
      sold.set(key, left > (sold.get(key) ?? 0n) ? left : sold.get(key)!);
    }
    const forSale = [...sold.values()].reduce((sum, one) => sum + one, 0n);
    const locked = units(balances.find(({ asset }) => asset === 'BTC')!.locked);
    expect(locked >= forSale).toBe(true);
  }
}

/** Any order, likely to be taken or not. */
function anything(random: () => number, price: number): [path: string, parameters: Payload] {
  const side = random() < 0.5 ? 'BUY' : 'SELL';
  const quantity = (random() * 3).toFixed(8);
  const near = (spread: number) => (price * (1 + (random() - 0.5) * spread)).toFixed(2);
  const timeInForce = ['GTC', 'GTC', 'IOC', 'FOK'][Math.floor(random() * 4)];
  const trailingDelta = 1 + Math.floor(random() * 100);
  const symbol = 'BTCUSDT';
  const stop =
    side === 'BUY' ? (price * (1 + random() * 0.01)).toFixed(2) : (price * (1 - random() * 0.01)).toFixed(2);
  const [above, below] = [
    (price * (1 + random() * 0.01)).toFixed(2),
    (price * (1 - random() * 0.01)).toFixed(2),
  ];
  const exits = {
    ...{ pendingSide: 'SELL', pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: above },
    ...{ pendingBelowType: 'STOP_LOSS', pendingBelowStopPrice: (price * (1 - random() * 0.01)).toFixed(2) },
  };
  const entry = {
    ...{ workingType: 'LIMIT', workingSide: 'BUY', workingPrice: near(0.01), workingQuantity: quantity },
    workingTimeInForce: timeInForce,
  };
  const orders: (() => [string, Payload])[] = [
    () => ['order', { side, type: 'MARKET', quantity }],
    () => ['order', { side, type: 'MARKET', quoteOrderQty: (random() * 3000).toFixed(2) }],
    () => ['order', { side, type: 'LIMIT', timeInForce, quantity, price: near(0.02) }],
    () => ['order', { side, type: 'LIMIT_MAKER', quantity, price: near(0.02) }],
    () => ['order', { side, type: 'STOP_LOSS', quantity, stopPrice: stop }],
    () => [
      'order',
      { side, type: 'STOP_LOSS_LIMIT', timeInForce, quantity, stopPrice: stop, price: near(0.02) },
    ],
    () => ['order', { side, type: 'STOP_LOSS', quantity, trailingDelta }],
    () => ['order', { side, type: 'TAKE_PROFIT', quantity, stopPrice: near(0.02), trailingDelta }],
    () => [
      'orderList/oco',
      side === 'SELL'
        ? {
            side,
            quantity,
            aboveType: 'LIMIT_MAKER',
            abovePrice: above,
            belowType: 'STOP_LOSS',
            belowStopPrice: below,
          }
        : {
            side,
            quantity,
            aboveType: 'STOP_LOSS',
            aboveStopPrice: above,
            belowType: 'LIMIT_MAKER',
            belowPrice: below,
          },
    ],
    () => [
      'orderList/oto',
      { ...entry, pendingType: 'MARKET', pendingSide: side, pendingQuantity: quantity },
    ],
    () => ['orderList/otoco', { ...entry, ...exits, pendingQuantity: quantity }],
    () => ['orderList/opoco', { ...entry, ...exits }],
    () => [
      'orderList/opo',
      { ...entry, pendingType: 'LIMIT', pendingSide: 'SELL', pendingPrice: above, pendingTimeInForce: 'GTC' },
    ],
  ];
  const [path, parameters] = orders[Math.floor(random() * orders.length)]!();
  return [path, { symbol, ...parameters }];
}

test('whatever is ordered, executed, split, expired and cancelled, the books of the account balance', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), async (seed, inBnb) => {
      const data = randomWalk(BARS, { seed, start: START, step: MINUTE, price: 2000, volatility: 0.005 });
      const random = mulberry32(seed + 5);
      const rates = { maker: '0.00075', taker: '0.001', buyer: '0.00013' };
      const at = await scene(data, {
        accounts: [
          account({
            balances: START_BALANCES,
            commission: { standard: rates, tax: { seller: '0.0001' }, inBnb },
          }),
        ],
        faults: 'order-partial=0.2,order-stuck=0.1,order-expired=0.05,order-race=0.3,order-503=0.05',
        seed,
        more: { BNBUSDT: randomWalk(BARS, { seed: seed + 1, start: START, step: MINUTE, price: 300 }) },
      });
      while (!at.follower.tick!.end) {
        if (random() < 0.8) {
          const row = Math.min(BARS - 1, Math.floor((at.follower.tick!.E - START) / MINUTE));
          const [path, parameters] = anything(random, data.open[row]!);
          const { body } = await at.settle(at.trader.ask('POST', `/api/v3/${path}`, parameters));
          const what = body.code === undefined ? path : `${body.code}`;
          seen.set(what, (seen.get(what) ?? 0) + 1);
        }
        if (random() < 0.2) {
          const open = at.exchange.accounts[0].openOrders;
          const one = open[Math.floor(random() * open.length)];
          if (one !== undefined) await at.settle(at.trader.cancel({ orderId: one.orderId }));
        }
        checkBooks(at);
        await at.step();
        checkBooks(at);
      }
      await at.settle(at.trader.ask('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }));
      checkBooks(at);
      // A race may have filled what was to be cancelled; what is left then goes with a second try.
      for (let i = 0; i < 20 && at.exchange.accounts[0].openOrders.length > 0; i++) {
        await at.settle(at.trader.ask('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }));
        checkBooks(at);
      }
      expect(at.exchange.accounts[0].openOrders).toEqual([]);
      const statuses = at.exchange.accounts[0].orders.map(({ status }) => String(status));
      for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
      // An order is executed as far as its executions say.
      for (const { orderId, executedQty, status, origQty } of at.exchange.accounts[0].orders) {
        const own = at.exchange.accounts[0].trades.filter(trade => trade.orderId === orderId);
        expect(units(executedQty)).toBe(own.reduce((sum, { qty }) => sum + units(qty), 0n));
        if (status === 'FILLED') expect(executedQty).toBe(origQty);
      }
    }),
    { numRuns: RUNS },
  );
  for (const what of [
    'order',
    'orderList/oco',
    'orderList/opoco',
    'FILLED',
    'CANCELED',
    'EXPIRED',
    '-2010',
  ]) {
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
  }
}, 120_000);
