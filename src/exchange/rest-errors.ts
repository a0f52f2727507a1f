/** An answer of Binance's REST that is an error: an HTTP status with its `{ code, msg }`. */
export class RestError extends Error {
  readonly status: number;
  readonly code: number;
  /** Seconds, for 429 and 418. */
  readonly retryAfter: number | undefined;
  /** What of a request in several parts was done, where Binance tells it. */
  readonly data: unknown;

  constructor(status: number, code: number, message: string, retryAfter?: number, data?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.data = data;
  }
}

export const restErrors = {
  illegal: (name: string, range: string) =>
    new RestError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`),
  duplicate: () => new RestError(400, -1101, 'Duplicate values for a parameter detected.'),
  missing: (name: string) =>
    new RestError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  unread: (read: number, sent: number) =>
    new RestError(
      400,
      -1104,
      `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
    ),
  empty: (name: string) => new RestError(400, -1105, `Parameter '${name}' was empty.`),
  interval: () => new RestError(400, -1120, 'Invalid interval.'),
  symbol: () => new RestError(400, -1121, 'Invalid symbol.'),
  combination: (name: string) =>
    new RestError(400, -1128, `Combination of optional parameters invalid: '${name}'.`),
  value: (name: string) => new RestError(400, -1130, `Data sent for parameter '${name}' is not valid.`),
  tooMuchWeight: (limit: number, retryAfter: number) =>
    new RestError(
      429,
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      retryAfter,
    ),
  banned: (until: number, retryAfter: number) =>
    new RestError(
      418,
      -1003,
      `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`,
      retryAfter,
    ),
};
