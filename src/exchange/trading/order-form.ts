import type { Parameters } from '../parameters.ts';
import { restErrors } from '../rest-errors.ts';
import { type Amount, parseAmount } from './amount.ts';
import { hasLimit, isContingent, ORDER_TYPES, type OrderTerms, type OrderType, type Side } from './order.ts';
import { tradingErrors } from './trading-errors.ts';

const DECIMAL = /^(\d{1,20})(\.\d{1,20})?$/;
const DECIMAL_RANGE = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const ID = /^[a-zA-Z0-9-_]{1,36}$/;

/** Makes ids for what comes without one. */
export type MakeId = () => string;

export interface OrderFormOptions {
  /** Before the names of its parameters: `above`, `pendingBelow`; empty for a single order. */
  readonly prefix: string;
  /** Where it is not the order's own: the name of the parameter that has the side, or the quantity. */
  readonly side?: string;
  readonly quantity?: string | 'none';
  readonly types?: readonly OrderType[];
  readonly makeId: MakeId;
  readonly selfTradePrevention: string;
}

/** Reads the parameters of an order as Binance does. Throws a RestError for what they lack or have too much. */
export function readOrder(parameters: Parameters, options: OrderFormOptions): OrderTerms {
  const { prefix, makeId } = options;
  const named = (name: string) => (prefix === '' ? name : prefix + name[0].toUpperCase() + name.slice(1));
  const side = readSide(parameters, options.side ?? named('side'));
  const type = readType(parameters, named('type'), options.types ?? ORDER_TYPES);
  const amount = (name: string) => readAmount(parameters, named(name));
  const quantity =
    options.quantity === 'none'
      ? refusePresence(parameters, named('quantity'))
      : readAmount(parameters, options.quantity ?? named('quantity'));
  const quoteQuantity = prefix === '' ? amount('quoteOrderQty') : undefined;
  const price = amount('price');
  const stopPrice = amount('stopPrice');
  const trailingDelta = parameters.count(named('trailingDelta'));
  const icebergQuantity = amount('icebergQty');
  const timeInForce = readTimeInForce(parameters, named('timeInForce'));
  const terms: OrderTerms = {
    ...{ side, type, timeInForce: timeInForce ?? 'GTC' },
    ...{ quantity: quantity ?? 0n, quoteQuantity: quoteQuantity ?? 0n },
    ...{ price: price ?? 0n, stopPrice: stopPrice ?? 0n, trailingDelta, icebergQuantity },
    clientOrderId:
      readId(parameters, prefix === '' ? 'newClientOrderId' : named('clientOrderId')) ?? makeId(),
    strategyId: parameters.count(named('strategyId')),
    strategyType: readStrategyType(parameters, named('strategyType')),
    selfTradePrevention: options.selfTradePrevention,
  };
  refusePegs(parameters, named);
  requireParameters(terms, parameters, named, options);
  return terms;
}

