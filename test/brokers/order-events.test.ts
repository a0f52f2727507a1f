import { expect, test } from 'vitest';
import { OrderEvents } from '../../src/brokers/order-events.ts';
import { OrderTable, Status } from '../../src/brokers/orders.ts';
import { emptyTerms } from '../../src/model/order-terms.ts';

function queue(listened: boolean) {
  const orders = new OrderTable(['BTCUSDT']);
  const events = new OrderEvents();
  events.listened = listened;
  return { orders, events, place: () => orders.add(emptyTerms()) };
}

function drain(events: OrderEvents, orders: OrderTable): string[] {
  const told: string[] = [];
  for (let i = 0; i < events.length; i++) {
    const id = events.apply(i, orders);
    told.push(`${id} ${orders.status(id)} ${orders.filled(id)}`);
  }
  events.drop(events.length);
  return told;
}

test('every status is told where somebody listens', () => {
  const { orders, events, place } = queue(true);
  const id = place();
  events.push(id, Status.submitted);
  events.push(id, Status.accepted);
  events.pushFill(id, Status.completed, 2, 100, 0.1);
  expect(drain(events, orders)).toEqual(['1 submitted 0', '1 accepted 0', '1 completed 2']);
});

test('where nobody listens, a fill takes the place of the status before it, and nothing else does', () => {
  const { orders, events, place } = queue(false);
  const [one, two] = [place(), place()];
  events.push(one, Status.submitted);
  events.push(one, Status.accepted);
  events.pushFill(one, Status.partial, 1, 100, 0.1);
  events.pushFill(one, Status.completed, 2, 101, 0.2);
  events.push(two, Status.accepted);
  events.pushFill(two, Status.partial, 1, 100, 0.1);
  events.push(two, Status.canceled);
  expect(drain(events, orders)).toEqual(['1 partial 1', '1 completed 2', '2 partial 1', '2 canceled 1']);
  expect([orders.price(one), orders.fees(one)]).toEqual([101, 0.2]);
});

test('the fill of one order leaves the status of another alone', () => {
  const { orders, events, place } = queue(false);
  const [one, two] = [place(), place()];
  events.push(one, Status.accepted);
  events.push(two, Status.accepted);
  events.pushFill(one, Status.completed, 2, 100, 0.1);
  expect(drain(events, orders)).toEqual(['1 accepted 0', '2 accepted 0', '1 completed 2']);
});
