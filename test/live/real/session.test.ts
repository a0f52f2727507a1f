import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StrategyClass, strategy } from 'qt-trader';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountInput } from '../../../src/brokers/binance/commands.ts';
import type { TradingPort } from '../../../src/brokers/binance/port.ts';
import { requestHalt, resume } from '../../../src/live/real/halts.ts';
import { Journal, type JournalEntry } from '../../../src/store/journal.ts';
import { isOpen } from './support/exchange.ts';
import { Life } from './support/life.ts';
import { BEGIN, MINUTE, World, type WorldOptions } from './support/world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-real-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** At the bars that are named, counted from 1. */
function plan(
  steps: Readonly<Record<number, (strategy: InstanceType<StrategyClass>) => void>>,
): StrategyClass {
  return class Planned extends strategy() {
    next() {
      steps[this.data.length]?.(this);
    }
  };
}

function world(strategy: StrategyClass, more: Partial<WorldOptions> = {}): World {
  return new World({ seed: 5, bars: 12, folder, strategy, ...more });
}

function entriesOf(store: string): JournalEntry[] {
  const journal = new Journal(store, { mustExist: true });
  try {
    return [...journal.entries(1)];
  } finally {
    journal.close();
  }
}

function inputsOf(store: string): AccountInput[] {
  return entriesOf(store).flatMap(entry => (entry.kind === 'account' ? [JSON.parse(entry.input)] : []));
}

const buy = plan({ 2: one => one.buy({ size: 1 }) });
const restingBuy = plan({ 2: one => one.buy({ size: 1, limit: 50 }) });
/** Buys, then lets what closes the position rest far above. */
const holding = plan({ 2: one => one.buy({ size: 1 }), 4: one => one.close({ limit: 500 }) });

test('an order is in the journal, with the step that decided it, before it is sent', async () => {
  const seen: string[][] = [];
  const one: World = world(buy, {
    wrap: port =>
      overridden(port, {
        place: order => {
          const kinds = entriesOf(one.store).map(({ kind }) => kind);
          seen.push(kinds.slice(-5));
          return port.place(order);
        },
      }),
  });
  await one.live(new Life());
  expect(seen).toEqual([['bar', 'step', 'order', 'command', 'sent']]);
});

test('what an order has become is in the account, and told at the next step', async () => {
  const told: string[] = [];
  class Told extends strategy() {
    next() {
      told.push(`${this.data.length}: ${this.position.size > 0}`);
      if (this.data.length === 2) this.buy({ size: 1 });
    }
    override notifyOrder({ status }: { status: string }) {
      told.push(status);
    }
  }
  const one = world(Told);
  await one.live(new Life());
  expect(told.slice(0, 6)).toEqual(['1: false', '2: false', 'submitted', 'accepted', 'completed', '3: true']);
});

test('an answer that is lost is found out by asking; the order is never sent twice', async () => {
  let sent = 0;
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        place: async order => {
          sent++;
          await port.place(order);
          return {
            ok: false,
            failure: { class: 'unknown', code: -1007, message: 'timeout', sentAt: port.now() },
          };
        },
      }),
  });
  const result = await one.live(new Life());
  expect(sent).toBe(1);
  expect(result!.counts.doubts).toMatchObject({ opened: 1, found: 1, lost: 0 });
  expect(result!.result.positions[0]!.size).toBeCloseTo(0.999, 9);
});

test('an order that never arrived is given up when that is certain, a minute after it was sent, and not before', async () => {
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        place: async () => ({
          ok: false,
          failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
        }),
      }),
  });
  const result = await one.live(new Life());
  const refused = inputsOf(one.store).find(input => input.kind === 'refused');
  expect(refused).toMatchObject({ code: 'NOT_FOUND' });
  const sent = entriesOf(one.store).find(entry => entry.kind === 'sent');
  expect(refused!.time - (sent as { time: number }).time).toBeGreaterThan(60_000);
  expect(result!.result.orders.view(1).reason?.code).toBe('NOT_FOUND');
});

