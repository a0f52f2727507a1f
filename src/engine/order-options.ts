import type { Broker } from '../brokers/broker.ts';
import { durationMs } from '../model/duration.ts';
import { StrategyError } from '../model/errors.ts';
import type { Order, OrderTerms, OrderType, Side, TimeInForce } from '../model/order.ts';
import type { Data } from '../series/data.ts';

/**
 * How long an order stays in force: `'day'`, a duration from its bar's time on (`'90m'`, `'4h'`, `'2d'`, `'1w'`), or the
 * last moment as a Date or epoch ms UTC.
 */
export type Validity = 'day' | (string & {}) | Date | number;

/**
 * What to buy or sell, and how. The prices say which type of order it is: none is a market order, `limit` a limit order,
 * `stop` a stop, both a stop-limit, a trail a trailing stop, a trail and `limit` a trailing stop-limit.
 * Without `size` and `quote` the run's sizer decides.
 */
export interface OrderOptions {
  /** Only where the prices do not say it: `'close'` for the close of the bar, or of the session. */
  readonly type?: OrderType | undefined;
  /** Base units. */
  readonly size?: number | undefined;
  /** Quote to spend, fees included; the size follows from the fill price. */
  readonly quote?: number | undefined;
  /** The worst price at which it may fill. Of a trailing stop-limit: where it begins, it keeps its distance to the stop. */
  readonly limit?: number | undefined;
  /** The price that triggers it; of a trailing order the price from which it begins to trail, default the last close. */
  readonly stop?: number | undefined;
  /**
   * Of an order without a price of its own, in the backtrader profile: the price at which the cash is checked before the
   * order is accepted; default the last close.
   */
  readonly checkPrice?: number | undefined;
  /** The trigger follows this far behind the price, in quote. */
  readonly trailAmount?: number | undefined;
  /** The same as a fraction of the price: 0.05 for 5 %. */
  readonly trailPercent?: number | undefined;
  /** Of a limit order; default GTC. */
  readonly timeInForce?: TimeInForce | undefined;
  /** Of a limit order: it only rests, and is rejected if it would take what is in the book; default false. */
  readonly postOnly?: boolean | undefined;
  /** Default: until it is filled or cancelled. */
  readonly valid?: Validity | undefined;
  /** An order that this one cancels, and is cancelled by, as soon as one of them is filled or ends. */
  readonly oco?: Order | undefined;
  /** The order whose fill brings this one into force. */
  readonly parent?: Order | undefined;
  /** False: it waits for the next order of its family that is placed without this; default true. */
  readonly transmit?: boolean | undefined;
  /** Fills of different numbers belong to trades of their own; default 0. */
  readonly tradeId?: number | undefined;
  /** Default: the first data. */
  readonly data?: Data | undefined;
  /** Shown with the order and its trade in reports. */
  readonly tag?: string | undefined;
}

/** A price of a bracket's leg as such, or as a distance to the price at which the bracket's entry is filled. */
export type LegPrice =
  | number
  /** In quote, away from the fill price in the leg's direction. */
  | { readonly distance: number }
  /** As a fraction of the fill price: 0.02 for 2 %. */
  | { readonly percent: number };

/** The order that a bracket is left with at a loss: a stop, or a trailing one. */
export interface StopLossOptions
  extends Pick<OrderOptions, 'limit' | 'trailAmount' | 'trailPercent' | 'valid' | 'tag'> {
  readonly price?: LegPrice | undefined;
}

/** The order that a bracket is left with at a gain: a limit order. */
export interface TakeProfitOptions extends Pick<OrderOptions, 'valid' | 'tag'> {
  readonly price: LegPrice;
}

/** An entry, and the two orders that come into force with its fill, of which one cancels the other. */
export interface BracketOptions extends Omit<OrderOptions, 'oco' | 'parent' | 'transmit'> {
  readonly stopLoss?: LegPrice | StopLossOptions | undefined;
  readonly takeProfit?: LegPrice | TakeProfitOptions | undefined;
}

