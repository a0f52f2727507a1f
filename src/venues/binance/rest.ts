/** Paths and answers of Binance's REST API that belong to no market data in particular. */
export const TIME_PATH = '/api/v3/time';
export const TIME_WEIGHT = 1;
export const EXCHANGE_INFO_WEIGHT = 20;
/** What Binance allows a minute, unless exchangeInfo says otherwise. */
export const REQUEST_WEIGHT_LIMIT = 6000;
export const USED_WEIGHT_HEADER = 'x-mbx-used-weight-1m';

/** Binance's codes for a symbol that it does not know: illegal characters, and an invalid symbol. */
export const REFUSED_SYMBOL: readonly number[] = [-1100, -1121];

export function exchangeInfoPath(symbols: readonly string[]): string {
  if (symbols.length === 0) return '/api/v3/exchangeInfo';
  if (symbols.length === 1) return `/api/v3/exchangeInfo?symbol=${encodeURIComponent(symbols[0])}`;
  return `/api/v3/exchangeInfo?symbols=${encodeURIComponent(JSON.stringify(symbols))}`;
}

/** The request weight a minute of an exchangeInfo document; undefined where it does not say. */
export function requestWeightLimit(document: unknown): number | undefined {
  const limits = (document as { rateLimits?: unknown } | null)?.rateLimits;
  if (!Array.isArray(limits)) return undefined;
  const found = limits.find(
    limit =>
      limit?.rateLimitType === 'REQUEST_WEIGHT' && limit.interval === 'MINUTE' && limit.intervalNum === 1,
  );
  return typeof found?.limit === 'number' && found.limit > 0 ? found.limit : undefined;
}

/** `{"code":-1121,"msg":"Invalid symbol."}` of an error's body; undefined when the body is something else. */
export function errorBody(body: string): { readonly code: number; readonly msg: string } | undefined {
  try {
    const { code, msg } = JSON.parse(body) as { code?: unknown; msg?: unknown };
    return typeof code === 'number' && typeof msg === 'string' ? { code, msg } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Until when the server wants to hear nothing after a 429 or 418, epoch ms UTC: by Retry-After (seconds), by the time
 * that the message names, or else by the shortest ban that the documents name.
 */
export function silenceUntil(
  answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  now: number,
): number {
  const seconds = Number(answer.headers['retry-after']);
  if (answer.headers['retry-after'] !== undefined && Number.isFinite(seconds)) return now + seconds * 1000;
  const named = /banned until (\d{13})/.exec(answer.body);
  if (named !== null) return Number(named[1]);
  return now + (answer.status === 418 ? 120_000 : 60_000);
}
