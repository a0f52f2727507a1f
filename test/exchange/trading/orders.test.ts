import { expect, test } from 'vitest';
import { scene } from './scene.ts';
import { bars } from './support.ts';

const QUIET = [100, 101, 99, 100] as const;

test('a market order placed at the close of a bar is filled at the next open, in the answer of its request', async () => {
  const { trader, settle, close, has } = await scene(bars(QUIET, [105, 106, 104, 105], QUIET));
  await close(1);
  const { status, body } = await settle(trader.market('BUY', '1.5', { newClientOrderId: 'one' }));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    symbol: 'BTCUSDT',
    orderId: 1,
    orderListId: -1,
    clientOrderId: 'one',
    price: '0.00000000',
    origQty: '1.50000000',
    executedQty: '1.50000000',
    cummulativeQuoteQty: '157.50000000',
    status: 'FILLED',
    type: 'MARKET',
    side: 'BUY',
    fills: [
      {
        price: '105.00000000',
        qty: '1.50000000',
        commission: '0.00000000',
        commissionAsset: 'BTC',
        tradeId: 1,
      },
    ],
  });
  expect(has('BTC')).toEqual([11.5, 0]);
  expect(has('USDT')).toEqual([9842.5, 0]);
});

test('a limit order rests, locks what it needs, and is filled at its price when a bar touches it', async () => {
  const { trader, settle, close, has } = await scene(bars(QUIET, [100, 101, 95, 100], QUIET));
  await close(1);
  const { body } = await settle(trader.limit('BUY', '95', '2', { newClientOrderId: 'rest' }));
  expect(body).toMatchObject({ status: 'NEW', executedQty: '0.00000000', fills: [] });
  expect(has('USDT')).toEqual([9810, 190]);
  await close(2);
  expect((await settle(trader.order({ origClientOrderId: 'rest' }))).body).toMatchObject({
    status: 'FILLED',
    cummulativeQuoteQty: '190.00000000',
  });
  expect(has('USDT')).toEqual([9810, 0]);
  const { body: trades } = await settle(trader.ask('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' }));
  expect(trades).toMatchObject([{ price: '95.00000000', isMaker: true, isBuyer: true }]);
});
