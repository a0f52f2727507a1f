import type { Parameters } from '../parameters.ts';
import { restErrors } from '../rest-errors.ts';
import type { Account, Key } from './account.ts';
import { type Freshness, MOST_WINDOW } from './freshness.ts';
import { isSigned } from './signature.ts';
import { tradingErrors } from './trading-errors.ts';

/** A timestamp above it is in microseconds. */
const MICROSECONDS = 100_000_000_000_000;

export interface Clock {
  /** The exchange's, epoch ms UTC. */
  readonly time: number;
  /** Epoch ms of real time. */
  readonly real: number;
  /** How fast it runs; null in lockstep. */
  readonly speed: number | null;
  /** How far it is ahead of the market, ms. */
  readonly skew: number;
}

/** Says for which account a request is, by its key, its signature and its time. */
export class Authentication {
  readonly #keys: ReadonlyMap<string, Key>;
  readonly #freshness: Freshness;
  readonly #clock: () => Clock;

  constructor(accounts: readonly Account[], freshness: Freshness, clock: () => Clock) {
    this.#keys = new Map(accounts.flatMap(({ keys }) => keys.map(key => [key.apiKey, key])));
    this.#freshness = freshness;
    this.#clock = clock;
  }

  /** Throws a RestError for a key that is none or unknown. */
  key(apiKey: string | undefined): Key {
    if (apiKey === undefined || apiKey === '') throw tradingErrors.keyFormat();
    const key = this.#keys.get(apiKey);
    if (key === undefined) throw tradingErrors.key();
    return key;
  }

  /** Throws a RestError unless the request was signed by the key, and lately. */
  check(
    key: Key,
    parameters: Parameters,
    { payload, signature }: { readonly payload: string; readonly signature: string | undefined },
  ): void {
    const timestamp = this.#judgeTime(parameters);
    parameters.text('signature');
    if (signature === undefined || signature === '') throw restErrors.missing('signature');
    if (!isSigned(key, payload, signature)) throw tradingErrors.signature();
    const judged = this.#freshness.judge(timestamp.at, timestamp.window, this.#clock());
    if (judged !== 'fresh') throw tradingErrors[judged]();
  }

  /** For requests of a session that has logged on, which need no signature but a timestamp. */
  checkTime(parameters: Parameters): void {
    const { at, window } = this.#judgeTime(parameters);
    const judged = this.#freshness.judge(at, window, this.#clock());
    if (judged !== 'fresh') throw tradingErrors[judged]();
  }

  #judgeTime(parameters: Parameters): { at: number; window: number | undefined } {
    parameters.mandatory('timestamp');
    const at = parameters.count('timestamp')!;
    return { at: at > MICROSECONDS ? Math.floor(at / 1000) : at, window: readWindow(parameters) };
  }
}

function readWindow(parameters: Parameters): number | undefined {
  const text = parameters.text('recvWindow');
  if (text === undefined) return undefined;
  if (!/^\d{1,20}(\.\d{1,3})?$/.test(text))
    throw restErrors.illegal('recvWindow', '^[0-9]{1,20}(\\.[0-9]{1,3})?$');
  const window = Number(text);
  if (window > MOST_WINDOW) throw tradingErrors.tooGreat('recvWindow', MOST_WINDOW);
  return window;
}
