import { describe, expect, test } from 'vitest';
import { Bench, type BenchOptions, ordersOf } from './support/bench.ts';

/** A position of 1 whose exits, a pair, were sent and have not been heard of. */
function bought(options: BenchOptions = {}): { bench: Bench; pair: string[] } {
  const bench = new Bench(options);
  bench.step(100);
  bench.bracket({ size: 1 }, { stop: 95 }, { limit: 110 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
  return { bench, pair: placed(bench) };
}

/** The ids of what is wanted now. */
function placed(bench: Bench): string[] {
  return bench.commands().flatMap(command => ordersOf(command).map(order => order.clientOrderId));
}

function doubt(bench: Bench, clientOrderIds: string[]): void {
  bench.tell({ kind: 'doubtful', time: bench.time, clientOrderIds });
}

function refuse(bench: Bench, clientOrderIds: string[], message: string, code = 'EXCHANGE_REJECTED'): void {
  bench.tell({ kind: 'refused', time: bench.time, clientOrderIds, code, message });
}

const SHORT = 'Account has insufficient balance for requested action.';
const codes = (bench: Bench) => bench.broker.takeNotices().map(({ code }) => code);
const unlocked = (bench: Bench) => bench.broker.holdings('BTCUSDT').unlocked.toString();

describe('exits that may exist or not', () => {
  test('have others in their stead, with ids of their own and for the same size', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const [command, ...more] = bench.commands();
    expect(more).toEqual([]);
    expect(command).toMatchObject({ kind: 'placeList', protective: true, instead: pair });
    const orders = ordersOf(command!);
    expect(orders.map(({ quantity }) => quantity)).toEqual(['1', '1']);
    expect(orders.some(({ clientOrderId }) => pair.includes(clientOrderId))).toBe(false);
    doubt(bench, pair);
    expect(bench.wants()).toEqual([]);
  });

  test('leave no trace when they turn out not to exist', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const others = placed(bench);
    refuse(bench, pair, 'it cannot be found', 'NOT_FOUND');
    expect(bench.wants()).toEqual([]);
    for (const id of others) bench.report(id, 'NEW');
    expect(unlocked(bench)).toBe('0');
    expect(codes(bench)).toEqual([]);
  });

  test('stay when they are found and the exchange has refused the others for a lack of base', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    refuse(bench, placed(bench), SHORT, 'INSUFFICIENT_CASH');
    expect(bench.wants()).toEqual([]);
    for (const id of pair) bench.report(id, 'NEW');
    expect(bench.wants()).toEqual([]);
    expect(unlocked(bench)).toBe('0');
    expect(codes(bench)).toEqual([]);
  });

  test('are tried again when the base was locked by something else', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    refuse(bench, placed(bench), SHORT, 'INSUFFICIENT_CASH');
    doubt(bench, pair);
    expect(bench.wants()).toHaveLength(1);
  });

  test('are cancelled when they are found beside the others, as soon as those are known to be there', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const others = placed(bench);
    for (const id of pair) bench.report(id, 'NEW');
    expect(bench.wants()).toEqual([]);
    for (const id of others) bench.report(id, 'NEW');
    expect(bench.wants()).toEqual(['cancelList']);
    for (const id of pair) bench.report(id, 'CANCELED');
    expect(bench.wants()).toEqual([]);
    expect(unlocked(bench)).toBe('0');
  });

  test('that were executed leave nothing for the others to sell', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const others = placed(bench);
    for (const id of others) bench.report(id, 'NEW');
    const [target, stop] = pair;
    bench.report(target!, 'FILLED', { quantity: '1', price: '110' });
    bench.report(stop!, 'EXPIRED');
    expect(bench.wants()).toEqual(['cancelList']);
  });

  test('do not hold up the end of those in their stead; found later, they are cancelled', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const [target, stop] = placed(bench);
    bench.report(target!, 'FILLED', { quantity: '1', price: '110' });
    bench.report(stop!, 'EXPIRED');
    bench.step(110);
    expect([...bench.broker.orders].map(({ status }) => status)).toEqual([
      ...['completed', 'canceled', 'completed'],
    ]);
    expect(bench.broker.waiting).toBe(0);
    bench.report(pair[0]!, 'NEW');
    expect(bench.wants()).toEqual(['cancelList']);
    expect(codes(bench)).toEqual(['LATE_ORDER']);
  });

  test('lead to the same commands when the journal is lived through again', () => {
    const { bench, pair } = bought();
    doubt(bench, pair);
    const wanted = bench.commands();
    const again = bought();
    doubt(again.bench, again.pair);
    expect(again.bench.commands()).toEqual(wanted);
  });
});

