import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Compares with the token in a time that tells nothing of it. */
export function tokenCheck(token: string): (given: string) => boolean {
  const wanted = digest(token);
  return given => timingSafeEqual(digest(given), wanted);
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The token that a request shows: `Authorization: Bearer …`, or `?token=…`. */
export function tokenOf(request: IncomingMessage): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? new URLSearchParams(request.url?.split('?')[1] ?? '').get('token') ?? undefined;
}

/** Addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Whether a page may open a connection. Browsers say whose page it is, other programs say nothing. Without a list the
 * server's own page may, if it was reached by an address: a foreign name that leads here is somebody else's page.
 */
export function isAllowedOrigin(request: IncomingMessage, origins: readonly string[]): boolean {
  const { host = '', origin } = request.headers;
  if (origin === undefined) return true;
  if (origins.includes('*') || origins.includes(origin)) return true;
  if (!URL.canParse(origin) || new URL(origin).host !== host) return false;
  const { hostname } = new URL(origin);
  return isLoopback(hostname) || /^[\d.]+$/.test(hostname) || hostname.startsWith('[');
}
