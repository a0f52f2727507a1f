import { type RestError, restErrors } from './rest-errors.ts';

/** Request weight a minute. */
export const WEIGHT_LIMIT = 6000;
const MINUTE = 60_000;
/** Requests that ignore a 429 before the address is banned. */
const PATIENCE = 10;
const BAN = 120_000;
/** Addresses remembered; on loopback there is one. */
const ADDRESSES = 1000;

interface Usage {
  minute: number;
  weight: number;
  /** Requests since the limit was reached. */
  ignored: number;
  bannedUntil: number;
}

/** Binance's limit of request weight by address: 429 above it, 418 for those who go on. Times are real ones, epoch ms. */
export class RequestLimit {
  readonly #limit: number;
  #bannedUntil = 0;
  readonly #usages = new Map<string, Usage>();

  constructor(limit = WEIGHT_LIMIT) {
    this.#limit = limit;
  }

  /** Counts a request; what it used this minute, and the error that answers it. */
  count(address: string, weight: number, now: number): { used: number; error: RestError | undefined } {
    const usage = this.#usageOf(address, now);
    const bannedUntil = Math.max(usage.bannedUntil, this.#bannedUntil);
    if (now < bannedUntil) {
      return {
        used: usage.weight,
        error: restErrors.banned(bannedUntil, seconds(bannedUntil - now)),
      };
    }
    usage.weight += weight;
    if (usage.weight <= this.#limit) return { used: usage.weight, error: undefined };
    usage.ignored++;
    if (usage.ignored > PATIENCE) {
      usage.bannedUntil = now + BAN;
      usage.ignored = 0;
      return { used: usage.weight, error: restErrors.banned(usage.bannedUntil, seconds(BAN)) };
    }
    const left = MINUTE - (now % MINUTE);
    return { used: usage.weight, error: restErrors.tooMuchWeight(this.#limit, seconds(left)) };
  }

  /** Takes a weight back that turned out not to count; what is used this minute. */
  refund(address: string, weight: number, now: number): number {
    const usage = this.#usageOf(address, now);
    usage.weight = Math.max(0, usage.weight - weight);
    return usage.weight;
  }

  /** Answers everybody with 418 for `ms` from now on. */
  ban(ms: number, now: number): void {
    this.#bannedUntil = now + ms;
  }

  #usageOf(address: string, now: number): Usage {
    const minute = Math.floor(now / MINUTE);
    let usage = this.#usages.get(address);
    if (usage === undefined) {
      if (this.#usages.size >= ADDRESSES) this.#usages.clear();
      usage = { minute, weight: 0, ignored: 0, bannedUntil: 0 };
      this.#usages.set(address, usage);
    }
    if (usage.minute !== minute) {
      usage.minute = minute;
      usage.weight = 0;
      usage.ignored = 0;
    }
    return usage;
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
