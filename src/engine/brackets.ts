import { StrategyError } from '../model/errors.ts';
import type { Side } from '../model/order.ts';
import type {
  BracketOptions,
  LegPrice,
  OrderOptions,
  StopLossOptions,
  TakeProfitOptions,
} from './order-options.ts';

/** One leg of a bracket, as an order's options, and how far its price lies from the entry's fill price. */
export interface Leg {
  readonly options: OrderOptions;
  /** In quote, signed; NaN where the price is given as such. */
  readonly offset: number;
  /** As a fraction of the fill price, signed; NaN where it is not given so. */
  readonly offsetPercent: number;
}

/** The protective leg, a stop on the other side; undefined when there is none. */
export function stopLossOf(side: Side, { stopLoss, tag }: BracketOptions): Leg | undefined {
  if (stopLoss === undefined) return undefined;
  const given: StopLossOptions = isPrice(stopLoss) ? { price: stopLoss } : stopLoss;
  const { price, limit, trailAmount, trailPercent, valid } = given;
  const trails = trailAmount !== undefined || trailPercent !== undefined;
  if (price === undefined && !trails) throw priceMissing('stopLoss', stopLoss);
  const away = side === 'buy' ? -1 : 1;
  return legOf('stopLoss', away, price, stop => ({
    limit,
    trailAmount,
    trailPercent,
    valid,
    tag: given.tag ?? tag,
    ...(stop === undefined ? {} : { stop }),
  }));
}

/** The leg that takes the profit, a limit order on the other side; undefined when there is none. */
export function takeProfitOf(side: Side, { takeProfit, tag }: BracketOptions): Leg | undefined {
  if (takeProfit === undefined) return undefined;
  const given: TakeProfitOptions = isPrice(takeProfit) ? { price: takeProfit } : takeProfit;
  if (given.price === undefined) throw priceMissing('takeProfit', takeProfit);
  const away = side === 'buy' ? 1 : -1;
  return legOf('takeProfit', away, given.price, limit => ({
    limit,
    valid: given.valid,
    tag: given.tag ?? tag,
  }));
}

/** `options`: the order's options with the price that is given as such; a price to be known at the fill is 1 until then. */
function legOf(
  name: string,
  away: number,
  price: LegPrice | undefined,
  options: (price: number | undefined) => OrderOptions,
): Leg {
  if (price === undefined || typeof price === 'number') {
    return { options: options(price), offset: Number.NaN, offsetPercent: Number.NaN };
  }
  const isDistance = 'distance' in price;
  const value = isDistance ? price.distance : price.percent;
  const most = isDistance || away > 0 ? Number.POSITIVE_INFINITY : 1;
  if (!(value > 0 && value < most)) {
    const kind = isDistance ? 'distance' : 'percent';
    throw new StrategyError('ORDER_INVALID', `${name} was given the ${kind} ${value}`, {
      value,
      limit: most === 1 ? 'above 0 and below 1' : 'a finite number above 0',
      fix: isDistance
        ? 'give the distance to the fill price in quote, always positive'
        : 'give a fraction of the fill price, always positive: 0.02 for 2 %',
    });
  }
  return {
    options: options(UNKNOWN),
    offset: isDistance ? away * value : Number.NaN,
    offsetPercent: isDistance ? Number.NaN : away * value,
  };
}

/** Stands for a price that follows from the fill, where the type of an order is read from its prices. */
const UNKNOWN = 1;

function isPrice(leg: LegPrice | StopLossOptions | TakeProfitOptions): leg is LegPrice {
  return typeof leg === 'number' || 'distance' in leg || 'percent' in leg;
}

function priceMissing(name: string, value: unknown): StrategyError {
  return new StrategyError('ORDER_INVALID', `${name} was given without a price`, {
    value,
    fix: 'give a price, { distance } or { percent } from the fill price, or a trail',
  });
}