export interface Bracket {
  readonly entry: Order;
  readonly stopLoss: Order | undefined;
  readonly takeProfit: Order | undefined;
}

const FORCES: readonly TimeInForce[] = ['GTC', 'IOC', 'FOK'];
const TYPES: readonly OrderType[] = [
  'market',
  'close',
  'limit',
  'stop',
  'stopLimit',
  'stopTrail',
  'stopTrailLimit',
];

/**
 * Writes everything but instrument, amounts and moments to `terms`, or throws `ORDER_INVALID` with value, limit and fix.
 * `time`: from which a duration counts, epoch ms UTC; `orders`: those of the run, to which a parent must belong.
 */
export function readOptions(
  terms: OrderTerms,
  side: Side,
  options: OrderOptions,
  time: number,
  orders: Broker['orders'],
): void {
  terms.side = side;
  terms.type = typeOf(side, options);
  const { limit, stop, checkPrice, trailAmount, trailPercent, timeInForce, tradeId = 0 } = options;
  if (checkPrice !== undefined && terms.type !== 'market' && terms.type !== 'close') {
    throw invalid(side, 'checkPrice', checkPrice, 'an order without a price', 'leave it out');
  }
  terms.checkPrice = price(side, 'checkPrice', checkPrice);
  terms.limit = price(side, 'limit', limit);
  terms.stop = price(side, 'stop', stop);
  terms.trailAmount = price(side, 'trailAmount', trailAmount);
  terms.trailPercent = price(side, 'trailPercent', trailPercent);
  if (trailPercent !== undefined && trailPercent >= 1) {
    throw invalid(side, 'trailPercent', trailPercent, 'below 1', 'give a fraction: 0.05 trails by 5 %');
  }
  terms.timeInForce = force(side, timeInForce, terms.type);
  terms.postOnly = postOnly(side, options.postOnly, terms);
  terms.day = options.valid === 'day';
  terms.validUntil = validUntil(side, options.valid, time);
  if (!(Number.isInteger(tradeId) && tradeId >= 0)) {
    throw invalid(side, 'tradeId', tradeId, 'whole numbers from 0 on', 'count your trades from 0');
  }
  terms.tradeId = tradeId;
  terms.parentId = familyMember(side, 'parent', options.parent, orders);
  terms.ocoId = familyMember(side, 'oco', options.oco, orders);
  terms.transmit = options.transmit ?? true;
  terms.fillOffset = Number.NaN;
  terms.fillOffsetPercent = Number.NaN;
  terms.tag = options.tag ?? '';
}

/** Throws unless `size` and `quote` are amounts, and only one of them is there. */
export function checkAmounts(side: Side, { size, quote }: OrderOptions): void {
  if (size !== undefined) checkAmount(side, 'size', size);
  if (quote !== undefined) checkAmount(side, 'quote', quote);
  if (size !== undefined && quote !== undefined) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given both size and quote`, {
      value: size,
      limit: 'one of them',
      fix: 'give size in base units or quote to spend, not both',
    });
  }
}

function checkAmount(side: Side, name: string, value: number): void {
  if (typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY) return;
  const fix = `give a positive ${name}; buy or sell says the direction`;
  throw invalid(side, name, value, 'a finite number of 0 or more', fix);
}

/** The type that the prices say, checked against the one that was given. */
function typeOf(side: Side, options: OrderOptions): OrderType {
  const { type, limit, stop, trailAmount, trailPercent } = options;
  if (trailAmount !== undefined && trailPercent !== undefined) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given both trailAmount and trailPercent`, {
      value: trailAmount,
      limit: 'one of them',
      fix: 'let it trail by an amount of quote or by a fraction of the price, not both',
    });
  }
  const trails = trailAmount !== undefined || trailPercent !== undefined;
  const said: OrderType = trails
    ? limit === undefined
      ? 'stopTrail'
      : 'stopTrailLimit'
    : stop !== undefined
      ? limit === undefined
        ? 'stop'
        : 'stopLimit'
      : limit === undefined
        ? 'market'
        : 'limit';
  if (type === undefined || type === said) return said;
  if (!TYPES.includes(type)) {
    throw invalid(side, 'type', type, TYPES, `use ${TYPES.join(', ')}, or leave it out: the prices say it`);
  }
  if (type === 'close' && said === 'market') return type;
  const needs = PRICES[type];
  throw new StrategyError(
    'ORDER_INVALID',
    `${side}() was given the type ${type} with the prices of ${article(said)}`,
    {
      value: type,
      limit: needs,
      fix: `give ${needs}, or leave the type out`,
    },
  );
}