test('what cannot be found out halts the account, and is asked for all the same', async () => {
  let isDeaf = true;
  const one = world(buy, {
    bars: 20,
    wrap: port =>
      overridden(port, {
        place: async order => {
          await port.place(order);
          return {
            ok: false,
            failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
          };
        },
        order: (symbol, id) =>
          isDeaf
            ? Promise.resolve({
                ok: false,
                failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
              })
            : port.order(symbol, id),
        listen: handlers => port.listen({ ...handlers, onEvent: () => {} }),
      }),
  });
  one.at(10 * MINUTE, () => {
    isDeaf = false;
  });
  const result = await one.live(new Life());
  expect(one.codes('alarm')).toEqual(expect.arrayContaining(['UNRESOLVED', 'HALTED', 'RESOLVED']));
  // The order, and its cancel by the halt.
  expect(result!.counts.doubts).toMatchObject({ opened: 2, lost: 2, found: 2 });
  expect(result!.result.positions[0]!.size).toBeCloseTo(0.999, 9);
});

test('a late report of an order that was taken for refused is booked, with an alarm', async () => {
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        place: async order => {
          // Longer than any exchange says it can take.
          one.at(4 * MINUTE, () => one.exchange.place(order, one.timers.now()));
          return {
            ok: false,
            failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
          };
        },
      }),
  });
  await one.live(new Life());
  expect(one.codes('alarm')).toContain('LATE_REPORT');
  expect(inputsOf(one.store).some(input => input.kind === 'order' && input.order.status === 'FILLED')).toBe(
    true,
  );
});

test('an order that was taken for refused and executed all the same is found, though no report tells of it and later executions came since', async () => {
  const twice = plan({ 2: it => it.buy({ size: 1 }), 6: it => it.buy({ size: 2 }) });
  let isFirst = true;
  const one = world(twice, {
    wrap: port =>
      overridden(port, {
        listen: handlers => port.listen({ ...handlers, onEvent: () => {} }),
        place: async order => {
          if (!isFirst) return port.place(order);
          isFirst = false;
          one.at(4 * MINUTE, () => one.exchange.place(order, one.timers.now()));
          return {
            ok: false,
            failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
          };
        },
      }),
  });
  const result = await one.live(new Life());
  expect(one.codes('alarm')).toContain('LATE_REPORT');
  expect(result!.result.positions[0]!.size).toBeCloseTo(one.exchange.balances.get('BTC')!.toNumber(), 9);
  expect(result!.result.positions[0]!.size).toBeCloseTo(2.997, 9);
});

test.each([
  ['and the account tells that something is gone', false],
  ['and the account tells nothing either, while there is more to sell', true],
])(
  'a sale that was executed in part, has ended, and cannot be found is not made again %s',
  async (_, isStale) => {
    const selling = plan({
      2: it => it.buy({ size: 1.2 }),
      4: it => it.close({ size: 1 }),
    });
    const sent: string[] = [];
    let hiddenUntil = 0;
    const isHidden = () => one.timers.now() < hiddenUntil;
    let before: Awaited<ReturnType<TradingPort['account']>> | undefined;
    const one: World = world(selling, {
      wrap: port =>
        overridden(port, {
          listen: handlers => port.listen({ ...handlers, onEvent: () => {} }),
          account: async () => (isHidden() && isStale ? before! : port.account()),
          trades: async (symbol, of) => (isHidden() ? { ok: true, value: [] } : port.trades(symbol, of)),
          order: async (symbol, id) => {
            const failure = { class: 'notFound', code: -2013, message: 'Order does not exist.' } as const;
            return isHidden()
              ? { ok: false, failure: { ...failure, sentAt: port.now() } }
              : port.order(symbol, id);
          },
          place: async order => {
            if (order.side === 'BUY') return port.place(order);
            sent.push(order.clientOrderId);
            if (sent.length > 1) return port.place(order);
            before = await port.account();
            hiddenUntil = one.timers.now() + 25_000;
            one.exchange.place({ ...order, quantity: '0.15' }, one.timers.now());
            const found = one.exchange.find(order.symbol, order.clientOrderId)!;
            Object.assign(found.asked, { quantity: order.quantity });
            found.status = 'EXPIRED';
            return {
              ok: false,
              failure: { class: 'unknown', code: undefined, message: 'reset', sentAt: port.now() },
            };
          },
        }),
    });
    const result = await one.live(new Life());
    expect(sent).toHaveLength(1);
    expect(result!.counts.doubts).toMatchObject({ replaced: 0, found: 1 });
    expect(result!.result.positions[0]!.size).toBeCloseTo(1.1988 - 0.15, 9);
    expect(one.exchange.balances.get('BTC')!.toNumber()).toBeCloseTo(1.1988 - 0.15, 9);
  },
);

