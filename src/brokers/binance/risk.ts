import { InputError } from '../../model/errors.ts';
import type { OrderReason } from '../../model/order.ts';

/** What a session may do at most; amounts in quote. 0 forbids, Infinity allows everything. */
export interface RiskLimits {
  /** Size × price of one order; of a purchase. */
  readonly maxOrderNotional: number;
  /** What a position may be worth with all purchases that are under way. */
  readonly maxPositionNotional: number;
  /** Orders in force at once, exits not counted. */
  readonly maxOpenOrders: number;
  /** Orders placed within 60 s, by the time of steps. */
  readonly maxOrdersPerMinute: number;
  /** What the session may lose in a UTC day before it is halted. */
  readonly maxDailyLoss: number;
  /** How far above the last price an order may buy, and how far below it may sell, as a fraction. */
  readonly maxPriceDistance: number;
  /** An order like one that was placed less than so many ms ago is refused; 0 for none. */
  readonly duplicateWindowMs: number;
}

/** Small on purpose: who wants more says so. Amounts are meant for quotes that are worth about a dollar. */
export const DEFAULT_LIMITS: RiskLimits = {
  maxOrderNotional: 100,
  maxPositionNotional: 300,
  maxOpenOrders: 10,
  maxOrdersPerMinute: 10,
  maxDailyLoss: 30,
  maxPriceDistance: 0.05,
  duplicateWindowMs: 1000,
};

/** Quotes for which the default amounts are small. */
const DOLLARS: ReadonlySet<string> = new Set(['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USD', 'EUR', 'GBP']);
const AMOUNTS = ['maxOrderNotional', 'maxPositionNotional', 'maxDailyLoss'] as const;

/**
 * The limits that hold: those given, else the defaults. Throws `RISK_LIMIT_INVALID` for what is no limit, and
 * `RISK_LIMIT_MISSING` for a quote in which the default amounts would not be small.
 */
export function riskLimits(quotes: readonly string[], given: Partial<RiskLimits> = {}): RiskLimits {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue;
    throw new InputError('RISK_LIMIT_INVALID', `the limit ${name} was ${value}`, {
      value,
      limit: '0 or more',
      fix: 'give a number of 0 or more',
    });
  }
  for (const quote of quotes) {
    const missing = DOLLARS.has(quote) ? undefined : AMOUNTS.find(name => given[name] === undefined);
    if (missing === undefined) continue;
    throw new InputError(
      'RISK_LIMIT_MISSING',
      `the limit ${missing} is not given, and there is none for ${quote}`,
      {
        value: quote,
        limit: `${AMOUNTS.join(', ')}`,
        fix: `give ${missing} in ${quote}`,
      },
    );
  }
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(known) };
}

/** An order that is about to be placed. */
export interface Intent {
  readonly time: number;
  readonly symbol: string;
  readonly quote: string;
  readonly sell: boolean;
  /** Base units, or the amount in quote. */
  readonly amount: number;
  /** The worst price at which it may fill; NaN for none. */
  readonly limit: number;
  /** NaN without one. */
  readonly stop: number;
  /** The last price; NaN before the first. */
  readonly last: number;
  /** What it is worth, in quote; NaN before the first price. */
  readonly notional: number;
  /** What the position will be worth with it and all purchases under way. */
  readonly position: number;
  readonly openOrders: number;
}

/** Why an order is refused, with the value that is beyond its limit. */
export interface RiskRefusal extends OrderReason {
  readonly value: number;
  readonly limit: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Keeps a session within its limits. Time is that of steps and of what the exchange says; a sale on spot only ever makes a
 * position smaller, so that neither its worth nor the position's is limited.
 */
export class Risk {
  readonly limits: RiskLimits;
  /** When orders were placed within the last minute, epoch ms UTC. */
  #placed: number[] = [];
  /** What was placed within the window for duplicates. */
  #recent: { readonly time: number; readonly key: string }[] = [];
  #day = Number.NaN;
  /** What the session was worth when the day began, in quote. */
  #dayValue = Number.NaN;

  constructor(limits: RiskLimits) {
    this.limits = limits;
  }

