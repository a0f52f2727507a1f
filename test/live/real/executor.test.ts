import { instrument } from 'qt-trader';
import { expect, test } from 'vitest';
import type { AccountInput, Command } from '../../../src/brokers/binance/commands.ts';
import type { Answer, Failure, OrderSnapshot, TradingPort } from '../../../src/brokers/binance/port.ts';
import { idOf, isCancel, isProtective } from '../../../src/live/real/commands.ts';
import { Executor } from '../../../src/live/real/executor.ts';
import { Inbox } from '../../../src/live/real/inbox.ts';
import { Questions } from '../../../src/live/real/questions.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';

const BTC = 'BTCUSDT';
const ETH = 'ETHUSDT';

function place(id: string, protective = false, symbol = BTC, instead?: string[]): Command {
  const side = protective ? 'SELL' : 'BUY';
  return {
    kind: 'place',
    protective,
    ...(instead === undefined ? {} : { instead }),
    order: { symbol, side, type: 'LIMIT', clientOrderId: id, quantity: '1', price: '10', timeInForce: 'GTC' },
  };
}

function cancel(id: string, symbol = BTC): Command {
  return { kind: 'cancel', symbol, clientOrderId: id };
}

function snapshot(id: string, status: OrderSnapshot['status'], symbol = BTC): OrderSnapshot {
  return {
    ...{ symbol, clientOrderId: id, orderId: 1, orderListId: -1, side: 'BUY', type: 'LIMIT', status },
    ...{ quantity: '1', price: '10', stopPrice: '0', executed: '0', executedQuote: '0', time: 0, reason: '' },
  };
}

/** An executor, and answers that a test gives by hand. */
function scene(clock?: () => number) {
  const timers = new VirtualTimers(1_000_000);
  const requests: { readonly what: string; readonly answer: (answer: Answer<never>) => void }[] = [];
  const inputs: AccountInput[] = [];
  const halts: string[] = [];
  let halted = false;
  let only = false;
  const ask = (what: string) =>
    new Promise<Answer<never>>(answer => {
      requests.push({ what, answer });
    });
  const port = {
    recvWindowMs: 5000,
    now: clock ?? (() => timers.now()),
    syncClock: () => ask('clock'),
    place: (order: { clientOrderId: string }) => ask(`place ${order.clientOrderId}`),
    cancel: (_: string, id: string) => ask(`cancel ${id}`),
    order: (_: string, id: string) => ask(`order ${id}`),
  } as unknown as TradingPort;
  const fail = (error: unknown) => {
    throw error;
  };
  const instruments = [instrument(BTC), instrument(ETH)];
  const inbox = new Inbox({
    ...{ port, timers, instruments, fail },
    deliver: input => inputs.push(input),
    notice: () => {},
  });
  const executor = new Executor({
    ...{ port, timers, inbox, fail },
    questions: new Questions(port, inbox),
    mark: () => {},
    spare: {
      isAll: () => only,
      excludesAnother: async () => only,
      isAwaited: () => true,
      ownerOf: command => (isProtective(command) && !isCancel(command) ? 1 : undefined),
    },
    notice: () => {},
    halt: code => halts.push(code),
    isHalted: () => halted,
  });
  executor.begin();
  const pass = (ms = 0) => timers.run({ until: timers.now() + ms });
  return {
    ...{ timers, executor, inputs, halts, pass },
    halt: () => {
      halted = true;
    },
    /** The account has nothing to sell beside what is to be sold. */
    only: () => {
      only = true;
    },
    /** What has been asked and not been answered. */
    asked: () => requests.map(({ what }) => what),
    async ok(value: unknown) {
      requests.shift()!.answer({ ok: true, value } as Answer<never>);
      await pass();
    },
    async fails(kind: Failure['class'], more: Partial<Failure> = {}) {
      const failure = { class: kind, code: undefined, message: kind, sentAt: timers.now(), ...more };
      requests.shift()!.answer({ ok: false, failure });
      await pass();
    },
  };
}

const taken = (id: string) => ({ orders: [snapshot(id, 'NEW')], trades: [] });

test('commands are sent in their order, one at a time', async () => {
  const { executor, asked, ok } = scene();
  executor.send([place('a'), place('b'), cancel('a')]);
  expect(asked()).toEqual(['place a']);
  await ok(taken('a'));
  expect(asked()).toEqual(['place b']);
  await ok(taken('b'));
  expect(asked()).toEqual(['cancel a']);
  await ok([snapshot('a', 'CANCELED')]);
  expect(executor.idle).toBe(true);
});

test('while it is unknown what has become of an order, its symbol is entered no further, but left and protected', async () => {
  const { executor, asked, ok, fails } = scene();
  executor.send([place('a')]);
  await fails('unknown');
  executor.send([place('b'), place('exit', true), cancel('old')]);
  expect(asked()).toEqual(['place exit']);
  await ok({ orders: [snapshot('exit', 'NEW')], trades: [] });
  expect(asked()).toEqual(['cancel old']);
});

