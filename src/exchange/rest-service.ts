import type { Timer, Timers } from '../net/network.ts';
import type { LocalInfo } from '../venues/binance/replay.ts';
import type { SymbolInfo } from './exchange-info.ts';
import type { Chosen, Faults } from './faults.ts';
import { Parameters } from './parameters.ts';
import { RequestLimit, WEIGHT_LIMIT } from './request-limit.ts';
import {
  answer,
  answerTo,
  errorResponse,
  json,
  notAllowed,
  page,
  type RestRequest,
  type RestResponse,
  type RestSource,
  weightOf,
} from './rest.ts';
import { RestError, restErrors } from './rest-errors.ts';
import type { Moment, Tape } from './tape.ts';
import type { Operation } from './trading/operation.ts';
import { signedPart } from './trading/signature.ts';
import type { TradingService } from './trading/trading-service.ts';

export interface RestServiceOptions {
  readonly tape: Tape;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly symbols: ReadonlyMap<string, SymbolInfo>;
  readonly trading: TradingService;
  /** The exchange as it is at a request. */
  readonly now: () => {
    readonly moment: Moment;
    readonly time: number;
    /** The market's time as if the data had no end. */
    readonly clock: number;
    readonly info: LocalInfo;
  };
}

/** Answers that are on their way; more requests than that are refused. */
const SLOW_LIMIT = 10_000;

/** REST as clients meet it: with limits, and with the faults that a script has for it. */
export class RestService {
  readonly #options: RestServiceOptions;
  readonly #limit: RequestLimit;
  readonly #slow = new Set<Timer>();
  #requests = 0;

  constructor(options: RestServiceOptions) {
    this.#options = options;
    // In lockstep clients may go as fast as they can.
    const isLockstep = options.tape.pace.speed === null;
    this.#limit = new RequestLimit(isLockstep ? Number.POSITIVE_INFINITY : WEIGHT_LIMIT);
  }

  get requests(): number {
    return this.#requests;
  }

  /** Everybody gets 418 for `ms`. */
  ban(ms: number): void {
    this.#limit.ban(ms, this.#options.timers.now());
  }

  /** Answers by `respond`: now, later, or never. */
  request(request: RestRequest, address: string, respond: (response: RestResponse) => void): void {
    const { timers, faults, now } = this.#options;
    const fault = faults.ofRequest(`request ${++this.#requests}`);
    const { time } = now();
    if (fault !== undefined) faults.record(fault, time, request.path);
    if (fault?.kind === 'rest-418') this.ban(fault.amount);
    const operation = this.#options.trading.byRoute(request.method, request.path);
    const weight = operation === undefined ? weightOf(request) : weightOfOperation(operation, request);
    const { used, error } = this.#limit.count(address, weight, timers.now());
    if (fault?.kind === 'rest-hang') return;
    const response = error !== undefined ? errorResponse(error) : this.#answer(request, operation, fault);
    if (response === undefined) return;
    const isFree = operation?.acts === true && response.status === 200;
    const counted = String(isFree ? this.#limit.refund(address, weight, timers.now()) : used);
    const headers = { ...response.headers, 'x-mbx-used-weight': counted, 'x-mbx-used-weight-1m': counted };
    const answered = { ...response, headers };
    if (fault?.kind === 'rest-slow' && this.#slow.size < SLOW_LIMIT)
      this.#later(fault.amount, answered, respond);
    else respond(answered);
  }

  /** Counts a request that came another way; what is used this minute, and the error that answers it. */
  count(address: string, weight: number): ReturnType<RequestLimit['count']> {
    return this.#limit.count(address, weight, this.#options.timers.now());
  }

  refund(address: string, weight: number): number {
    return this.#limit.refund(address, weight, this.#options.timers.now());
  }

  /** What a path of the market's is answered, whatever way it was asked. Throws a RestError. */
  marketAnswer(path: string, parameters: Parameters): unknown {
    return answerTo(path, parameters, this.#source());
  }

  /** Answers that are on their way are lost. */
  close(): void {
    for (const timer of this.#slow) timer.cancel();
    this.#slow.clear();
  }

  #answer(
    request: RestRequest,
    operation: Operation | undefined,
    fault: Chosen | undefined,
  ): RestResponse | undefined {
    const { faults, trading } = this.#options;
    if (fault?.kind === 'rest-429') {
      return errorResponse(
        restErrors.tooMuchWeight(WEIGHT_LIMIT, Math.max(1, Math.ceil(fault.amount / 1000))),
      );
    }
    if (fault?.kind === 'rest-5xx')
      return SERVER_ERRORS[faults.pick(`request ${this.#requests}`, SERVER_ERRORS.length)];
    const response =
      operation !== undefined
        ? this.#trade(request, operation)
        : trading.knows(request.path)
          ? notAllowed()
          : answer(request, this.#source());
    if (fault?.kind !== 'rest-broken' || response === undefined) return response;
    return { ...response, body: response.body.slice(0, Math.ceil(response.body.length / 2)) };
  }

  #source(): RestSource {
    const { tape, symbols, faults, now, trading } = this.#options;
    const { moment, time, clock, info } = now();
    if (faults.lag > 0) faults.counts['rest-lag'] = (faults.counts['rest-lag'] ?? 0) + 1;
    return {
      tape,
      // A lag is a matter of time: some time after the last bar, that one is known as well.
      moment: clock - faults.lag >= moment.time ? moment : { time: clock - faults.lag, opened: true },
      time: time + faults.skew,
      info,
      symbols,
      status: trading.isCancelOnly ? 'CANCEL_ONLY' : undefined,
    };
  }

  /** A signed request; undefined when it is never answered. */
  #trade({ query, body = '', headers = {} }: RestRequest, operation: Operation): RestResponse | undefined {
    const { trading } = this.#options;
    try {
      const key = trading.key(headers['x-mbx-apikey']);
      const parameters = new Parameters(query, body);
      trading.authentication.check(key, parameters, signedPart(query, body));
      const outcome = trading.perform(operation, key, parameters);
      if (outcome === undefined) return undefined;
      if (outcome instanceof RestError) return errorResponse(outcome);
      const response = json(200, outcome.body);
      const counts = outcome.usages.map(([name, count]) => [
        `x-mbx-order-count-${name.toLowerCase()}`,
        String(count),
      ]);
      return { ...response, headers: { ...response.headers, ...Object.fromEntries(counts) } };
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return errorResponse(error);
    }
  }

  #later(ms: number, response: RestResponse, respond: (response: RestResponse) => void): void {
    const timer = this.#options.timers.after(ms, () => {
      this.#slow.delete(timer);
      respond(response);
    });
    this.#slow.add(timer);
  }
}

function weightOfOperation({ weight }: Operation, { query, body = '' }: RestRequest): number {
  if (typeof weight === 'number') return weight;
  return weight(new Map([...new URLSearchParams(body), ...new URLSearchParams(query)]));
}

const internal = new RestError(
  500,
  -1001,
  'Internal error; unable to process your request. Please try again.',
);
const unknown = new RestError(503, -1000, 'Unknown error, please check your request or try again later.');
const SERVER_ERRORS = [
  errorResponse(internal),
  page(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'),
  errorResponse(unknown),
  page(504, '<html><body><h1>504 Gateway Time-out</h1></body></html>'),
];
