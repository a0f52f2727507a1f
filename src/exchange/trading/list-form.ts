import type { Parameters } from '../parameters.ts';
import { restErrors } from '../rest-errors.ts';
import type { NewList } from './matching-engine.ts';
import { hasLimit, isContingent, type OrderTerms, type OrderType } from './order.ts';
import { type MakeId, readAmount, readId, readOrder, readSide, readTimeInForce } from './order-form.ts';
import { tradingErrors } from './trading-errors.ts';

export const LIST_KINDS = ['oco', 'oto', 'otoco', 'opo', 'opoco'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

interface ListFormOptions {
  readonly makeId: MakeId;
  readonly selfTradePrevention: string;
}

const WORKING: readonly OrderType[] = ['LIMIT', 'LIMIT_MAKER'];
const LEGS: readonly OrderType[] = [
  'STOP_LOSS_LIMIT',
  'STOP_LOSS',
  'LIMIT_MAKER',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
];

/** Reads the parameters of an order list. Throws a RestError for what cannot be. */
export function readList(parameters: Parameters, kind: ListKind, options: ListFormOptions): NewList {
  const clientOrderId = readId(parameters, 'listClientOrderId') ?? options.makeId();
  if (kind === 'oco') {
    const leg = (prefix: string) =>
      readOrder(parameters, { ...options, prefix, side: 'side', quantity: 'quantity', types: LEGS });
    const legs = [leg('above'), leg('below')];
    judgeLegs(legs);
    // The stop is told first, as with Binance.
    const stopFirst = isStop(legs[0].type) ? legs : [legs[1], legs[0]];
    return { kind: 'oco', paysOther: false, clientOrderId, orders: stopFirst };
  }
  const paysOther = kind === 'opo' || kind === 'opoco';
  const working = readOrder(parameters, { ...options, prefix: 'working', types: WORKING });
  if (paysOther && working.side !== 'BUY') throw tradingErrors.workingMustBuy();
  const quantity = paysOther ? 'none' : 'pendingQuantity';
  if (paysOther && parameters.has('pendingQuantity'))
    throw tradingErrors.pendingNotRequired('pendingQuantity');
  const pending =
    kind === 'oto' || kind === 'opo'
      ? [readOrder(parameters, { ...options, prefix: 'pending', quantity })]
      : ['pendingAbove', 'pendingBelow'].map(prefix =>
          readOrder(parameters, { ...options, prefix, side: 'pendingSide', quantity, types: LEGS }),
        );
  if (paysOther && pending.some(({ side }) => side !== 'SELL')) throw tradingErrors.pendingMustSell();
  if (pending.length > 1) {
    judgeLegs(pending);
    if (!isStop(pending[0].type)) pending.reverse();
  }
  return { kind: 'oto', paysOther, clientOrderId, orders: [working, ...pending] };
}

/** Reads the parameters of Binance's older form of an OCO. */
export function readOldOco(
  parameters: Parameters,
  { makeId, selfTradePrevention }: ListFormOptions,
): NewList {
  const clientOrderId = readId(parameters, 'listClientOrderId') ?? makeId();
  const need = (name: string) => {
    const amount = readAmount(parameters, name);
    if (amount === undefined) throw restErrors.missing(name);
    return amount;
  };
  const side = readSide(parameters, 'side');
  const quantity = need('quantity');
  if (quantity === 0n) throw tradingErrors.zeroQuantity();
  const stopLimit = readAmount(parameters, 'stopLimitPrice');
  const timeInForce = readTimeInForce(parameters, 'stopLimitTimeInForce');
  if (stopLimit !== undefined && timeInForce === undefined) throw restErrors.missing('stopLimitTimeInForce');
  const shared = { side, quantity, quoteQuantity: 0n, selfTradePrevention };
  const maker: OrderTerms = {
    ...shared,
    ...{
      type: 'LIMIT_MAKER',
      timeInForce: 'GTC',
      price: need('price'),
      stopPrice: 0n,
      trailingDelta: undefined,
    },
    icebergQuantity: readAmount(parameters, 'limitIcebergQty'),
    clientOrderId: readId(parameters, 'limitClientOrderId') ?? makeId(),
    strategyId: parameters.count('limitStrategyId'),
    strategyType: parameters.count('limitStrategyType'),
  };
  const stop: OrderTerms = {
    ...shared,
    type: stopLimit === undefined ? 'STOP_LOSS' : 'STOP_LOSS_LIMIT',
    ...{ timeInForce: timeInForce ?? 'GTC', price: stopLimit ?? 0n, stopPrice: need('stopPrice') },
    trailingDelta: parameters.count('trailingDelta'),
    icebergQuantity: readAmount(parameters, 'stopIcebergQty'),
    clientOrderId: readId(parameters, 'stopClientOrderId') ?? makeId(),
    strategyId: parameters.count('stopStrategyId'),
    strategyType: parameters.count('stopStrategyType'),
  };
  return { kind: 'oco', paysOther: false, clientOrderId, orders: [stop, maker] };
}

function isStop(type: OrderType): boolean {
  return type.startsWith('STOP_LOSS');
}

/** Of a pair one is a stop loss, on the side where the price would be a loss, and the other takes profit. */
function judgeLegs([above, below]: readonly OrderTerms[]): void {
  const buy = above.side === 'BUY';
  if (!isContingent(above.type) && !isContingent(below.type)) throw tradingErrors.bothLimits();
  if (buy) {
    if (above.type === 'LIMIT_MAKER') throw tradingErrors.buyLimitAbove();
    if (above.type.startsWith('TAKE_PROFIT')) throw tradingErrors.buyProfitAbove();
    if (isStop(below.type)) throw tradingErrors.buyStopBelow();
  } else {
    if (below.type === 'LIMIT_MAKER') throw tradingErrors.sellLimitBelow();
    if (below.type.startsWith('TAKE_PROFIT')) throw tradingErrors.sellProfitBelow();
    if (isStop(above.type)) throw tradingErrors.sellStopAbove();
  }
  const levels = [above, below].map(({ type, price, stopPrice }) =>
    type === 'LIMIT_MAKER' || (hasLimit(type) && stopPrice === 0n) ? price : stopPrice,
  );
  if (levels[0] > 0n && levels[1] > 0n && levels[0] <= levels[1]) throw tradingErrors.pricesOfList();
}