test('a halt from another shell is noticed within a second, cancels what opens positions, keeps what protects them, and outlives a restart', async () => {
  const both = plan({
    2: one => one.buy({ size: 1 }),
    4: one => {
      one.sell({ size: 0.9, limit: 500 });
      one.buy({ size: 1, limit: 50 });
    },
    7: one => one.buy({ size: 1 }),
    14: one => one.buy({ size: 0.5 }),
  });
  const one = world(both, { bars: 16 });
  let halted = Number.NaN;
  one.at(5.5 * MINUTE, () => {
    halted = one.timers.now();
    requestHalt(one.store, { now: halted });
  });
  await one.live(new Life(), BEGIN + 8.5 * MINUTE);
  const halt = inputsOf(one.store).find(input => input.kind === 'halt');
  expect(halt).toMatchObject({ code: 'KILLED' });
  expect(halt!.time - halted).toBeLessThanOrEqual(1000);
  expect(one.exchange.orders.filter(isOpen).map(({ asked }) => asked.side)).toEqual(['SELL']);
  expect(one.start!.run.broker.orders.view(4).reason?.code).toBe('RISK_HALTED');
  // It begins halted, and trades again when it may.
  one.at(11 * MINUTE, () => resume(one.store));
  const result = await one.live(new Life());
  expect(one.codes().filter(code => code === 'RESUMED' || code === 'HALTED')).toEqual(['HALTED', 'RESUMED']);
  expect(result!.result.orders.view(5).status).toBe('completed');
});

test('a halt that flattens takes every order away and closes the position', async () => {
  const one = world(holding);
  one.at(6.5 * MINUTE, () => requestHalt(one.store, { now: 0, flatten: true }));
  await one.live(new Life());
  expect(one.exchange.orders.filter(isOpen)).toEqual([]);
  expect(one.exchange.balances.get('BTC')!.toNumber()).toBeLessThan(0.001);
});

test.each([
  ['keep', ['BUY', 'SELL'], true],
  ['cancel', ['SELL'], true],
  ['flatten', [], false],
] as const)('an exit with %s leaves %j open', async (policy, open, holds) => {
  const both = plan({
    2: one => one.buy({ size: 1 }),
    4: one => {
      one.buy({ size: 1, limit: 50 });
      one.sell({ size: 0.9, limit: 500 });
    },
  });
  const one = world(both);
  one.at(6.5 * MINUTE, () => one.start!.stop(policy));
  const result = await one.live(new Life());
  expect(one.exchange.orders.filter(isOpen).map(({ asked }) => asked.side)).toEqual(open);
  expect(one.exchange.balances.get('BTC')!.toNumber() > 0.5).toBe(holds);
  expect(result!.ended).toBe(false);
});

test('an entry that never left is too old to be sent after a restart', async () => {
  const one = world(restingBuy);
  // Dies when the journal has the step and nothing was marked as sent.
  await dies(one, entries => entries.some(({ kind }) => kind === 'command'));
  await one.live(new Life());
  expect(inputsOf(one.store)).toMatchObject([{ kind: 'refused', code: 'NOT_SENT' }]);
  expect(one.exchange.orders).toEqual([]);
});

