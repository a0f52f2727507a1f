import { instrument } from 'qt-trader';
import { beforeEach, expect, test } from 'vitest';
import type { Command, ExchangeBroker, KnownOrder } from '../../../src/brokers/binance/commands.ts';
import { Decimal } from '../../../src/brokers/binance/decimal.ts';
import type { AccountSnapshot, NewOrder } from '../../../src/brokers/binance/port.ts';
import { SpareBase, saleOf } from '../../../src/live/real/spare-base.ts';

const BTC = instrument('BTCUSDT', { lotStep: 0.01, minNotional: 5 });
/** Of the last price that was seen. */
let mark: number;

function sale(id: string, quantity: string, more: Partial<NewOrder> = {}): Command {
  const order: NewOrder = {
    ...{ symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', clientOrderId: id, quantity },
    ...more,
  };
  return { kind: 'place', protective: true, order };
}

function account(free: string, locked = '0'): AccountSnapshot {
  return { uid: '1', canTrade: true, balances: [{ asset: 'BTC', free, locked }], time: 0 };
}

let held: string;
let unlocked: string;
let purchases: string[];
let waiting: string[];
let told: AccountSnapshot | undefined;
beforeEach(() => {
  [held, unlocked, purchases, waiting, told] = ['1', '1', [], [], undefined];
  mark = 20;
});

function spareBase(known: Partial<KnownOrder>[] = []): SpareBase {
  return new SpareBase({
    instruments: [BTC],
    broker: {
      account: { marks: Float64Array.of(mark) } as unknown as ExchangeBroker['account'],
      holdings: () => ({ held: Decimal.of(held), unlocked: Decimal.of(unlocked), purchases }),
      known: () => known as KnownOrder[],
      orderOf: () => 7,
    } as Pick<ExchangeBroker, 'account' | 'holdings' | 'known' | 'orderOf'>,
    waits: id => waiting.includes(id),
    port: {
      account: async () =>
        told === undefined
          ? { ok: false, failure: { class: 'unknown', code: undefined, message: '', sentAt: 0 } }
          : { ok: true, value: told },
    },
  });
}

/** Whether one is excluded where the account was seen to hold `before`, and holds `now`. */
async function excludes(
  before: string,
  now: string,
  more: Partial<NewOrder> = {},
): Promise<boolean | undefined> {
  const spare = spareBase();
  spare.see(account(before));
  told = account(now);
  return await spare.excludesAnother([sale('a', '1', more)]);
}

test('a second sale is excluded where the account holds nothing else', async () => {
  expect(await excludes('1', '1')).toBe(true);
  expect(await excludes('1.005', '1.005')).toBe(true);
});

test('it is not where the account holds more, or may hold more than it tells now', async () => {
  expect(await excludes('3', '3')).toBe(false);
  expect(await excludes('1.01', '1.01')).toBe(false);
  // Sold by the first of the two, and told already.
  expect(await excludes('2', '1')).toBe(false);
  // Paid in since.
  expect(await excludes('1', '2')).toBe(false);
});

test('what was not seen, or is not told, excludes nothing', async () => {
  const spare = spareBase();
  told = account('1');
  expect(await spare.excludesAnother([sale('a', '1')])).toBe(false);
  spare.see(account('1'));
  told = undefined;
  expect(await spare.excludesAnother([sale('a', '1')])).toBeUndefined();
});

test('what an earlier process saw counts', async () => {
  const spare = spareBase();
  told = account('1');
  spare.recall('BTCUSDT', 0);
  expect(await spare.excludesAnother([sale('a', '1')])).toBe(true);
  spare.recall('BTCUSDT', 0.5);
  expect(await spare.excludesAnother([sale('a', '1')])).toBe(false);
});

test('it is not where the session has more of its own to sell than a quarter of it', async () => {
  [held, unlocked] = ['1.2', '1.2'];
  expect(await excludes('1.2', '1.2')).toBe(true);
  [held, unlocked] = ['1.3', '1.3'];
  expect(await excludes('1.3', '1.3')).toBe(false);
});

test.each<Partial<NewOrder>>([{ type: 'MARKET' }, { type: 'LIMIT', timeInForce: 'IOC', price: '1' }])(
  'of one that ends at once ($type) it is not where the session has anything else that could be sold by itself',
  async more => {
    const left = (size: number) => {
      held = String(1 + size);
      unlocked = held;
      return excludes(held, held, more);
    };
    // At 20, the least order is for 0.25.
    expect(await left(0.2)).toBe(true);
    expect(await left(0.3)).toBe(false);
    mark = 50;
    expect(await left(0.2)).toBe(false);
    expect(await left(0.09)).toBe(true);
    // Worth nothing, and too large a share of what is to be protected.
    mark = 1;
    expect(await left(0.26)).toBe(false);
    // Of an unknown price, less than a lot.
    mark = Number.NaN;
    expect(await left(0.01)).toBe(false);
    expect(await left(0.009)).toBe(true);
  },
);

test('it is not where the account holds less than the session: a part of the first may have been executed and ended', async () => {
  [held, unlocked] = ['1.2', '1.2'];
  expect(await excludes('1.2', '1.2')).toBe(true);
  expect(await excludes('1.2', '1.195')).toBe(true);
  expect(await excludes('1.2', '1.19')).toBe(false);
  expect(await excludes('1.2', '1')).toBe(false);
});

test('it is not while a purchase may bring more, but for one that waits to be sent', async () => {
  purchases = ['entry'];
  expect(await excludes('1', '1')).toBe(false);
  waiting = ['entry'];
  expect(await excludes('1', '1')).toBe(true);
});

test('what a purchase may have brought is not taken for spare', async () => {
  const spare = spareBase();
  spare.see(account('1'));
  purchases = ['entry'];
  spare.see(account('2'));
  purchases = [];
  told = account('1');
  expect(await spare.excludesAnother([sale('a', '1')])).toBe(true);
});

test('several for one order count together', async () => {
  const spare = spareBase();
  spare.see(account('1'));
  told = account('1');
  expect(await spare.excludesAnother([sale('a', '0.5')])).toBe(false);
  expect(await spare.excludesAnother([sale('a', '0.5'), sale('b', '0.5')])).toBe(true);
});

test('a sale that was heard of, or that others have replaced, is not waited for', () => {
  const of = (state: KnownOrder['state'], doubtful: boolean) =>
    spareBase([{ clientOrderId: 'a', state, doubtful }]).isAwaited(sale('a', '1'));
  expect(of('sent', false)).toBe(true);
  expect(of('sent', true)).toBe(false);
  expect(of('alive', false)).toBe(false);
  expect(spareBase([]).isAwaited(sale('a', '1'))).toBe(false);
});

test('what sells, and how much: what protects, by size, once for a pair', () => {
  expect(saleOf(sale('a', '1'))?.toString()).toBe('1');
  expect(saleOf(sale('a', '1', { side: 'BUY' }))).toBeUndefined();
  const orders = [sale('a', '2'), sale('b', '2')].map(one => (one as { order: NewOrder }).order);
  const list = { symbol: 'BTCUSDT', listClientOrderId: 'l', orders };
  expect(saleOf({ kind: 'placeList', protective: true, list: { ...list, kind: 'oco' } })?.toString()).toBe(
    '2',
  );
  expect(saleOf({ kind: 'placeList', protective: true, list: { ...list, kind: 'oto' } })).toBeUndefined();
  expect(saleOf({ kind: 'placeList', protective: false, list: { ...list, kind: 'oco' } })).toBeUndefined();
  expect(saleOf({ kind: 'cancel', symbol: 'BTCUSDT', clientOrderId: 'a' })).toBeUndefined();
});
