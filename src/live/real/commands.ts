import type { Command } from '../../brokers/binance/commands.ts';

/** The id by which a command is known: that of its order, or of its list. */
export function idOf(command: Command): string {
  switch (command.kind) {
    case 'place':
      return command.order.clientOrderId;
    case 'placeList':
      return command.list.listClientOrderId;
    case 'cancel':
      return command.clientOrderId;
    case 'cancelList':
      return command.listClientOrderId;
  }
}

export function symbolOf(command: Command): string {
  switch (command.kind) {
    case 'place':
      return command.order.symbol;
    case 'placeList':
      return command.list.symbol;
    default:
      return command.symbol;
  }
}

/** The orders that a command brings into being; none for one that cancels. */
export function placedIds(command: Command): string[] {
  if (command.kind === 'place') return [command.order.clientOrderId];
  if (command.kind === 'placeList') return command.list.orders.map(order => order.clientOrderId);
  return [];
}

/** The orders among them that sell. */
export function salesOf(command: Command): string[] {
  const orders =
    command.kind === 'place' ? [command.order] : command.kind === 'placeList' ? command.list.orders : [];
  return orders.filter(({ side }) => side === 'SELL').map(({ clientOrderId }) => clientOrderId);
}

export function isCancel(command: Command): boolean {
  return command.kind === 'cancel' || command.kind === 'cancelList';
}

/** True for what may be done in every state of a session: to cancel, to protect and to close. */
export function isProtective(command: Command): boolean {
  return command.kind === 'place' || command.kind === 'placeList' ? command.protective : true;
}

/** One line for people: `BUY LIMIT 0.5 BTCUSDT at 100.00`. */
export function describe(command: Command): string {
  switch (command.kind) {
    case 'place': {
      const { side, type, quantity, quoteQuantity, symbol, price, stopPrice } = command.order;
      const size = quantity ?? `for ${quoteQuantity ?? 'what is there'} of`;
      const limit = price === undefined ? '' : ` at ${price}`;
      const stop = stopPrice === undefined ? '' : ` from ${stopPrice}`;
      return `${side} ${type} ${size} ${symbol}${limit}${stop}`;
    }
    case 'placeList': {
      const { kind, symbol, orders } = command.list;
      return `${kind.toUpperCase()} of ${orders.length} orders on ${symbol}`;
    }
    case 'cancel':
      return `cancel ${command.clientOrderId} on ${command.symbol}`;
    case 'cancelList':
      return `cancel the list ${command.listClientOrderId} on ${command.symbol}`;
  }
}
