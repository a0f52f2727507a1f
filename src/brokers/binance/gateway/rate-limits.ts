import { Fields } from './fields.ts';
import type { RateLimit } from './governor.ts';

const UNITS: Readonly<Record<string, number>> = {
  S: 1000,
  M: 60_000,
  H: 3_600_000,
  D: 86_400_000,
};
const KINDS = ['REQUEST_WEIGHT', 'ORDERS', 'RAW_REQUESTS'];

/** A limit as the exchange tells it, and how much of it has been used where that is told. */
export interface ToldLimit extends RateLimit {
  readonly count: number | undefined;
}

/** The list `rateLimits` of an answer; kinds and intervals that are not known are left out. Throws `ANSWER_UNREADABLE`. */
export function readRateLimits(list: readonly unknown[]): ToldLimit[] {
  return list.flatMap(entry => {
    const fields = new Fields(entry, 'a rate limit');
    // The official example has an empty one.
    if (!fields.has('rateLimitType')) return [];
    const kind = fields.text('rateLimitType');
    const unit = UNITS[fields.text('interval').slice(0, 1)];
    const limit = fields.whole('limit');
    if (!KINDS.includes(kind) || unit === undefined || limit <= 0) return [];
    return [
      {
        kind: kind as RateLimit['kind'],
        spanMs: fields.whole('intervalNum') * unit,
        limit,
        count: fields.has('count') ? fields.whole('count') : undefined,
      },
    ];
  });
}

/** What the headers of an answer say has been used: `x-mbx-used-weight-1m`, `x-mbx-order-count-10s`. */
export function readUsage(
  headers: Readonly<Record<string, string>>,
): { readonly kind: RateLimit['kind']; readonly spanMs: number; readonly count: number }[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const found = /^x-mbx-(used-weight|order-count)-(\d+)([smhd])$/.exec(name);
    const count = Number(value);
    if (found === null || !Number.isSafeInteger(count) || count < 0) return [];
    const [, what, times, unit] = found;
    const kind = what === 'used-weight' ? 'REQUEST_WEIGHT' : 'ORDERS';
    return [{ kind, spanMs: Number(times) * UNITS[unit.toUpperCase()], count }];
  });
}
