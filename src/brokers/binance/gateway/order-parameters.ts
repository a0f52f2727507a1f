import type { NewOrder, NewOrderList } from '../port.ts';
import type { Parameters } from './signing.ts';

/** Without an answer in full, executions that happened at once would have to be asked for. */
const FULL = { newOrderRespType: 'FULL' };

/** Types that stay in the book at a price, and so have a time in force. */
const TIMED = ['LIMIT', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'];

/** The parameters of `POST /api/v3/order`. */
export function orderParameters(order: NewOrder): Parameters {
  const { symbol, side, type, clientOrderId, quantity, quoteQuantity } = order;
  return {
    symbol,
    side,
    type,
    ...timeInForce('', order),
    ...given('quantity', quantity),
    ...given('quoteOrderQty', quoteQuantity),
    ...prices('', order),
    newClientOrderId: clientOrderId,
    ...FULL,
  };
}

/** The path and the parameters of an order list. */
export function listParameters(list: NewOrderList): {
  readonly path: string;
  readonly parameters: Parameters;
} {
  const { kind, symbol, listClientOrderId, orders } = list;
  const head = { symbol, listClientOrderId };
  const path = `/api/v3/orderList/${kind}`;
  switch (kind) {
    case 'oco': {
      const [above, below] = orders;
      const shared = { side: above.side, ...given('quantity', above.quantity) };
      const parameters = { ...head, ...shared, ...part('above', above), ...part('below', below), ...FULL };
      return { path, parameters };
    }
    case 'oto':
    case 'opo': {
      const [working, pending] = orders;
      const parameters = {
        ...head,
        ...whole('working', working),
        pendingSide: pending.side,
        // What comes of the working one is the quantity.
        ...(kind === 'opo' ? {} : given('pendingQuantity', pending.quantity)),
        ...part('pending', pending),
        ...FULL,
      };
      return { path, parameters };
    }
    case 'otoco':
    case 'opoco': {
      const [working, above, below] = orders;
      const parameters = {
        ...head,
        ...whole('working', working),
        pendingSide: above.side,
        ...(kind === 'opoco' ? {} : given('pendingQuantity', above.quantity)),
        ...part('pendingAbove', above),
        ...part('pendingBelow', below),
        ...FULL,
      };
      return { path, parameters };
    }
  }
}

/** An order with side and quantity of its own. */
function whole(prefix: string, order: NewOrder): Parameters {
  return {
    [`${prefix}Side`]: order.side,
    ...given(`${prefix}Quantity`, order.quantity),
    ...part(prefix, order),
  };
}

function part(prefix: string, order: NewOrder): Parameters {
  return {
    [`${prefix}Type`]: order.type,
    [`${prefix}ClientOrderId`]: order.clientOrderId,
    ...prices(prefix, order),
    ...timeInForce(prefix, order),
  };
}

function prices(prefix: string, { price, stopPrice, trailingDelta }: NewOrder): Parameters {
  return {
    ...given(name(prefix, 'price'), price),
    ...given(name(prefix, 'stopPrice'), stopPrice),
    ...given(name(prefix, 'trailingDelta'), trailingDelta === undefined ? undefined : String(trailingDelta)),
  };
}

function timeInForce(prefix: string, order: NewOrder): Parameters {
  if (!TIMED.includes(order.type)) return {};
  return { [name(prefix, 'timeInForce')]: order.timeInForce ?? 'GTC' };
}

function name(prefix: string, field: string): string {
  return prefix === '' ? field : `${prefix}${field[0].toUpperCase()}${field.slice(1)}`;
}

function given(field: string, value: string | undefined): Parameters {
  return value === undefined ? {} : { [field]: value };
}