test('while it is unknown whether an order was cancelled, its symbol is entered no further; what protects is placed', async () => {
  const { executor, asked, pass, ok, fails } = scene();
  executor.send([place('old')]);
  await ok(taken('old'));
  executor.send([cancel('old'), place('new'), place('exit', true), place('other', true, ETH)]);
  expect(asked()).toEqual(['cancel old']);
  await fails('unknown');
  expect(asked()).toEqual(['place exit']);
  await ok({ orders: [snapshot('exit', 'NEW')], trades: [] });
  expect(asked()).toEqual(['place other']);
  await ok({ orders: [snapshot('other', 'NEW', ETH)], trades: [] });
  await pass(500);
  expect(asked()).toEqual(['order old']);
  await ok(snapshot('old', 'CANCELED'));
  expect(asked()).toEqual(['place new']);
});

test('a cancel does not overtake the order that it is about', async () => {
  const { executor, asked, fails, pass } = scene();
  executor.send([place('a')]);
  await fails('limits', { code: -1015, retryAt: 1_000_000 + 5000 });
  executor.send([cancel('a')]);
  expect(asked()).toEqual([]);
  await pass(5001);
  expect(asked()).toEqual(['place a']);
});

test('when there are too many orders, cancels go on; when there are too many requests, nothing does', async () => {
  const few = scene();
  few.executor.send([place('old')]);
  await few.ok(taken('old'));
  few.executor.send([place('a')]);
  await few.fails('limits', { code: -1015, retryAt: 1_005_000 });
  few.executor.send([cancel('old')]);
  expect(few.asked()).toEqual(['cancel old']);
  const none = scene();
  none.executor.send([place('a')]);
  await none.fails('limits', { code: -1003, retryAt: 1_005_000 });
  none.executor.send([cancel('old')]);
  expect(none.asked()).toEqual([]);
  await none.pass(5001);
  expect(none.asked()).toEqual(['place a']);
});

test('of what waits when the account is halted, entries are dropped and the rest is done', async () => {
  const { executor, asked, halt, inputs, fails, pass } = scene();
  executor.send([place('a')]);
  await fails('limits', { code: -1003, retryAt: 1_005_000 });
  executor.send([place('exit', true)]);
  halt();
  await pass(5001);
  expect(asked()).toEqual(['place exit']);
  expect(inputs).toMatchObject([{ kind: 'refused', clientOrderIds: ['a'], code: 'HALTED' }]);
});

test('a cancel that was not done is sent again when the order is still there, a few times', async () => {
  const { executor, asked, ok, fails, pass, halts } = scene();
  executor.send([place('a')]);
  await ok(taken('a'));
  executor.send([cancel('a')]);
  for (let tries = 0; tries < 5; tries++) {
    expect(asked()).toEqual(['cancel a']);
    await fails('unknown');
    await pass(500);
    expect(asked()).toEqual(['order a']);
    await ok(snapshot('a', 'NEW'));
  }
  expect(asked()).toEqual([]);
  expect(halts).toEqual(['CANCEL_FAILED']);
});

test('a cancel of what has ended is not sent', async () => {
  const { executor, asked, ok } = scene();
  executor.send([place('a'), cancel('a')]);
  await ok({ orders: [snapshot('a', 'EXPIRED')], trades: [] });
  expect(asked()).toEqual([]);
  expect(executor.idle).toBe(true);
});

test('that an order is not found counts only three times and a minute after sending', async () => {
  const { executor, asked, fails, pass, inputs, timers } = scene();
  executor.send([place('a')]);
  const sentAt = timers.now();
  await fails('unknown');
  const asks: number[] = [];
  while (inputs.length === 0) {
    await pass(100);
    if (asked().length === 0) continue;
    asks.push(timers.now() - sentAt);
    await fails('notFound');
  }
  expect(asks.map(ms => Math.round(ms / 100) / 10)).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 60.1]);
  expect(inputs).toMatchObject([{ kind: 'refused', clientOrderIds: ['a'], code: 'NOT_FOUND' }]);
});

test('of commands that wait, entries beyond the most are refused, protective ones never', async () => {
  const { executor, inputs } = scene();
  const many = Array.from({ length: 1010 }, (_, i) => place(`e${i}`));
  executor.send([...many, place('exit', true)]);
  const refused = inputs.flatMap(input => (input.kind === 'refused' ? input.clientOrderIds : []));
  expect(refused).toEqual(many.slice(1000).map(idOf));
  expect(executor.isPending('exit')).toBe(true);
});