test('a close that may have been done or not has another in its stead, and is done once', () => {
  const bench = new Bench();
  bench.step(100);
  bench.order('buy', { size: 1 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '100' });
  bench.order('sell', { size: 1, reduce: true });
  const first = placed(bench);
  doubt(bench, first);
  const second = placed(bench);
  expect(second).toHaveLength(1);
  refuse(bench, second, SHORT, 'INSUFFICIENT_CASH');
  bench.report(first[0]!, 'FILLED', { quantity: '1', price: '101' });
  expect(bench.wants()).toEqual([]);
  bench.step(101);
  expect(bench.broker.orders.at(1).status).toBe('completed');
  expect(bench.broker.account.sizes[0]).toBe(0);
});

test('exits that the exchange has ended are placed again, five times', () => {
  const { bench, pair } = bought();
  let open = pair;
  for (let times = 0; times < 5; times++) {
    for (const id of open) bench.report(id, 'NEW');
    for (const id of open) bench.report(id, 'EXPIRED', undefined, { reason: 'PRICE_RANGE' });
    open = placed(bench);
    expect(open).toHaveLength(2);
    expect(codes(bench)).toEqual(['EXITS_RENEWED']);
  }
  for (const id of open) bench.report(id, 'EXPIRED');
  expect(bench.wants()).toEqual([]);
  expect(codes(bench)).toEqual(['PROTECTION_MISSING']);
});

test('exits that somebody has cancelled stay so', () => {
  const { bench, pair } = bought();
  for (const id of pair) bench.report(id, 'CANCELED');
  expect(bench.wants()).toEqual([]);
  expect(codes(bench)).toEqual(['PROTECTION_MISSING']);
});

test('what protects is wanted for as long as the market is closed', () => {
  const { bench, pair } = bought();
  let sent = pair;
  for (let times = 0; times < 20; times++) {
    refuse(bench, sent, 'Market is closed.');
    sent = placed(bench);
    expect(sent).toHaveLength(2);
  }
  expect(codes(bench)).toEqual(['PROTECTION_WAITS']);
});

test('of a pair that the exchange takes in no way the stop is tried by itself before it is given up', () => {
  const bench = new Bench();
  bench.step(100);
  bench.bracket({ size: 1 }, { stop: 95 }, { limit: 101 });
  bench.commands();
  bench.report(bench.id('MARKET'), 'FILLED', { quantity: '1', price: '102' });
  let sent = placed(bench);
  // Beyond its target, says the last price, and not beyond it, says the market.
  for (let times = 0; times < 10 && sent.length === 2; times++) {
    refuse(bench, sent, 'The relationship of the prices for the orders is not correct.');
    const alone = placed(bench);
    expect(alone).toHaveLength(1);
    if (bench.id('STOP_LOSS') === alone[0]) {
      sent = alone;
      break;
    }
    bench.report(alone[0]!, 'EXPIRED');
    sent = placed(bench);
  }
  expect(sent).toEqual([bench.id('STOP_LOSS')]);
  expect(codes(bench)).toEqual([]);
});

describe('a list that locks what its exits are to sell before it is bought', () => {
  const OTO = { terms: { otoAllowed: true, opoAllowed: false } };

  test('goes without them where the account does not have that', () => {
    const bench = new Bench(OTO);
    bench.step(100);
    bench.bracket({ size: 1, limit: 99 }, { stop: 95 }, { limit: 110 });
    const [list] = bench.commands();
    expect(list).toMatchObject({ kind: 'placeList', list: { kind: 'otoco' } });
    refuse(
      bench,
      ordersOf(list!).map(order => order.clientOrderId),
      SHORT,
      'INSUFFICIENT_CASH',
    );
    expect(bench.wants()).toEqual(['BUY LIMIT 1 at 99 GTC']);
    bench.report(bench.id('LIMIT'), 'FILLED', { quantity: '1', price: '99' });
    expect(bench.wants()).toEqual(['oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective']);
  });

  test('gives it back to what protects another position', () => {
    const { bench, pair } = bought(OTO);
    bench.bracket({ size: 1, limit: 99 }, { stop: 90 }, { limit: 120 });
    const waiting = placed(bench);
    for (const [i, id] of waiting.entries()) bench.report(id, i === 0 ? 'NEW' : 'PENDING_NEW');
    refuse(bench, pair, SHORT, 'INSUFFICIENT_CASH');
    expect(bench.wants()).toEqual([
      'cancel',
      'oco: SELL LIMIT_MAKER 1 at 110 | SELL STOP_LOSS 1 stop 95 protective',
    ]);
    for (const id of waiting) bench.report(id, 'CANCELED');
    expect(bench.wants()).toEqual(['BUY LIMIT 1 at 99 GTC']);
  });
});

test('a position of which executions are not known yet is protected for what is known, and then for the rest', () => {
  const bench = new Bench();
  bench.step(100);
  bench.order('buy', { size: 1 });
  bench.commands();
  // Executed, and by whom is not known.
  const first = bench.id('MARKET');
  bench.report(first, 'FILLED', undefined, { executed: '1' });
  bench.order('sell', { size: 1, reduce: true });
  expect(bench.wants()).toEqual([]);
  bench.report(first, 'FILLED', { quantity: '1', price: '100' });
  expect(bench.wants()).toEqual(['SELL MARKET 1 protective']);
});