test('what protects a position and never left is sent after a restart, before any bar is taken', async () => {
  const one = world(holding);
  await dies(one, entries =>
    entries.some(entry => entry.kind === 'command' && JSON.parse(entry.command).protective),
  );
  const before = entriesOf(one.store).length;
  await one.live(new Life());
  const later = entriesOf(one.store)
    .slice(before)
    .map(({ kind }) => kind);
  expect(later.indexOf('sent')).toBe(0);
  expect(later).toContain('bar');
  expect(one.exchange.orders.filter(isOpen).map(({ asked }) => asked.side)).toEqual(['SELL']);
});

test('executions while no process lived are in the account before the strategy is asked again', async () => {
  const sizes: number[] = [];
  class Watching extends strategy() {
    next() {
      sizes.push(this.position.size);
      if (this.data.length === 2) this.buy({ size: 1, limit: 60 });
    }
  }
  const one = world(Watching);
  await one.live(new Life(), BEGIN + 3.5 * MINUTE);
  one.exchange.setPrice('BTCUSDT', '59.00', one.timers.now());
  const before = sizes.length;
  await one.timers.run({ until: BEGIN + 7.5 * MINUTE });
  await one.live(new Life());
  expect(sizes.slice(0, 3)).toEqual([0, 0, 0]);
  expect(sizes.slice(-3)).toEqual([0.999, 0.999, 0.999]);
  expect(before).toBe(3);
  // The bars that were lived through before have no position; those that were missed have.
  expect(sizes.filter(size => size === 0).length).toBe(6);
});

test('an account that holds less than the session refuses to begin, and says what to do', async () => {
  const poor = world(buy, { balances: { USDT: '4000' } });
  await expect(poor.live(new Life())).rejects.toMatchObject({
    code: 'BALANCE_SHORT',
    value: 4000,
    limit: 5000,
  });
  expect(poor.exchange.orders).toEqual([]);
});

