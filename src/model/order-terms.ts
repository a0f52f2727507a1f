import type { OrderTerms } from './order.ts';

/** An order's terms with nothing in them, to be filled in anew for each order. */
export function emptyTerms(): OrderTerms {
  return {
    instrument: 0,
    side: 'buy',
    type: 'market',
    size: Number.NaN,
    quote: Number.NaN,
    limit: Number.NaN,
    stop: Number.NaN,
    checkPrice: Number.NaN,
    trailAmount: Number.NaN,
    trailPercent: Number.NaN,
    timeInForce: 'GTC',
    postOnly: false,
    validUntil: Number.POSITIVE_INFINITY,
    day: false,
    tradeId: 0,
    parentId: 0,
    ocoId: 0,
    transmit: true,
    fillOffset: Number.NaN,
    fillOffsetPercent: Number.NaN,
    reduce: false,
    tag: '',
    createdAt: Number.NaN,
    notBefore: Number.NEGATIVE_INFINITY,
  };
}
