import { fixedSizeFiller, type Strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import { type BarRow, flat, play } from './play.ts';

test('one fill of a group cancels the others, the last placed first', async () => {
  const action = (s: Strategy) => {
    const first = s.buy({ size: 1, limit: 95 });
    s.buy({ size: 1, limit: 94, oco: first });
    s.buy({ size: 1, limit: 93, oco: first });
  };
  const { told, sequence, broker } = await play(flat(100, 100, 95, 90), { 1: action });
  expect(told).toEqual({
    1: ['2 submitted', '2 accepted', '3 completed 1 @ 95'],
    2: ['2 submitted', '2 accepted', '3 canceled'],
    3: ['2 submitted', '2 accepted', '3 canceled'],
  });
  expect(sequence.slice(-3)).toEqual(['1 completed', '3 canceled', '2 canceled']);
  expect(broker.account.sizes[0]).toBe(1);
});

test('a partial fill cancels the rest of the group, too', async () => {
  const action = (s: Strategy) => {
    const first = s.buy({ size: 2, limit: 95 });
    s.buy({ size: 1, limit: 90, oco: first });
  };
  const { told } = await play(flat(100, 95, 90), { 1: action }, { filler: fixedSizeFiller(1) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '2 partial 1 @ 95', '3 completed 2 @ 92.5']);
  expect(told[2]).toEqual(['2 submitted', '2 accepted', '2 canceled']);
});

test('an order that expires, or is cancelled, takes its group with it', async () => {
  const expiring = (s: Strategy) => {
    const first = s.buy({ size: 1, limit: 95, valid: '1d' });
    s.buy({ size: 1, limit: 94, oco: first });
  };
  expect((await play(flat(100, 100, 100), { 1: expiring })).told[2]).toEqual([
    '2 submitted',
    '2 accepted',
    '3 canceled',
  ]);
  const group = (s: Strategy) => {
    const first = s.buy({ size: 1, limit: 95 });
    s.buy({ size: 1, limit: 94, oco: first });
  };
  const { told } = await play(flat(100, 100, 90), { 1: group, 2: s => s.cancel(s.openOrders[1]) });
  expect(told[1]).toEqual(['2 submitted', '2 accepted', '3 canceled']);
  expect(told[2]).toEqual(['2 submitted', '2 accepted', '3 canceled']);
});

const bracket = (s: Strategy) => {
  s.buyBracket({ size: 1, limit: 100, stopLoss: 95, takeProfit: 110 });
};

test('the children of a bracket are in force from the bar after the one that filled their parent', async () => {
  const bars: BarRow[] = [
    [101, 101, 101, 101],
    [101, 120, 90, 101],
    [101, 112, 100, 111],
  ];
  const { told } = await play(bars, { 1: bracket });
  expect(told).toEqual({
    1: ['2 submitted', '2 accepted', '2 completed 1 @ 100'],
    2: ['2 submitted', '2 accepted', '3 canceled'],
    3: ['2 submitted', '2 accepted', '3 completed 1 @ 110'],
  });
});

test('a parent that is cancelled takes its children with it, a child its sibling', async () => {
  const { told } = await play(flat(101, 101, 101), { 1: bracket, 2: s => s.cancel(s.openOrders[0]) });
  for (const id of [1, 2, 3]) expect(told[id].at(-1)).toBe('3 canceled');
  const child = await play(flat(101, 100, 101, 101), { 1: bracket, 3: s => s.cancel(s.openOrders[0]) });
  expect(child.told[2].at(-1)).toBe('4 canceled');
  expect(child.told[3].at(-1)).toBe('4 canceled');
});

test('where the parent cannot be paid for, its children are rejected', async () => {
  const { told } = await play(flat(101, 101), { 1: bracket }, { cash: 50 });
  expect(told[1]).toEqual(['2 submitted', '2 margin']);
  expect(told[2]).toEqual(['2 submitted', '2 rejected']);
  expect(told[3]).toEqual(['2 submitted', '2 rejected']);
});

test('the price of a child may be a distance to the price at which its parent was filled', async () => {
  const bars: BarRow[] = [
    [101, 101, 101, 101],
    [103, 103, 103, 103],
    [103, 108, 103, 103],
  ];
  const { told, broker } = await play(bars, {
    1: s => s.buyBracket({ size: 1, stopLoss: { percent: 0.1 }, takeProfit: { distance: 4 } }),
  });
  expect(broker.orders.stop(2)).toBeCloseTo(92.7, 12);
  expect(told[3].at(-1)).toBe('3 completed 1 @ 107');
});

test('an order that waits for its family is not handed over before one that does not', async () => {
  const first = (s: Strategy) => void s.buy({ size: 1, transmit: false, tag: 'parent' });
  const second = (s: Strategy) => {
    const [parent] = s.openOrders;
    s.sell({ size: 1, limit: 110, parent });
  };
  const { told } = await play(flat(100, 101, 102, 110, 110), { 1: first, 2: second });
  expect(told[1]).toEqual(['3 submitted', '3 accepted', '3 completed 1 @ 102']);
  expect(told[2]).toEqual(['3 submitted', '3 accepted', '4 completed 1 @ 110']);
});

test('a child that comes after its parent was handed over hands it over again: what happens to it is told twice', async () => {
  const action = (s: Strategy) => {
    const parent = s.buy({ size: 1, limit: 95 });
    s.sell({ size: 1, limit: 110, parent });
  };
  const { told } = await play(flat(100, 100, 95, 110, 110), { 1: action });
  expect(told[1]).toEqual([
    '2 submitted',
    '2 submitted',
    '2 accepted',
    '2 accepted',
    '3 completed 1 @ 95',
    '3 canceled 1 @ 95',
  ]);
  // The second of the parent's entries is cancelled as its own group, so that it does not count as filled.
  expect(told[2]).toEqual(['2 submitted', '2 accepted']);
});

test('a child cannot be a parent, and one whose parent has ended is rejected without being submitted', async () => {
  const { told } = await play(flat(101, 101, 101), {
    1: s => {
      const { stopLoss } = s.buyBracket({ size: 1, limit: 100, stopLoss: 95, takeProfit: 110 });
      s.sell({ size: 1, limit: 120, parent: stopLoss });
    },
  });
  expect(told[4]).toEqual(['2 rejected']);
});