  /** Why an order may not be placed; one that may is counted. */
  refuse(intent: Intent): RiskRefusal | undefined {
    const refused = this.#judge(intent);
    if (refused !== undefined) return refused;
    const { time } = intent;
    this.#placed.push(time);
    if (this.limits.duplicateWindowMs > 0) this.#recent.push({ time, key: keyOf(intent) });
    return undefined;
  }

  #judge(intent: Intent): RiskRefusal | undefined {
    const { limits } = this;
    const { time, symbol, quote, sell, limit, stop, last, notional, position, openOrders } = intent;
    if (openOrders >= limits.maxOpenOrders) {
      const problem = `${openOrders} orders are open, the limit is ${limits.maxOpenOrders}`;
      return beyond('RISK_OPEN_ORDERS', problem, openOrders, limits.maxOpenOrders, 'cancel one first');
    }
    this.#placed = this.#placed.filter(before => before > time - MINUTE);
    if (this.#placed.length >= limits.maxOrdersPerMinute) {
      const count = this.#placed.length;
      const problem = `${count} orders were placed within a minute, the limit is ${limits.maxOrdersPerMinute}`;
      return beyond('RISK_ORDER_RATE', problem, count, limits.maxOrdersPerMinute, 'order less often');
    }
    if (!sell) {
      const valued = Number.isNaN(notional) ? Number.POSITIVE_INFINITY : notional;
      if (valued > limits.maxOrderNotional) {
        const problem = `the order is worth ${notional} ${quote}, the limit is ${limits.maxOrderNotional}`;
        return beyond('RISK_ORDER_NOTIONAL', problem, notional, limits.maxOrderNotional, 'order less');
      }
      if (position > limits.maxPositionNotional) {
        const problem = `the position in ${symbol} would be worth ${position} ${quote}, the limit is ${limits.maxPositionNotional}`;
        return beyond('RISK_POSITION', problem, position, limits.maxPositionNotional, 'order less');
      }
    }
    // A stop is judged where it triggers; what waits on the near side of the market does no harm.
    const price = Number.isNaN(limit) ? stop : limit;
    const from = Number.isNaN(stop) || Number.isNaN(limit) ? last : stop;
    const worse = sell ? 1 - price / from : price / from - 1;
    const waits = Number.isNaN(limit) && !Number.isNaN(stop);
    if (!waits && worse > limits.maxPriceDistance) {
      const problem = `its price ${price} is ${percent(worse)} worse than ${from}, the limit is ${percent(limits.maxPriceDistance)}`;
      return beyond(
        'RISK_PRICE_DISTANCE',
        problem,
        worse,
        limits.maxPriceDistance,
        'order nearer to the market',
      );
    }
    const window = limits.duplicateWindowMs;
    this.#recent = this.#recent.filter(one => one.time > time - window);
    const key = keyOf(intent);
    const twin = this.#recent.find(one => one.key === key);
    if (twin !== undefined) {
      const problem = `an order like it was placed ${time - twin.time} ms before, the limit is ${window} ms`;
      return beyond('RISK_DUPLICATE', problem, time - twin.time, window, 'order once, or give another size');
    }
    return undefined;
  }

  /** Takes what the session is worth; tells when it has lost more in this UTC day than it may. */
  observe(time: number, value: number): RiskRefusal | undefined {
    if (!Number.isFinite(value) || !Number.isFinite(time)) return undefined;
    const day = Math.floor(time / DAY);
    if (!(day <= this.#day)) {
      this.#day = day;
      this.#dayValue = value;
    }
    const lost = this.#dayValue - value;
    const { maxDailyLoss } = this.limits;
    if (!(lost > maxDailyLoss)) return undefined;
    const problem = `the session has lost ${lost} since the UTC day began, the limit is ${maxDailyLoss}`;
    return beyond('RISK_DAILY_LOSS', problem, lost, maxDailyLoss, 'look into it, then resume');
  }

  /** Somebody has looked into it: the day's loss counts from here. */
  forgive(value: number): void {
    this.#dayValue = value;
  }
}

function keyOf({ symbol, sell, amount, limit, stop }: Intent): string {
  return `${symbol} ${sell} ${amount} ${limit} ${stop}`;
}

function beyond(code: string, problem: string, value: number, limit: number, fix: string): RiskRefusal {
  return { code, message: `${problem}: ${fix}`, value, limit };
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(4))} %`;
}