test('that an order does not exist becomes certain, too, where the exchange’s time stands still until that is known', async () => {
  const { executor, inputs, asked, fails, pass } = scene(() => 1_000_000);
  executor.send([place('a')]);
  await fails('unknown', { sentAt: 1_000_000 });
  for (const pause of [500, 1000, 2000, 4000, 8000, 16_000]) {
    await pass(pause);
    expect(asked()).toEqual(['order a']);
    await fails('notFound');
    expect(inputs).toEqual([]);
  }
  await pass(30_000);
  await fails('notFound');
  expect(inputs).toMatchObject([{ kind: 'refused', clientOrderIds: ['a'], code: 'NOT_FOUND' }]);
});

test('what is not answered for two seconds is asked for, and others are sent meanwhile', async () => {
  const { executor, asked, ok, pass } = scene();
  executor.send([place('a', true), place('b', true)]);
  await pass(1999);
  expect(asked()).toEqual(['place a']);
  await pass(1);
  expect(asked()).toEqual(['place a', 'order a', 'place b']);
  // Its answer counts all the same.
  await ok(taken('a'));
  expect(executor.doubts.count).toBe(0);
  expect(executor.doubts.counts).toMatchObject({ opened: 1, found: 1 });
});

test('a late answer that it was not done ends the doubt', async () => {
  const { executor, inputs, fails, pass } = scene();
  executor.send([place('a')]);
  await pass(2000);
  await fails('rejected', { code: -2010 });
  expect(inputs).toMatchObject([{ kind: 'refused', clientOrderIds: ['a'], code: 'EXCHANGE_REJECTED' }]);
  expect(executor.doubts.count).toBe(0);
});

test('a sale that cannot be found may have another in its stead at once where the account cannot sell both', async () => {
  const { executor, asked, fails, inputs, only, pass } = scene();
  only();
  executor.send([place('exit', true)]);
  await fails('unknown');
  await pass(500);
  expect(asked()).toEqual(['order exit']);
  await fails('notFound');
  expect(inputs).toMatchObject([{ kind: 'doubtful', clientOrderIds: ['exit'] }]);
  executor.send([place('other', true, BTC, ['exit'])]);
  expect(asked()).toEqual(['place other']);
});

test('where it could sell both, none is until the first is certain not to exist', async () => {
  const { executor, asked, fails, inputs, pass } = scene();
  executor.send([place('exit', true)]);
  await fails('unknown');
  await pass(500);
  await fails('notFound');
  expect(inputs).toEqual([]);
  executor.send([place('other', true, BTC, ['exit'])]);
  await pass(900);
  expect(asked()).toEqual([]);
});

test('what was to take the place of an order that is found is not sent', async () => {
  const { executor, asked, fails, inputs, ok, pass } = scene();
  executor.send([place('exit', true)]);
  await fails('unknown');
  executor.send([place('other', true, BTC, ['exit'])]);
  expect(asked()).toEqual([]);
  await pass(500);
  await ok(snapshot('exit', 'NEW'));
  await pass(1000);
  expect(asked()).toEqual([]);
  expect(inputs.at(-1)).toMatchObject({ kind: 'refused', clientOrderIds: ['other'], code: 'NOT_NEEDED' });
});

test('while a sale that was replaced may still arrive, no other gives back what it could sell', async () => {
  const { executor, asked, fails, ok, only, pass, timers } = scene();
  only();
  executor.send([place('old', true), place('exit', true)]);
  await ok(taken('old'));
  const sentAt = timers.now();
  await fails('unknown');
  await pass(500);
  await fails('notFound');
  executor.send([place('other', true, BTC, ['exit'])]);
  await ok(taken('other'));
  executor.send([cancel('old'), cancel('other')]);
  expect(asked()).toEqual(['cancel other']);
  await ok([snapshot('other', 'CANCELED')]);
  while (!asked().includes('cancel old')) {
    await pass(500);
    if (asked()[0] === 'order exit') await fails('notFound');
  }
  // Five seconds that it was valid, ten in the engine, and five more.
  expect(timers.now() - sentAt).toBeGreaterThan(20_000);
  expect(timers.now() - sentAt).toBeLessThanOrEqual(22_000);
  expect(executor.doubts.count).toBe(1);
});

test('what protects goes before entries that wait', async () => {
  const { executor, asked, ok } = scene();
  executor.send([place('first')]);
  executor.send([place('entry'), place('exit', true)]);
  await ok(taken('first'));
  expect(asked()).toEqual(['place exit']);
  await ok(taken('exit'));
  expect(asked()).toEqual(['place entry']);
});

test('that base was missing for what protects is told a little later each time', async () => {
  const { executor, fails, inputs, pass, timers } = scene();
  const SHORT = { code: -2010, message: 'Account has insufficient balance for requested action.' };
  const pauses: number[] = [];
  for (let times = 0; times < 6; times++) {
    executor.send([place(`exit ${times}`, true)]);
    await fails('rejected', SHORT);
    const from = timers.now();
    while (inputs.length <= times) await pass(100);
    pauses.push(timers.now() - from);
    expect(executor.idle).toBe(true);
  }
  expect(pauses).toEqual([0, 500, 1000, 2000, 4000, 8000]);
});
