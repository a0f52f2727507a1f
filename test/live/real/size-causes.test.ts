import { instrument } from 'qt-trader';
import { expect, test } from 'vitest';
import type { Pair } from '../../../src/live/comparison/align.ts';
import type { PlacedFill, PlacedOrder } from '../../../src/live/comparison/orders.ts';
import { broughtSize, sharedSize } from '../../../src/live/comparison/size-causes.ts';

const BTC = { instrument: () => instrument('BTCUSDT', { lotStep: 0.001 }) };

function placed(id: number, size: number, more: Partial<PlacedOrder> = {}): PlacedOrder {
  return {
    ...{ id, size, time: 0, symbol: 'BTCUSDT', side: 'sell', type: 'limit', quote: Number.NaN },
    ...{ limit: Number.NaN, stop: Number.NaN, trailAmount: Number.NaN, trailPercent: Number.NaN },
    ...{ parentId: 0, ocoId: 0, timeInForce: 'GTC', tag: '', status: 'accepted', reason: '' },
    fill: undefined,
    ...more,
  };
}

const filled = (size: number, price = 100, fee = 0): PlacedFill => ({
  time: 1,
  size,
  price,
  fee,
  maker: true,
});
const pair = (left: PlacedOrder, right: PlacedOrder): Pair => ({ left, right });

/** A stop that was completed for `rest`, beside a target for `whole` of which `part` was executed, of one entry. */
function exits(whole: number, part: number, rest: number, more: Partial<PlacedOrder> = {}): Pair[] {
  const target = { parentId: 1, status: 'canceled', fill: part > 0 ? filled(part) : undefined, ...more };
  const stop = { parentId: 1, type: 'stop', status: 'completed', fill: filled(rest) };
  return [
    pair(placed(2, rest, stop), placed(2, whole, { parentId: 1 })),
    pair(placed(3, whole, target), placed(3, whole, { parentId: 1 })),
  ];
}

const shared = (group: Pair[]) => sharedSize(group[0]!, group);

test('partial fill: of two exits each may have executed a part, and the one that was completed is for the rest', () => {
  expect(shared(exits(2.655, 0.663, 1.992))).toEqual({
    cause: 'partial fill',
    detail: 'order 3 executed 0.663 of 2.655, this one, which cancels it, the rest',
  });
  // A pair without an entry is the same.
  const [one, other] = exits(2, 0.5, 1.5).map(({ left, right }) =>
    pair({ ...left!, parentId: 0, ocoId: 5 - left!.id }, { ...right!, parentId: 0 }),
  );
  expect(shared([one!, other!])?.cause).toBe('partial fill');
});

test('a size that the executions of both do not add up to is not explained by them', () => {
  expect(shared(exits(2.655, 0.663, 1.991))).toBeUndefined();
  expect(shared(exits(2.655, 0, 1.992))).toBeUndefined();
  expect(shared(exits(2.655, 0.663, 1.992, { parentId: 9 }))).toBeUndefined();
  // Both were completed: that is a doubled order.
  expect(shared(exits(2.655, 0.663, 1.992, { status: 'completed' }))).toBeUndefined();
  const [stop, target] = exits(2.655, 0.663, 1.992);
  const unfilled = pair({ ...stop!.left!, fill: undefined }, stop!.right!);
  expect(shared([unfilled, target!])).toBeUndefined();
});

test('fees: an exit may be for a step, and the fee of its entry, more or less', () => {
  const entry = placed(1, 2, { side: 'buy', fill: filled(1.998, 100, 0.2) });
  const of = (left: number, right: number, parentId = 1) => {
    const exit = pair(placed(2, left, { parentId }), placed(2, right, { parentId }));
    return broughtSize(exit, [pair(entry, entry), exit], BTC)?.cause;
  };
  expect(of(1.998, 1.997)).toBe('fees');
  expect(of(2, 1.997)).toBe('fees');
  expect(of(2, 1.996)).toBeUndefined();
  expect(of(1.998, 1.997, 0)).toBeUndefined();
});
