import type { Answer, Failure, NewOrder, NewOrderList, Placed, TradingPort } from './port.ts';

/** What an order that the exchange would have taken is told. */
export const DRY_RUN = 'dry run: the exchange would take it, and nothing was placed';

/**
 * A port that places nothing: each order is checked by the exchange and then refused, with the exchange's reason or with
 * {@link DRY_RUN}. All else is the real thing.
 */
export function dryRun(port: TradingPort): TradingPort {
  const refused = (message: string): Answer<Placed> => ({
    ok: false,
    failure: { class: 'rejected', code: undefined, message, sentAt: Number.NaN },
  });
  const check = async (orders: readonly NewOrder[]): Promise<Answer<Placed>> => {
    for (const order of orders) {
      // What a pending order of these lists is for follows from the fill that brings it into force.
      if (order.quantity === undefined && order.quoteQuantity === undefined) continue;
      const answer = await port.test(order);
      if (!answer.ok) return { ok: false, failure: certain(answer.failure) };
    }
    return refused(DRY_RUN);
  };
  return new Proxy(port, {
    get(target, name) {
      if (name === 'place') return (order: NewOrder) => check([order]);
      if (name === 'placeList') return (list: NewOrderList) => check(list.orders);
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A test that was not answered has placed nothing either: there is no doubt to resolve. */
function certain(failure: Failure): Failure {
  return failure.class === 'unknown' ? { ...failure, class: 'rejected' } : failure;
}
