import type { Order } from 'qt-trader';
import { expect, test } from 'vitest';
import { Told } from '../../src/live/comparison/told.ts';

const order = (id: number, status: string, filled: number) => ({ id, status, filled }) as Order;

test('what an order has come to is known at the step that the strategy was told in, and the first execution counts', () => {
  const told = new Told();
  told.order(order(1, 'accepted', 0));
  told.step(10);
  expect(told.of(1)).toEqual({ executed: Number.NaN, ended: Number.NaN });
  told.order(order(1, 'partial', 0.5));
  told.order(order(2, 'canceled', 0));
  told.step(20);
  told.order(order(1, 'completed', 1));
  told.step(30);
  told.step(40);
  expect(told.of(1)).toEqual({ executed: 20, ended: 30 });
  expect(told.of(2)).toEqual({ executed: Number.NaN, ended: 20 });
});
