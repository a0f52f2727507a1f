import { NetworkError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { BackOff } from '../../net/back-off.ts';
import type { HttpResponse, Network } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { WeightGovernor } from '../../net/weight-governor.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import { KLINES_WEIGHT, type Kline, klinesPath, readKlines } from '../../venues/binance/kline.ts';
import {
  errorBody,
  REQUEST_WEIGHT_LIMIT,
  silenceUntil,
  TIME_PATH,
  TIME_WEIGHT,
  USED_WEIGHT_HEADER,
} from '../../venues/binance/rest.ts';
import type { LiveNotice } from './contract.ts';
import type { MarketClock } from './market-clock.ts';

const TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Requests under way at the same time. */
const CONCURRENT = 6;
/** What is left to others behind the same address. */
const SHARE = 0.8;
/** The same trouble is not told again for so long, ms. */
const QUIET_MS = 5000;

/** Failures of which something was heard. */
export const ANSWERED: readonly string[] = ['HTTP_STATUS', 'ANSWER_CUT_OFF', 'ANSWER_UNREADABLE'];

/** A request that was answered, but not with what was asked for. */
export class HttpStatusError extends NetworkError {
  readonly status: number;
  /** Binance's own code; undefined where the body named none. */
  readonly venueCode: number | undefined;

  constructor(url: string, { status, body }: HttpResponse) {
    const named = errorBody(body);
    const said = named === undefined ? '' : `: ${named.msg} (${named.code})`;
    super('HTTP_STATUS', `HTTP status ${status}${explainStatus(status)}${said}`, {
      value: url,
      retriable: true,
    });
    this.status = status;
    this.venueCode = named?.code;
  }
}

/** What a status means at an exchange, to be put behind it; empty where it says nothing more. */
export function explainStatus(status: number): string {
  if (status === 451) return ', not offered from this location';
  if (status === 403) return ', refused by a firewall or for this location';
  if (status === 418) return ', this address is banned for a while';
  if (status === 429) return ', too many requests';
  return '';
}

export interface MarketRestOptions {
  readonly endpoints: Endpoints;
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly notice: (level: LiveNotice['level'], code: string, message: string) => void;
}

/** An exchange's public REST answers, within its limits. */
export class MarketRest {
  readonly #options: MarketRestOptions;
  readonly #governor: WeightGovernor;
  /** True once anything was answered. */
  #reached = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #told = '';
  #measuring: Promise<void> | undefined;

  constructor(options: MarketRestOptions) {
    this.#options = options;
    this.#governor = new WeightGovernor({
      timers: options.network.timers,
      limit: REQUEST_WEIGHT_LIMIT,
      share: SHARE,
      concurrent: CONCURRENT,
      signal: options.signal,
    });
  }

  /** Nothing is sent before this time, epoch ms UTC; 0 when the exchange has not asked for silence. */
  get silentUntil(): number {
    return this.#governor.silentUntil;
  }

  /** The exchange said what request weight it allows a minute. */
  allow(weight: number): void {
    this.#governor.allow(weight);
  }

  /** Klines by open time, oldest first; the last may be unfinished. */
  async klines(
    symbol: string,
    interval: Interval,
    range: Parameters<typeof klinesPath>[2],
  ): Promise<Kline[]> {
    return readKlines(await this.get(klinesPath(symbol, interval, range), KLINES_WEIGHT));
  }

  /** Asks for the exchange's time. Several callers at once share one question. */
  measure(clock: MarketClock): Promise<void> {
    this.#measuring ??= this.#measure(clock).finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #measure(clock: MarketClock): Promise<void> {
    const { timers } = this.#options.network;
    let asked = 0;
    let answered = 0;
    // Taken at the request itself: before it, the request may have had to wait for its turn.
    const { body, url } = await this.#governor.pass(TIME_WEIGHT, async () => {
      asked = timers.now();
      const answer = await this.#send(TIME_PATH);
      answered = timers.now();
      return answer;
    });
    const time = (parse(url, body) as { serverTime?: unknown } | null)?.serverTime;
    if (typeof time !== 'number') {
      throw new NetworkError('ANSWER_UNREADABLE', 'the answer holds no time', { value: url });
    }
    clock.measured(time, asked, answered);
  }

  /** One attempt; rejects with a NetworkError when the answer is not the document asked for. */
  async get(path: string, weight: number): Promise<unknown> {
    const { url, body } = await this.#governor.pass(weight, () => this.#send(path));
    return parse(url, body);
  }

  /** Attempts again and again, with growing pauses, until `attempt` succeeds; rejects only when the signal aborts. */
  async persist<T>(
    what: string,
    attempt: () => Promise<T>,
    fatal: (error: NetworkError) => boolean = never,
  ): Promise<T> {
    const { network, signal } = this.#options;
    const backOff = new BackOff({ first: FIRST_PAUSE_MS, most: LONGEST_PAUSE_MS, random: network.random });
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof NetworkError) || fatal(error)) throw error;
        await this.pause(what, error, backOff.next());
        signal.throwIfAborted();
      }
    }
  }

  /** Tells of a failed attempt and waits before the next one. */
  async pause(what: string, error: NetworkError, ms: number): Promise<void> {
    const { endpoints, network, notice, signal } = this.#options;
    const now = network.timers.now();
    const wait = Math.max(ms, this.#governor.silentUntil - now);
    if (now - this.#toldAt >= QUIET_MS || this.#told !== error.message) {
      this.#toldAt = now;
      this.#told = error.message;
      const again = `again in ${(wait / 1000).toFixed(1)} s`;
      if (ANSWERED.includes(error.code)) {
        notice('warning', 'REST_RETRY', `${what} from ${endpoints.rest}: ${error.message}; ${again}`);
      } else {
        const advice = this.#reached ? '' : `; ${withoutExchange(endpoints)}`;
        const problem = `${endpoints.rest} could not be reached (${error.message})`;
        notice('warning', 'UNREACHABLE', `${problem}; ${again}${advice}`);
      }
    }
    await sleep(network.timers, wait, signal);
  }

  async #send(path: string): Promise<{ url: string; body: string }> {
    const { endpoints, network, signal } = this.#options;
    signal.throwIfAborted();
    const url = endpoints.rest + path;
    const answer = await network.http({ url, timeoutMs: TIMEOUT_MS, signal });
    this.#reached = true;
    const used = Number(answer.headers[USED_WEIGHT_HEADER]);
    if (Number.isFinite(used)) this.#governor.reported(used);
    if (answer.status === 429 || answer.status === 418) {
      this.#governor.silence(silenceUntil(answer, network.timers.now()));
    }
    if (answer.status !== 200) throw new HttpStatusError(url, answer);
    return { url, body: answer.body };
  }
}

const never = () => false;

function parse(url: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    // What begins like JSON was cut off on its way; anything else is a page for people.
    if (/^\s*[{[]/.test(body)) {
      throw new NetworkError('ANSWER_CUT_OFF', 'the answer was cut off', { value: url, cause });
    }
    throw new NetworkError('ANSWER_UNREADABLE', 'the answer is not JSON', { value: url, cause });
  }
}

/** What to do where there is no exchange. */
export function withoutExchange({ local }: Endpoints): string {
  return local
    ? 'start a local exchange with `npx qt exchange --data FILE`, or check the address'
    : 'check the network, or rehearse without one: `npx qt exchange --data FILE`, then `--exchange local`';
}