test('a position that was sold by hand refuses to begin again', async () => {
  const one = world(buy);
  await one.live(new Life(), BEGIN + 4.5 * MINUTE);
  one.exchange.place(
    { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', clientOrderId: 'by-hand', quantity: '0.5' },
    one.timers.now(),
  );
  await expect(one.live(new Life())).rejects.toMatchObject({ code: 'BALANCE_SHORT' });
});

test('a position that is sold by hand while the session runs halts the account', async () => {
  const one = world(buy);
  one.at(4.5 * MINUTE, () =>
    one.exchange.place(
      { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', clientOrderId: 'by-hand', quantity: '0.5' },
      one.timers.now(),
    ),
  );
  await one.live(new Life());
  expect(inputsOf(one.store).find(input => input.kind === 'halt')).toMatchObject({ code: 'BALANCE_SHORT' });
});

test('orders of others are named and left alone, and what they hold is not counted as the session’s', async () => {
  const one = world(buy, { balances: { USDT: '6000' } });
  const foreign = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    clientOrderId: 'mine',
    timeInForce: 'GTC',
  } as const;
  one.exchange.place({ ...foreign, quantity: '10', price: '50' }, BEGIN);
  const result = await one.live(new Life());
  expect(one.codes()).toContain('FOREIGN_ORDER');
  expect(one.exchange.orders.filter(isOpen).map(({ asked }) => asked.clientOrderId)).toEqual(['mine']);
  expect(result!.counts.foreignOrders).toBe(1);
  const two = new World({
    seed: 6,
    bars: 5,
    folder: join(folder, 'two'),
    strategy: buy,
    balances: { USDT: '6000' },
  });
  two.exchange.place({ ...foreign, quantity: '30', price: '50' }, BEGIN);
  await expect(two.live(new Life())).rejects.toMatchObject({ code: 'BALANCE_SHORT', value: 4500 });
});

test('one process trades a symbol of an account, whatever store it has', async () => {
  const one = world(restingBuy);
  let second: Promise<unknown> | undefined;
  one.at(3 * MINUTE, () => {
    const other = new World({ seed: 5, bars: 5, folder: join(folder, 'two'), strategy: buy });
    second = other.live(new Life(), undefined, { lockFolder: join(folder, 'locks') }).catch(error => error);
  });
  await one.live(new Life());
  expect(await second).toMatchObject({ code: 'ACCOUNT_BUSY' });
});

test.each([
  [400, undefined],
  [-700, 'warned'],
  [1500, 'refused'],
])('a clock that is %i ms off is %s', async (offsetMs, how) => {
  const one = world(buy, {
    wrap: port =>
      overridden(port, { syncClock: async () => ({ ok: true, value: { offsetMs, errorMs: 20 } }) }),
  });
  const run = one.live(new Life());
  if (how === 'refused') await expect(run).rejects.toMatchObject({ code: 'CLOCK_OFF', value: offsetMs });
  else await run;
  expect(one.codes().includes('CLOCK_OFF')).toBe(how === 'warned');
});

test('a clock that jumps while the session runs halts the account', async () => {
  let offsetMs = 100;
  const one = world(buy, {
    bars: 20,
    wrap: port =>
      overridden(port, { syncClock: async () => ({ ok: true, value: { offsetMs, errorMs: 20 } }) }),
  });
  one.at(5 * MINUTE, () => {
    offsetMs = 1600;
  });
  await one.live(new Life());
  expect(inputsOf(one.store).find(input => input.kind === 'halt')).toMatchObject({ code: 'CLOCK_OFF' });
});

test('a poll that fails is not taken for an account without orders', async () => {
  const one = world(restingBuy, {
    wrap: port => {
      let asked = 0;
      const failure = { class: 'unknown', code: undefined, message: 'reset', sentAt: Number.NaN } as const;
      return overridden(port, {
        openOrders: symbol =>
          ++asked > 2 ? Promise.resolve({ ok: false, failure }) : port.openOrders(symbol),
      });
    },
  });
  const result = await one.live(new Life());
  expect(one.codes()).toContain('RECONCILE_FAILED');
  expect(result!.result.orders.view(1).alive).toBe(true);
});

test('an open order that a poll does not list is asked for by its id before anything is concluded', async () => {
  const asked: string[] = [];
  const one = world(restingBuy, {
    wrap: port =>
      overridden(port, {
        openOrders: async () => ({ ok: true, value: [] }),
        order: (symbol, id) => {
          asked.push(id);
          return port.order(symbol, id);
        },
      }),
  });
  const result = await one.live(new Life());
  expect(asked.length).toBeGreaterThan(5);
  expect(result!.result.orders.view(1).alive).toBe(true);
});

test('an execution that no report told is found by comparing', async () => {
  const one = world(restingBuy, {
    wrap: port => overridden(port, { listen: handlers => port.listen({ ...handlers, onEvent: () => {} }) }),
  });
  one.at(4.2 * MINUTE, () => one.exchange.setPrice('BTCUSDT', '49.00', one.timers.now()));
  const result = await one.live(new Life());
  expect(result!.result.positions[0]!.size).toBeCloseTo(0.999, 9);
  expect(result!.counts.reconciliation.differences).toBeGreaterThan(0);
});

test('after a quiet time the first order is compared within ten seconds again, and not a minute after the last comparison', async () => {
  const one = world(plan({ 2: it => it.buy({ size: 1, limit: 95 }) }), { faults: { drop: 1 } });
  // Quiet comparisons come five seconds before the full minute.
  await one.timers.run({ until: BEGIN + 45_000 });
  one.at(2 * MINUTE + 5000, () => one.exchange.setPrice('BTCUSDT', '94.00', BEGIN + 2 * MINUTE + 5000));
  let known = Number.NaN;
  await one.live(new Life(), undefined, {
    onEntries: entries => {
      if (entries.some(({ kind }) => kind === 'fill')) known = one.timers.now() - BEGIN;
    },
  });
  expect(known).toBeGreaterThan(2 * MINUTE + 5000);
  expect(known).toBeLessThan(2 * MINUTE + 16_000);
});

test('a fee in another asset is booked at that asset’s price', async () => {
  const one = world(buy, { balances: { USDT: '10000', BNB: '1' } });
  one.exchange.feeAsset = 'BNB';
  one.exchange.setPrice('BNBUSDT', '600.00', BEGIN);
  const result = await one.live(new Life());
  // Two executions, 0.001 BNB each.
  expect(result!.result.metrics.fees).toBeCloseTo(1.2, 9);
  expect(result!.result.positions[0]!.size).toBe(1);
});

test('a fee whose asset has no price is booked as none, and that is said', async () => {
  const one = world(buy, { balances: { USDT: '10000', XYZ: '1' } });
  one.exchange.feeAsset = 'XYZ';
  const result = await one.live(new Life());
  expect(result!.counts.unpricedFees).toBe(2);
  expect(one.codes()).toContain('FEE_PRICE_UNKNOWN');
});

test('an entry that limits hold up for half a minute is not sent any more', async () => {
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        place: async () => ({
          ok: false,
          failure: {
            class: 'limits',
            code: -1003,
            message: 'slow down',
            sentAt: port.now(),
            retryAt: port.now() + 40_000,
          },
        }),
      }),
  });
  const result = await one.live(new Life());
  expect(inputsOf(one.store)).toMatchObject([{ kind: 'refused', code: 'NOT_SENT' }]);
  expect(result!.counts.commands).toMatchObject({ limited: 1, notSent: 1, sent: 1 });
});

