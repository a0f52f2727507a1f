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
  checkLeg('stopLoss', stopLoss);
  const given: StopLossOptions = isPrice(stopLoss) ? { price: stopLoss } : stopLoss;
  const { price, limit, trailAmount, trailPercent, valid } = given;
  const trails = trailAmount !== undefined || trailPercent !== undefined;
  if (price === undefined && !trails) throw priceMissing('stopLoss', stopLoss);
  if (price !== undefined && trails && typeof price !== 'number') {
    throw new StrategyError('ORDER_INVALID', 'stopLoss was given a distance and a trail', {
      value: price,
      limit: 'one of them',
      fix: 'leave the price out: a trail has its distance; or leave out the trail',
    });
  }
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
  checkLeg('takeProfit', takeProfit);
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
  if (typeof price !== 'object' || price === null) {
    if (price !== undefined) checkPrice(name, price);
    return { options: options(price), offset: Number.NaN, offsetPercent: Number.NaN };
  }
  const isDistance = 'distance' in price;
  const value = isDistance ? price.distance : price.percent;
  const most = isDistance || away > 0 ? Number.POSITIVE_INFINITY : 1;
  if (!(typeof value === 'number' && value > 0 && value < most)) {
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

/**
 * How far a stop-loss lies from an entry at `entry`, in quote: negative on the wrong side, NaN without a stop-loss. One
 * that trails counts with what it trails by, unless it says where it begins.
 */
export function stopDistance(side: Side, stopLoss: Leg | undefined, entry: number): number {
  if (stopLoss === undefined) return Number.NaN;
  const { offset, offsetPercent, options } = stopLoss;
  if (!Number.isNaN(offset)) return Math.abs(offset);
  if (!Number.isNaN(offsetPercent)) return Math.abs(offsetPercent) * entry;
  const { stop, trailAmount, trailPercent } = options;
  if (trailAmount !== undefined) return trailAmount;
  if (trailPercent !== undefined) return trailPercent * entry;
  return side === 'buy' ? entry - stop! : stop! - entry;
}

/** The prices of a bracket as far as they are known when it is placed; NaN for those that are not. */
export interface BracketPrices {
  /** The least and the greatest price at which the entry is meant to be filled. */
  readonly least: number;
  readonly greatest: number;
  readonly stopLoss: number;
  readonly takeProfit: number;
}

/**
 * Throws `BRACKET_INVALID` for a leg on the wrong side of the entry, or of the other leg: such a stop-loss would be
 * triggered at once, and such a take-profit take a loss.
 */
export function checkSides(side: Side, { least, greatest, stopLoss, takeProfit }: BracketPrices): void {
  const buys = side === 'buy';
  const near = buys ? least : greatest;
  const far = buys ? greatest : least;
  const beyond = (price: number, limit: number) => (buys ? price >= limit : price <= limit);
  const where = (above: boolean) => (above === buys ? 'above' : 'below');
  if (beyond(stopLoss, near))
    throw wrongSide('stopLoss', stopLoss, `${where(false)} the entry's price ${near}`);
  if (beyond(far, takeProfit))
    throw wrongSide('takeProfit', takeProfit, `${where(true)} the entry's price ${far}`);
  if (beyond(stopLoss, takeProfit))
    throw wrongSide('stopLoss', stopLoss, `${where(false)} the takeProfit ${takeProfit}`);
}

function wrongSide(name: string, value: number, limit: string): StrategyError {
  return new StrategyError('BRACKET_INVALID', `${name} was given the price ${value}, which is not ${limit}`, {
    value,
    limit,
    fix: `give a price ${limit}, or { distance } or { percent } from the fill price`,
  });
}

function checkPrice(name: string, price: unknown): void {
  if (typeof price === 'number' && price > 0 && price < Number.POSITIVE_INFINITY) return;
  throw new StrategyError('ORDER_INVALID', `${name} was given the price ${String(price)}`, {
    value: price,
    limit: 'a finite number above 0',
    fix: 'give a positive price, { distance } or { percent } from the fill price',
  });
}

function checkLeg(name: string, leg: unknown): void {
  if (typeof leg === 'number' || (typeof leg === 'object' && leg !== null)) return;
  throw priceMissing(name, leg);
}

function isPrice(leg: LegPrice | StopLossOptions | TakeProfitOptions): leg is LegPrice {
  return typeof leg === 'number' || 'distance' in leg || 'percent' in leg;
}

function priceMissing(name: string, value: unknown): StrategyError {
  return new StrategyError('ORDER_INVALID', `${name} was given without a price`, {
    value,
    limit: 'a price',
    fix: 'give a price, { distance } or { percent } from the fill price, or a trail',
  });
}
