import type { Parameters } from './signing.ts';

/** One request to an exchange's REST API. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/api/v3/order`. */
  readonly path: string;
  /** Without timestamp, window and signature. */
  readonly parameters: Parameters;
  /** Undefined for what needs no key. */
  readonly signed: { readonly timestamp: number; readonly recvWindowMs: number } | undefined;
}

/** What was answered, whatever its status. */
export interface ExchangeResponse {
  /** NaN where the transport cannot tell. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined when it was no JSON. */
  readonly json: unknown;
}

/**
 * How requests reach the exchange: they are signed and sent once, never again. Rejects with a NetworkError, whose message has
 * no keys, when no answer came, for whatever reason; then the request may have been executed or not.
 */
export interface Transport {
  /** Gives up after `limitMs`. */
  send(request: ExchangeRequest, limitMs: number): Promise<ExchangeResponse>;
}