test('a request that is refused for its time is sent once more, with the same id, when the clock has been measured', async () => {
  const ids: string[] = [];
  let measured = 0;
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        syncClock: () => {
          measured++;
          return port.syncClock();
        },
        place: async order => {
          ids.push(order.clientOrderId);
          const failure = { class: 'time', code: -1021, message: 'recvWindow', sentAt: port.now() } as const;
          return ids.length === 1 ? { ok: false, failure } : port.place(order);
        },
      }),
  });
  await one.live(new Life(), BEGIN + 6 * MINUTE);
  expect(ids.length).toBe(2);
  expect(new Set(ids).size).toBe(1);
  expect(measured).toBe(2);
});

test('a key that is refused halts the account', async () => {
  const one = world(buy, {
    wrap: port =>
      overridden(port, {
        place: async () => ({
          ok: false,
          failure: { class: 'auth', code: -2015, message: 'Invalid API-key', sentAt: port.now() },
        }),
      }),
  });
  await one.live(new Life());
  expect(inputsOf(one.store).find(input => input.kind === 'halt')).toMatchObject({ code: 'KEY_REFUSED' });
});

test('an order that the exchange has already, by its own word, is adopted', async () => {
  const one = world(restingBuy, {
    wrap: port =>
      overridden(port, {
        place: async order => {
          await port.place(order);
          return port.place(order);
        },
      }),
  });
  const result = await one.live(new Life());
  expect(result!.result.orders.view(1).alive).toBe(true);
  expect(one.exchange.orders.length).toBe(1);
});

test('an order that is filled while it is being cancelled is filled', async () => {
  const cancelling = plan({
    2: one => one.buy({ size: 1, limit: 50 }),
    4: one => one.cancel(one.openOrders[0]!),
  });
  const one = world(cancelling, {
    wrap: port =>
      overridden(port, {
        cancel: (symbol, id) => {
          one.exchange.setPrice('BTCUSDT', '49.00', one.timers.now());
          return port.cancel(symbol, id);
        },
      }),
  });
  const result = await one.live(new Life());
  expect(result!.result.orders.view(1).status).toBe('completed');
});

test('other limits than the session began with refuse to go on with it', async () => {
  const one = world(restingBuy);
  await one.live(new Life(), BEGIN + 4.5 * MINUTE);
  await expect(one.live(new Life(), undefined, { limits: { maxOpenOrders: 5 } })).rejects.toMatchObject({
    code: 'SESSION_CHANGED',
  });
});

/** Runs a process that dies when the journal has kept what `when` names. */
async function dies(one: World, when: (entries: readonly JournalEntry[]) => boolean): Promise<void> {
  const life = new Life();
  const ended = await one.live(life, undefined, {
    onEntries: entries => {
      if (when(entries)) life.kill();
    },
  });
  expect(ended).toBeUndefined();
}

function overridden(port: TradingPort, more: Partial<TradingPort>): TradingPort {
  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(more, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