function requireParameters(
  {
    type,
    timeInForce,
    icebergQuantity,
    quantity,
    quoteQuantity,
    trailingDelta,
    price,
    stopPrice,
  }: OrderTerms,
  parameters: Parameters,
  named: (name: string) => string,
  { quantity: quantityName, prefix }: OrderFormOptions,
): void {
  const has = (name: string) => parameters.has(named(name));
  const forbid = (name: string) => {
    if (has(name)) throw tradingErrors.notRequired(named(name));
  };
  const need = (name: string) => {
    if (!has(name)) throw restErrors.missing(named(name));
  };
  const isSized = quantityName !== 'none';
  if (type === 'MARKET' && prefix === '') {
    if (!has('quantity') && !has('quoteOrderQty'))
      throw tradingErrors.eitherMissing('quantity', 'quoteOrderQty');
    if (has('quantity') && has('quoteOrderQty')) throw restErrors.combination('quantity and quoteOrderQty');
  } else {
    if (isSized && !parameters.has(quantityName ?? named('quantity'))) {
      throw restErrors.missing(quantityName ?? named('quantity'));
    }
    if (prefix === '') forbid('quoteOrderQty');
  }
  if (hasLimit(type)) need('price');
  else forbid('price');
  if (type === 'LIMIT' || type === 'STOP_LOSS_LIMIT' || type === 'TAKE_PROFIT_LIMIT') need('timeInForce');
  else forbid('timeInForce');
  if (isContingent(type)) {
    if (!has('stopPrice') && !has('trailingDelta')) {
      throw tradingErrors.eitherMissing(named('stopPrice'), named('trailingDelta'));
    }
  } else {
    forbid('stopPrice');
    forbid('trailingDelta');
  }
  if (icebergQuantity !== undefined && icebergQuantity > 0n) {
    if (!hasLimit(type) || timeInForce !== 'GTC') throw tradingErrors.combination();
  }
  if (isSized && quantity === 0n && quoteQuantity === 0n) throw tradingErrors.zeroQuantity();
  if (hasLimit(type) && price === 0n) throw tradingErrors.zeroPrice();
  if (has('stopPrice') && stopPrice === 0n && trailingDelta === undefined) throw tradingErrors.zeroPrice();
  if (trailingDelta !== undefined && !(trailingDelta >= 1 && trailingDelta < 10_000)) {
    throw tradingErrors.filter('TRAILING_DELTA');
  }
}

/** A decimal amount; undefined when it was not sent. */
export function readAmount(parameters: Parameters, name: string): Amount | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  if (!DECIMAL.test(text)) throw restErrors.illegal(name, DECIMAL_RANGE);
  const amount = parseAmount(text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text);
  if (amount === undefined) throw tradingErrors.precision(name);
  return amount;
}

/** An id that a client gives; undefined when it gives none. */
export function readId(parameters: Parameters, name: string): string | undefined {
  const id = parameters.text(name);
  if (id !== undefined && !ID.test(id)) throw restErrors.illegal(name, ID.source);
  return id;
}

export function readSide(parameters: Parameters, name: string): Side {
  const side = parameters.mandatory(name);
  if (side !== 'BUY' && side !== 'SELL') throw tradingErrors.side();
  return side;
}

function readType(parameters: Parameters, name: string, known: readonly OrderType[]): OrderType {
  const text = parameters.mandatory(name);
  if (!(ORDER_TYPES as readonly string[]).includes(text)) throw tradingErrors.orderType();
  const type = known.find(one => one === text);
  if (type === undefined)
    throw known.includes('LIMIT') ? tradingErrors.combination() : tradingErrors.ocoType();
  return type;
}

export function readTimeInForce(parameters: Parameters, name: string): 'GTC' | 'IOC' | 'FOK' | undefined {
  const text = parameters.text(name);
  if (text === undefined || text === 'GTC' || text === 'IOC' || text === 'FOK') return text;
  throw tradingErrors.timeInForce();
}

function readStrategyType(parameters: Parameters, name: string): number | undefined {
  const type = parameters.count(name);
  if (type !== undefined && type < 1_000_000) throw tradingErrors.strategyType();
  return type;
}

/** The mode of self-trade prevention; nobody trades with himself here, so that it only has to be a known one. */
export function readSelfTradePrevention(parameters: Parameters, preset: string): string {
  const mode = parameters.text('selfTradePreventionMode') ?? preset;
  const known = ['NONE', 'EXPIRE_MAKER', 'EXPIRE_TAKER', 'EXPIRE_BOTH', 'DECREMENT', 'TRANSFER'];
  if (!known.includes(mode)) throw restErrors.value('selfTradePreventionMode');
  return mode;
}

function refusePresence(parameters: Parameters, name: string): undefined {
  if (parameters.has(name)) throw tradingErrors.pendingNotRequired(name);
}

function refusePegs(parameters: Parameters, named: (name: string) => string): void {
  for (const name of ['pegPriceType', 'pegOffsetType', 'pegOffsetValue']) {
    if (parameters.text(named(name)) !== undefined) throw tradingErrors.peggedNotSupported();
  }
}
