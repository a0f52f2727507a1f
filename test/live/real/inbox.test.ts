import { instrument } from 'qt-trader';
import { expect, test } from 'vitest';
import type { AccountInput } from '../../../src/brokers/binance/commands.ts';
import type { ExchangeTrade, OrderSnapshot } from '../../../src/brokers/binance/port.ts';
import { Inbox } from '../../../src/live/real/inbox.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';

const order = (orderId: number, side: 'BUY' | 'SELL'): OrderSnapshot => ({
  ...{ symbol: 'BTCUSDT', clientOrderId: `own-${orderId}`, orderId, orderListId: -1, side },
  ...{ type: 'LIMIT', status: 'FILLED', quantity: '1', price: '100', stopPrice: '0' },
  ...{ executed: '1', executedQuote: '100', time: 1, reason: '' },
});

const trade = (orderId: number, commissionAsset: string): ExchangeTrade => ({
  ...{ symbol: 'BTCUSDT', tradeId: 7, orderId, price: '100', quantity: '1', quoteQuantity: '100' },
  ...{ commission: '0.001', commissionAsset, maker: false, time: 1 },
});

function inboxWith(price: () => Promise<string>) {
  const timers = new VirtualTimers(0);
  const inputs: AccountInput[] = [];
  const inbox = new Inbox({
    port: { now: () => timers.now(), price: async () => ({ ok: true, value: await price() }) },
    timers,
    instruments: [instrument('BTCUSDT')],
    deliver: input => inputs.push(input),
    notice: () => {},
    fail: error => {
      throw error;
    },
  });
  return { inbox, inputs, timers };
}

test('of a trade of an account with itself both sides count, though they have one number', () => {
  const { inbox, inputs } = inboxWith(async () => '1');
  inbox.order(order(1, 'BUY'), [trade(1, 'BTC')]);
  inbox.order(order(2, 'SELL'), [trade(2, 'USDT')]);
  inbox.order(order(2, 'SELL'), [trade(2, 'USDT')]);
  expect(inputs.map(input => input.kind === 'order' && input.trades.length)).toEqual([1, 1]);
  expect(inbox.misses(order(1, 'BUY'))).toBe(false);
  expect(inbox.misses(order(2, 'SELL'))).toBe(false);
  expect(inbox.duplicates).toBe(1);
});

test('a fee in another asset waits for its price, and what comes after it waits as well', async () => {
  let answer: (price: string) => void = () => {};
  const { inbox, inputs } = inboxWith(() => new Promise(resolve => (answer = resolve)));
  inbox.order(order(1, 'BUY'), [trade(1, 'BNB')]);
  inbox.order(order(2, 'SELL'), [trade(2, 'USDT')]);
  expect(inputs).toEqual([]);
  expect(inbox.idle).toBe(false);
  answer('600.5');
  await new Promise(resolve => setImmediate(resolve));
  expect(inputs.map(input => input.kind === 'order' && input.trades[0]?.commissionPrice)).toEqual([600.5, 1]);
});

test('an execution does not wait for its fee’s price for more than two seconds: what it bought is to be protected', async () => {
  const { inbox, inputs, timers } = inboxWith(() => new Promise(() => {}));
  inbox.order(order(1, 'BUY'), [trade(1, 'BNB')]);
  await timers.run({ until: 1999 });
  expect(inputs).toEqual([]);
  await timers.run({ until: 2001 });
  expect(inputs).toMatchObject([{ kind: 'order', trades: [{ commissionPrice: 0 }] }]);
  expect(inbox.unpricedFees).toBe(1);
});
