import { InputError } from '../../model/errors.ts';
import type { Timer, Timers } from '../../net/network.ts';
import type { SymbolInfo } from '../exchange-info.ts';
import type { Faults } from '../faults.ts';
import type { Parameters } from '../parameters.ts';
import { RestError } from '../rest-errors.ts';
import type { Happening } from '../schedule.ts';
import type { Moment, Tape } from '../tape.ts';
import { Account, type AccountOptions, type Key } from './account.ts';
import { type AccountState, stateOf } from './account-state.ts';
import { parseAmount } from './amount.ts';
import { Authentication, type Clock } from './authentication.ts';
import { Freshness } from './freshness.ts';
import { MatchingEngine, type Mishaps } from './matching-engine.ts';
import type { Desk, Operation } from './operation.ts';
import { isLive, type Order } from './order.ts';
import { ACTIONS } from './placing.ts';
import { QUERIES } from './queries.ts';
import { tradingErrors } from './trading-errors.ts';
import { UserStreams } from './user-streams.ts';

export interface TradingServiceParts {
  readonly tape: Tape;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly symbols: ReadonlyMap<string, SymbolInfo>;
  readonly accounts: readonly AccountOptions[];
  /** Where the replay begins, epoch ms UTC. */
  readonly from: number;
  /** The market as it is. */
  readonly now: () => {
    readonly moment: Moment /** The market's time, epoch ms UTC. */;
    readonly time: number;
  };
  /** Somebody wants to trade, and there is no account. */
  readonly onStranger: () => void;
  /** Hears each `executionReport` when it comes about. */
  readonly onReport?: ((report: object) => void) | undefined;
}

/** What became of a request; undefined when it is never answered. */
export type Outcome =
  | { readonly body: unknown; readonly usages: readonly (readonly [name: string, count: number])[] }
  | RestError
  | undefined;

const OPERATIONS = [...ACTIONS, ...QUERIES];
const BY_NAME = new Map(OPERATIONS.map(one => [one.name, one]));
const BY_ROUTE = new Map(OPERATIONS.map(one => [one.route, one]));
const PATHS = new Set(OPERATIONS.map(({ route }) => route?.split(' ')[1]));

/** Requests that are carried out late; more than that are refused. */
const LATE_LIMIT = 10_000;
/** Names of requests of which it is known how often they came. */
const ATTEMPTS = 100_000;

/** The trading side of the exchange: accounts, what they ask and order, and what the market makes of it. */
export class TradingService {
  readonly accounts: readonly Account[];
  readonly streams: UserStreams;
  readonly engine: MatchingEngine;
  readonly authentication: Authentication;
  readonly #parts: TradingServiceParts;
  readonly #freshness = new Freshness();
  readonly #desk: Desk;
  readonly #late = new Set<Timer>();
  readonly #attempts = new Map<string, number>();
  /** Orders can only be cancelled before this, epoch ms UTC of the market's time. */
  #cancelOnlyUntil = Number.NEGATIVE_INFINITY;
  #ids = 0;

  constructor(parts: TradingServiceParts) {
    this.#parts = parts;
    const { tape, timers, faults, symbols, from, now } = parts;
    this.accounts = parts.accounts.map((options, i) => new Account(options, i + 1));
    refuseTwins(this.accounts);
    this.streams = new UserStreams(() => this.clock.time, parts.onReport);
    this.engine = new MatchingEngine({
      ...{ tape, from, symbols },
      now: () => ({
        moment: now().moment,
        time: now().time + faults.skew,
        real: timers.now(),
        cancelOnly: this.isCancelOnly,
      }),
      reports: this.streams,
      mishaps: this.#mishaps(),
    });
    this.#freshness.passed(from + faults.skew, timers.now());
    this.authentication = new Authentication(this.accounts, this.#freshness, () => this.clock);
    const assets = [...this.engine.symbols.values()].flatMap(({ terms }) => [terms.base, terms.quote]);
    this.#desk = {
      ...{ engine: this.engine, faults, assets: [...new Set(assets)] },
      makeId: () => `local-${String(++this.#ids).padStart(9, '0')}`,
      real: () => timers.now(),
      time: () => now().time,
      limited: tape.pace.speed !== null,
    };
  }

  get clock(): Clock {
    const { tape, timers, faults, now } = this.#parts;
    const { skew } = faults;
    return { time: now().time + skew, real: timers.now(), speed: tape.pace.speed, skew };
  }

  get isCancelOnly(): boolean {
    return this.#parts.now().time < this.#cancelOnlyUntil;
  }

  /** Orders can only be cancelled for so long, ms of the market's time. */
  cancelOnly(ms: number): void {
    this.#cancelOnlyUntil = this.#parts.now().time + ms;
  }

  /** The accounts as they are. */
  get states(): readonly AccountState[] {
    return this.accounts.map(account => stateOf(account, this.engine.records(account)));
  }

  /** The market has gone on. */
  happened(happening: Happening): void {
    this.#freshness.passed(happening.time + this.#parts.faults.skew, this.#parts.timers.now());
    this.engine.happened(happening);
  }

