import type { Broker } from '../brokers/broker.ts';
import type { FeedCursor } from './cursor.ts';
import type { RunSession } from './session.ts';

/** Takes all orders out of force. */
export function cancelAll(session: RunSession): void {
  for (const order of [...session.openOrders]) session.cancel(order);
}

/** Takes the orders out of force that would open a position or make one larger; those that protect one stay. */
export function cancelEntries(session: RunSession, { orders, account }: Broker): void {
  for (const order of [...session.openOrders]) {
    if (orders.reduces(order.id)) continue;
    // A child waits for its parent, and goes with it.
    if (order.parentId !== 0 && orders.isAlive(order.parentId)) continue;
    const size = account.sizes[order.instrument];
    const grows = order.side === 'buy' ? size >= 0 : size <= 0;
    if (grows) session.cancel(order);
  }
}

/** Takes all orders out of force and orders every position to be closed at the market. */
export function flatten(session: RunSession, { account }: Broker, cursors: readonly FeedCursor[]): void {
  cancelAll(session);
  for (const [i, size] of account.sizes.entries()) {
    const cursor = cursors.find(one => one.matches && one.instrument === i);
    if (size === 0 || cursor === undefined) continue;
    const order = { size: Math.abs(size), tag: 'exit' };
    session.order(size > 0 ? 'sell' : 'buy', cursor.writer.data, order, true);
  }
}
