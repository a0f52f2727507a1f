import { NetworkError } from '../model/errors.ts';

const REASONS: Readonly<Record<string, readonly [code: string, text: (host: string) => string]>> = {
  ENOTFOUND: ['NAME_NOT_FOUND', host => `the name ${host} was not found (DNS)`],
  EAI_AGAIN: ['NAME_NOT_FOUND', host => `the name ${host} could not be looked up (DNS)`],
  EAI_FAIL: ['NAME_NOT_FOUND', host => `the name ${host} could not be looked up (DNS)`],
  ECONNREFUSED: ['CONNECTION_REFUSED', () => 'the connection was refused'],
  ECONNRESET: ['CONNECTION_LOST', () => 'the connection was reset'],
  EPIPE: ['CONNECTION_LOST', () => 'the connection was closed'],
  ETIMEDOUT: ['TIMED_OUT', () => 'the connection timed out'],
  EHOSTUNREACH: ['HOST_UNREACHABLE', () => 'there is no route to the host'],
  ENETUNREACH: ['HOST_UNREACHABLE', () => 'the network cannot be reached'],
  EADDRNOTAVAIL: ['HOST_UNREACHABLE', () => 'the network cannot be reached'],
};

/** A failed connection to `url` as an error whose message says in one line what happened: DNS, refused, timeout, TLS … */
export function networkError(url: string, cause: unknown): NetworkError {
  if (cause instanceof NetworkError) return cause;
  const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  const code = String((first as { code?: unknown })?.code ?? '');
  const text = first instanceof Error ? first.message : String(first);
  const host = URL.canParse(url) ? new URL(url).hostname : url;
  const known = REASONS[code];
  if (known !== undefined) return new NetworkError(known[0], known[1](host), { value: url, cause });
  if (
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code) ||
    /certificate/i.test(text)
  ) {
    const reason = `TLS failed: ${oneLine(text)}`;
    return new NetworkError('TLS_FAILED', reason, { value: url, cause });
  }
  return new NetworkError('CONNECTION_LOST', oneLine(text) || 'the connection failed', { value: url, cause });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}
