import { REPLAY_METHOD } from '../../venues/binance/replay.ts';
import { RATE_LIMITS } from '../exchange-info.ts';
import type { Faults } from '../faults.ts';
import { Parameters } from '../parameters.ts';
import { errorBody } from '../rest.ts';
import { RestError, restErrors } from '../rest-errors.ts';
import type { Account, Key } from './account.ts';
import { signedParameters } from './signature.ts';
import { tradingErrors } from './trading-errors.ts';
import type { TradingService } from './trading-service.ts';

/** Methods about the market, by the REST path that answers the same. */
const MARKET: Readonly<Record<string, readonly [path: string, weight: number]>> = {
  ping: ['/api/v3/ping', 1],
  time: ['/api/v3/time', 1],
  exchangeInfo: ['/api/v3/exchangeInfo', 20],
  klines: ['/api/v3/klines', 2],
  depth: ['/api/v3/depth', 5],
  avgPrice: ['/api/v3/avgPrice', 2],
  'trades.recent': ['/api/v3/trades', 25],
  'ticker.price': ['/api/v3/ticker/price', 2],
  'ticker.book': ['/api/v3/ticker/bookTicker', 2],
  'ticker.24hr': ['/api/v3/ticker/24hr', 2],
};

/** Subscriptions that a session may have at a time, and altogether. */
const SUBSCRIPTIONS = 1000;
const ALL_SUBSCRIPTIONS = 65_535;
/** The longest message taken, characters. */
const MESSAGE_LENGTH = 65_536;

export interface ApiSessionCalls {
  send(text: string): void;
  /** An event, by the name that decides what becomes of it. */
  event(text: string, name: string): void;
  replaySubscribed(): void;
  acknowledged(tick: number): void;
  /** What a path of the market's is answered. Throws a RestError. */
  market(path: string, parameters: Parameters): unknown;
  count(weight: number): { readonly used: number; readonly error: RestError | undefined };
  refund(weight: number): number;
}

export interface ApiSessionParts {
  readonly trading: TradingService;
  readonly faults: Faults;
  /** Of the connection, from 1. */
  readonly number: number;
  readonly lockstep: boolean;
  /** False when the client wants no limits in its answers. */
  readonly tellsLimits: boolean;
  readonly calls: ApiSessionCalls;
}

interface Subscription {
  readonly id: number;
  readonly account: Account;
  /** Made by the session's logon, and ended with it. */
  readonly isLogon: boolean;
  readonly listener: { tell(event: object, name: string): void };
}

/** One client's side of Binance's WebSocket API: requests, who it is, and the accounts it listens to. */
export class ApiSession {
  readonly #parts: ApiSessionParts;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #connectedSince: number;
  #logon: { readonly key: Key; readonly since: number } | undefined;
  #subscribed = 0;
  /** Requests to subscribe, also those that were refused. */
  #attempts = 0;
  isReplayed = false;

  constructor(parts: ApiSessionParts) {
    this.#parts = parts;
    this.#connectedSince = parts.trading.clock.time;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  receive(text: string): void {
    const { calls, lockstep } = this.#parts;
    const message = text.length > MESSAGE_LENGTH ? undefined : parse(text);
    if (message === undefined) {
      this.#answer(null, 400, { error: errorBody(tradingErrors.json()) }, undefined);
      return;
    }
    const { id = null, method, params } = message;
    if (lockstep && method === 'ACK' && Array.isArray(params)) {
      if (Number.isInteger(params[0])) calls.acknowledged(params[0] as number);
      return;
    }
    if (typeof method !== 'string' || !(id === null || isId(id))) {
      this.#answer(null, 400, { error: errorBody(tradingErrors.json()) }, undefined);
      return;
    }
    this.#request(id, method, params ?? {});
  }

  /** The connection is over. */
  end(): void {
    for (const { account, listener } of this.#subscriptions.values()) {
      this.#parts.trading.streams.leave(account, listener);
    }
    this.#subscriptions.clear();
  }