  /**
   * Pays into an account, or out of what is free. Throws `ACCOUNT_UNKNOWN`, `AMOUNT_INVALID`, `BALANCE_TOO_SMALL`.
   */
  transfer(uid: number, asset: string, amount: string): void {
    const account = this.accounts.find(one => one.uid === uid);
    if (account === undefined) {
      const limit = this.accounts.map(one => one.uid);
      throw new InputError('ACCOUNT_UNKNOWN', `there is no account ${uid}`, {
        value: uid,
        limit,
        fix: 'name one',
      });
    }
    const out = amount.startsWith('-');
    const value = parseAmount(out ? amount.slice(1) : amount);
    if (value === undefined) {
      throw new InputError('AMOUNT_INVALID', `the amount was "${amount}"`, {
        value: amount,
        fix: 'give a decimal text with at most 8 decimals, with a minus to pay out',
      });
    }
    if (!out) account.wallet.add(asset, value);
    else if (!account.wallet.spend(asset, value)) {
      throw new InputError(
        'BALANCE_TOO_SMALL',
        `the account has less than ${amount.slice(1)} ${asset} free`,
        {
          value: amount,
          fix: 'pay out less, or cancel orders first',
        },
      );
    }
    account.updateTime = this.clock.time;
    this.streams.balances(account, account.wallet.takeChanged());
    this.streams.transferred(account, asset, out ? -value : value);
  }

  byName(name: string): Operation | undefined {
    return BY_NAME.get(name);
  }

  byRoute(method: string, path: string): Operation | undefined {
    return BY_ROUTE.get(`${method} ${path}`);
  }

  /** True for a path that another method leads to something. */
  knows(path: string): boolean {
    return PATHS.has(path);
  }

  /** The key of a request. Throws a RestError for one that is none or unknown. */
  key(apiKey: string | undefined): Key {
    if (this.accounts.length === 0) this.#parts.onStranger();
    return this.authentication.key(apiKey);
  }

  /** Does what is asked, for an account that has proved itself, with whatever a script has for it. */
  perform(operation: Operation, { account }: Key, parameters: Parameters): Outcome {
    if (operation.security === 'TRADE' && !account.mayTrade) return tradingErrors.key();
    const run = (): Outcome => this.#run(operation, account, parameters);
    if (!operation.acts) return run();
    const { faults, timers, now } = this.#parts;
    const name = this.#nameOf(operation, account, parameters);
    const fault = faults.ofOrderRequest(name);
    if (fault === undefined) return run();
    faults.record(fault, now().time, name);
    switch (fault.kind) {
      case 'order-429':
        return tradingErrors.tooManyOrders(100, '10 SECOND', Math.max(1, Math.ceil(fault.amount / 1000)));
      case 'order-503-not':
        return unavailable(faults.pick(name, UNAVAILABLE.length));
      case 'order-never':
        return tradingErrors.timeout();
      case 'order-503':
        run();
        return unavailable(faults.pick(name, UNAVAILABLE.length));
      case 'order-late': {
        if (this.#late.size >= LATE_LIMIT) return tradingErrors.timeout();
        const timer = timers.after(fault.amount, () => {
          this.#late.delete(timer);
          run();
        });
        this.#late.add(timer);
        return tradingErrors.timeout();
      }
      default:
        run();
        return undefined;
    }
  }

  /** What is still to be carried out is not. */
  close(): void {
    for (const timer of this.#late) timer.cancel();
    this.#late.clear();
  }

  #run(operation: Operation, account: Account, parameters: Parameters): Outcome {
    try {
      const body = operation.run({
        ...this.#desk,
        account,
        records: this.engine.records(account),
        parameters,
      });
      parameters.end();
      this.engine.settle();
      const usages = account.rate.usages(this.#parts.timers.now());
      return { body, usages: operation.acts ? usages.map(({ name, count }) => [name, count] as const) : [] };
    } catch (error) {
      this.engine.settle();
      if (error instanceof RestError) return error;
      throw error;
    }
  }

  /** An order's own name, and how often the same was asked before. */
  #nameOf({ name }: Operation, { uid }: Account, parameters: Parameters): string {
    const id = NAMING.map(one => parameters.peek(one)).find(value => value !== undefined) ?? '';
    const full = `${name} ${uid} ${id}`;
    const attempt = (this.#attempts.get(full) ?? 0) + 1;
    if (this.#attempts.size >= ATTEMPTS) this.#attempts.clear();
    this.#attempts.set(full, attempt);
    return `${full} ${attempt}`;
  }

  #mishaps(): Mishaps {
    const { faults, now } = this.#parts;
    const happens = (kind: 'order-partial' | 'order-stuck' | 'order-expired', order: Order) => {
      if (!isLive(order)) return false;
      const name = `order ${order.terms.clientOrderId}`;
      const fault = faults.ofExecution(kind, name);
      if (fault === undefined) return false;
      faults.record(fault, now().time, name);
      return true;
    };
    return {
      expires: order => happens('order-expired', order),
      splits: order =>
        happens('order-stuck', order) ? 'never' : happens('order-partial', order) ? 'later' : undefined,
    };
  }
}

/** Parameters that name a request, the first that is there. */
const NAMING = [
  'listClientOrderId',
  'newClientOrderId',
  'origClientOrderId',
  'orderListId',
  'orderId',
  'cancelOrigClientOrderId',
  'cancelOrderId',
];

/** What Binance says with status 503. */
const UNAVAILABLE = [
  'Unknown error, please check your request or try again later.',
  'Internal error; unable to process your request. Please try again.',
  'Service Unavailable.',
];

function unavailable(which: number): RestError {
  return new RestError(503, which === 1 ? -1001 : -1000, UNAVAILABLE[which]);
}

function refuseTwins(accounts: readonly Account[]): void {
  const keys = accounts.flatMap(account => account.keys.map(({ apiKey }) => apiKey));
  const twin = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twin !== undefined) {
    throw new InputError('ACCOUNT_INVALID', `the key ${twin.slice(0, 4)}… was given twice`, {
      fix: 'give each account keys of its own',
    });
  }
}
