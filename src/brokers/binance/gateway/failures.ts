import { silenceUntil } from '../../../venues/binance/rest.ts';
import type { FailureClass } from '../port.ts';
import type { ExchangeResponse } from './transport.ts';

/** What an answer that is no success means. */
export interface Verdict {
  readonly class: FailureClass;
  readonly code: number | undefined;
  /** Not redacted yet. */
  readonly message: string;
  /** Of `limits`: how long nothing of the kind is to be sent, ms. */
  readonly silenceMs?: number;
  /** Of `limits`: true when it is only placing that is refused. */
  readonly ordersOnly?: boolean;
}

/** Nobody knows what has become of the request. Source: spot API, "Error codes", 10xx. */
const UNKNOWN: readonly number[] = [-1000, -1001, -1004, -1006, -1007, -1008, -1016];
const AUTH: readonly number[] = [-1002, -1022, -2008, -2014, -2015];
const TOO_MANY_REQUESTS = -1003;
const TOO_MANY_ORDERS = -1015;
const TOO_MANY_CONNECTIONS = -1034;
const BAD_TIMESTAMP = -1021;
const PARTIAL: readonly number[] = [-2021, -2022];
/** Passes on what the matching engine said. */
const ENGINE_SAID = -1010;
const NEW_ORDER_REJECTED = -2010;
const CANCEL_REJECTED = -2011;
const NOT_FOUND: readonly number[] = [-2013, -2018, -2026];
/** Refused before or by the matching engine, for what it asked. */
const REJECTED: readonly number[] = [-1013, -1014, -1020, -1099, -2016, -2038, -2039];

/** Nothing is told about how long a firewall's refusal lasts. */
const FIREWALL_MS = 60_000;
const ORDERS_MS = 10_000;

/**
 * What an answer means that is no success, by status and code. What is not known for certain to mean that nothing has
 * happened is `unknown`: that costs a query, and the other mistake costs an order. Source: spot API, "HTTP return codes", "Error codes".
 */
export function classify({ status, headers, json }: ExchangeResponse, now: number): Verdict {
  const { code, msg } = errorOf(json);
  const message = describe(status, code, msg);
  const of = (kind: FailureClass): Verdict => ({ class: kind, code, message });
  const silence = (ms: number, ordersOnly = false): Verdict => ({
    ...of('limits'),
    silenceMs: Math.max(0, ms),
    ordersOnly,
  });
  const asked = () => silenceUntil({ status, headers, body: msg }, now) - now;
  if (status >= 500) return of('unknown');
  if (code === TOO_MANY_ORDERS) {
    return silence(headers['retry-after'] === undefined ? ORDERS_MS : asked(), true);
  }
  if (code === TOO_MANY_REQUESTS || code === TOO_MANY_CONNECTIONS) return silence(asked());
  if (status === 418 || status === 429) return silence(asked());
  if (status === 403 && (code === undefined || !AUTH.includes(code))) return silence(FIREWALL_MS);
  if (code === undefined || UNKNOWN.includes(code)) return of('unknown');
  if (code === BAD_TIMESTAMP) return of('time');
  if (AUTH.includes(code)) return of('auth');
  if (PARTIAL.includes(code)) return of('partial');
  if (code === ENGINE_SAID) {
    return of(/duplicate/i.test(msg) ? 'alive' : /^unknown order/i.test(msg) ? 'race' : 'unknown');
  }
  if (code === NEW_ORDER_REJECTED) return of(/duplicate/i.test(msg) ? 'alive' : 'rejected');
  if (code === CANCEL_REJECTED) return of(/^unknown order/i.test(msg) ? 'race' : 'rejected');
  if (NOT_FOUND.includes(code)) return of('notFound');
  if (REJECTED.includes(code) || (code <= -1100 && code >= -1299)) return of('rejected');
  return of('unknown');
}

function errorOf(json: unknown): { readonly code: number | undefined; readonly msg: string } {
  const { code, msg } = (typeof json === 'object' && json !== null ? json : {}) as {
    code?: unknown;
    msg?: unknown;
  };
  return {
    code: Number.isSafeInteger(code) ? (code as number) : undefined,
    msg: typeof msg === 'string' ? msg : '',
  };
}

function describe(status: number, code: number | undefined, msg: string): string {
  const http = Number.isNaN(status) ? 'an answer without a status' : `HTTP status ${status}`;
  const meaning =
    status === 451 ? ', not offered from this location' : status === 403 ? ', refused by a firewall' : '';
  // A body that is no JSON is not repeated: it may hold what it was sent.
  if (code === undefined) return `${http}${meaning}${msg === '' ? '' : `: ${msg}`}`;
  return `${msg === '' ? `${http}${meaning}` : msg} (${code})`;
}