  #request(id: unknown, method: string, params: unknown): void {
    const { calls, trading } = this.#parts;
    let values: Map<string, string> | undefined;
    try {
      values = readParameters(params);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      this.#answer(id, error.status, { error: errorBody(error) }, undefined);
      return;
    }
    const tellsLimits = values.get('returnRateLimits');
    values.delete('returnRateLimits');
    const operation = trading.byName(method);
    const weight = Object.hasOwn(MARKET, method)
      ? MARKET[method][1]
      : operation === undefined
        ? method.startsWith('userDataStream') || method.startsWith('session')
          ? 2
          : 0
        : typeof operation.weight === 'number'
          ? operation.weight
          : operation.weight(values);
    const { used, error: refused } = calls.count(weight);
    const outcome = refused ?? this.#perform(method, values);
    if (outcome === undefined) return;
    const isFree = operation?.acts === true && !(outcome instanceof RestError);
    const counted = isFree ? calls.refund(weight) : used;
    const limits = (tellsLimits ?? String(this.#parts.tellsLimits)) === 'true' ? counted : undefined;
    if (outcome instanceof RestError) {
      this.#answer(id, outcome.status, { error: this.#errorOf(outcome) }, limits);
    } else {
      this.#answer(id, 200, { result: outcome.body }, limits, outcome.usages);
      outcome.after?.();
    }
  }

  #errorOf(error: RestError): object {
    if (error.retryAfter === undefined) return errorBody(error);
    const { time } = this.#parts.trading.clock;
    return { ...errorBody(error), data: { serverTime: time, retryAfter: time + error.retryAfter * 1000 } };
  }