const PRICES: Readonly<Record<OrderType, string>> = {
  market: 'no price',
  close: 'no price',
  limit: 'a limit and no stop',
  stop: 'a stop and no limit',
  stopLimit: 'a stop and a limit',
  stopTrail: 'trailAmount or trailPercent and no limit',
  stopTrailLimit: 'trailAmount or trailPercent, and a limit',
};

const article = (type: OrderType) => `a ${type} order`;

function price(side: Side, name: string, value: number | undefined): number {
  if (value === undefined) return Number.NaN;
  if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw invalid(side, name, value, 'a finite number above 0', `give a positive ${name}, or leave it out`);
}

function force(side: Side, timeInForce: TimeInForce | undefined, type: OrderType): TimeInForce {
  if (timeInForce === undefined) return 'GTC';
  if (!FORCES.includes(timeInForce)) {
    throw invalid(side, 'timeInForce', timeInForce, FORCES, `use ${FORCES.join(', ')}`);
  }
  if (type === 'limit' || (timeInForce === 'GTC' && (type === 'stopLimit' || type === 'stopTrailLimit')))
    return timeInForce;
  const problem =
    type === 'market'
      ? `${side}() was given a timeInForce and no limit`
      : `${side}() was given the timeInForce ${timeInForce} for ${article(type)}`;
  throw new StrategyError('ORDER_INVALID', problem, {
    value: timeInForce,
    limit: 'IOC and FOK for a limit order, GTC for one with a limit',
    fix: 'leave it out: it is for limit orders',
  });
}

function postOnly(side: Side, value: boolean | undefined, { type, timeInForce }: OrderTerms): boolean {
  if (value === undefined || value === false) return false;
  if (value === true && type === 'limit' && timeInForce === 'GTC') return true;
  const limit = 'true for a limit order that stays until it is cancelled';
  throw invalid(side, 'postOnly', value, limit, 'leave it out: an order that may not rest cannot only rest');
}

/** Epoch ms of 1973: a smaller number was meant in seconds, or as a duration. */
const LEAST_TIME = 1e11;

function validUntil(side: Side, valid: Validity | undefined, time: number): number {
  if (valid === undefined || valid === 'day') return Number.POSITIVE_INFINITY;
  if (typeof valid === 'string') {
    const duration = durationMs(valid);
    if (duration !== undefined && duration > 0) return time + duration;
  } else if (valid instanceof Date) {
    if (Number.isFinite(valid.getTime())) return valid.getTime();
  } else if (typeof valid === 'number' && valid >= LEAST_TIME && valid < Number.POSITIVE_INFINITY)
    return valid;
  const fix = "give 'day', a duration such as '4h' or '2d', a Date, or epoch ms";
  throw invalid(side, 'valid', valid, "'day', a duration, a Date or epoch ms UTC", fix);
}

function familyMember(
  side: Side,
  name: 'parent' | 'oco',
  order: Order | undefined,
  orders: Broker['orders'],
): number {
  if (order === undefined) return 0;
  if (orders.owns(order)) return order.id;
  throw new StrategyError('ORDER_INVALID', `${side}() was given as ${name} what is no order of this run`, {
    value: order,
    limit: 'an order of this run',
    fix: 'give the object that buy(), sell() or a bracket returned in it',
  });
}

function invalid(side: Side, name: string, value: unknown, limit: unknown, fix: string): StrategyError {
  return new StrategyError('ORDER_INVALID', `${side}() was given the ${name} ${String(value)}`, {
    value,
    limit,
    fix,
  });
}