  #perform(
    method: string,
    values: Map<string, string>,
  ):
    | { body: unknown; usages?: readonly (readonly [string, number])[]; after?: () => void }
    | RestError
    | undefined {
    const { calls, trading } = this.#parts;
    try {
      if (Object.hasOwn(MARKET, method)) {
        return { body: calls.market(MARKET[method][0], new Parameters(values)) };
      }
      const operation = trading.byName(method);
      if (operation !== undefined) {
        const { key, parameters } = this.#authorise(values);
        return trading.perform(operation, key, parameters);
      }
      switch (method) {
        case 'session.logon':
          return { body: this.#logOn(values) };
        case 'session.status':
          return { body: this.#status() };
        case 'session.logout':
          return this.#logOut();
        case 'session.subscriptions':
          return { body: [...this.#subscriptions.keys()].map(subscriptionId => ({ subscriptionId })) };
        case 'userDataStream.subscribe':
          return { body: this.#subscribe(this.#loggedOn(), true) };
        case 'userDataStream.subscribe.signature':
          return { body: this.#subscribeSigned(values) };
        case 'userDataStream.unsubscribe':
          return this.#unsubscribe(values);
        case REPLAY_METHOD:
          return this.#subscribeReplay();
        default:
          return tradingErrors.unsupported();
      }
    } catch (error) {
      if (error instanceof RestError) return error;
      throw error;
    }
  }

  /** Whose request it is: by its own key and signature, else by the session's. */
  #authorise(values: ReadonlyMap<string, string>): { key: Key; parameters: Parameters } {
    const { trading } = this.#parts;
    const parameters = new Parameters(values);
    const apiKey = parameters.text('apiKey');
    if (apiKey === undefined && this.#logon !== undefined) {
      trading.authentication.checkTime(parameters);
      return { key: this.#logon.key, parameters };
    }
    const key = trading.key(apiKey);
    const signed = { payload: signedParameters(values), signature: values.get('signature') };
    trading.authentication.check(key, parameters, signed);
    return { key, parameters };
  }

  #loggedOn(): Account {
    if (this.#logon === undefined) throw tradingErrors.key();
    return this.#logon.key.account;
  }

  #logOn(values: ReadonlyMap<string, string>): unknown {
    const { key, parameters } = this.#authorise(values);
    parameters.end();
    if (key.kind !== 'ed25519') throw tradingErrors.keyType();
    this.#logon = { key, since: this.#parts.trading.clock.time };
    return this.#status();
  }

  #status(): unknown {
    const { trading, tellsLimits } = this.#parts;
    return {
      apiKey: this.#logon?.key.apiKey ?? null,
      authorizedSince: this.#logon?.since ?? null,
      connectedSince: this.#connectedSince,
      returnRateLimits: tellsLimits,
      serverTime: trading.clock.time,
      userDataStream: this.#subscriptions.size > 0,
    };
  }

  #logOut() {
    this.#logon = undefined;
    const ended = [...this.#subscriptions.values()].filter(({ isLogon }) => isLogon);
    for (const one of ended) this.#leave(one);
    return { body: this.#status(), after: () => this.#tellEnded(ended) };
  }

  #subscribeSigned(values: ReadonlyMap<string, string>): unknown {
    const { faults, trading, number } = this.#parts;
    const name = `client ${number} subscription ${++this.#attempts}`;
    const fault = faults.ofSubscription(name);
    if (fault !== undefined) {
      faults.record(fault, trading.clock.time, name);
      throw fault.kind === 'account-1021' ? tradingErrors.late() : tradingErrors.key();
    }
    const { key, parameters } = this.#authorise(values);
    parameters.end();
    return this.#subscribe(key.account, false);
  }

  #subscribe(account: Account, isLogon: boolean): unknown {
    for (const other of this.#subscriptions.values()) {
      if (other.account === account) throw tradingErrors.subscribed();
    }
    if (this.#subscriptions.size >= SUBSCRIPTIONS || this.#subscribed >= ALL_SUBSCRIPTIONS) {
      throw tradingErrors.tooManySubscriptions();
    }
    const id = this.#subscribed++;
    const listener = {
      tell: (event: object, name: string) =>
        this.#parts.calls.event(JSON.stringify({ subscriptionId: id, event }), name),
    };
    this.#subscriptions.set(id, { id, account, isLogon, listener });
    this.#parts.trading.streams.listen(account, listener);
    return { subscriptionId: id };
  }

  #unsubscribe(values: ReadonlyMap<string, string>) {
    const parameters = new Parameters(values);
    const id = parameters.count('subscriptionId');
    parameters.end();
    const ended =
      id === undefined
        ? [...this.#subscriptions.values()]
        : [...this.#subscriptions.values()].filter(one => one.id === id);
    if (ended.length === 0) throw tradingErrors.notSubscribed();
    for (const one of ended) this.#leave(one);
    return { body: {}, after: () => this.#tellEnded(ended) };
  }

  #leave({ id, account, listener }: Subscription): void {
    this.#subscriptions.delete(id);
    this.#parts.trading.streams.leave(account, listener);
  }

  #tellEnded(ended: readonly Subscription[]): void {
    const { calls, trading } = this.#parts;
    for (const { id } of ended) {
      const event = { e: 'eventStreamTerminated', E: trading.clock.time };
      calls.send(JSON.stringify({ subscriptionId: id, event }));
    }
  }

  #subscribeReplay() {
    this.isReplayed = true;
    return { body: {}, after: () => this.#parts.calls.replaySubscribed() };
  }

  #answer(
    id: unknown,
    status: number,
    body: object,
    used: number | undefined,
    usages: readonly (readonly [string, number])[] = [],
  ): void {
    const answer = { id, status, ...body };
    this.#parts.calls.send(
      JSON.stringify(used === undefined ? answer : { ...answer, rateLimits: limitsOf(used, usages) }),
    );
  }
}

function limitsOf(used: number, usages: readonly (readonly [string, number])[]): object[] {
  const orders = RATE_LIMITS.filter(({ rateLimitType }) => rateLimitType === 'ORDERS');
  const [weight] = RATE_LIMITS;
  return [...usages.map(([, count], i) => ({ ...orders[i], count })), { ...weight, count: used }];
}

function parse(text: string): { id?: unknown; method?: unknown; params?: unknown } | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return undefined;
  return message;
}

function isId(id: unknown): boolean {
  return typeof id === 'string' ? id.length <= 36 : Number.isInteger(id);
}

/** Parameters as texts, as they are signed; lists as JSON. */
function readParameters(params: unknown): Map<string, string> {
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    throw restErrors.value('params');
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue;
    values.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return values;
}
