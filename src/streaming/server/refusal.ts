import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAllowedOrigin, tokenOf } from './authentication.ts';
import { GOODBYE_MS } from './socket-link.ts';

/** Why a request may not become a websocket, as HTTP says it. */
interface Refusal {
  readonly status: string;
  readonly text: string;
}

export interface Door {
  /** Connections that there are, and that there may be. */
  readonly clients: number;
  readonly most: number;
  readonly origins: readonly string[];
  readonly isToken: ((token: string) => boolean) | undefined;
}

/** Undefined for one that may come in; it may have to show its token yet. */
export function refusalOf(
  request: IncomingMessage,
  { clients, isToken, most, origins }: Door,
): Refusal | undefined {
  const token = tokenOf(request);
  if (!isAllowedOrigin(request, origins))
    return { status: '403 Forbidden', text: 'this origin may not connect' };
  if (clients >= most) return { status: '503 Service Unavailable', text: `at most ${most} clients` };
  if (token !== undefined && isToken !== undefined && !isToken(token))
    return { status: '401 Unauthorized', text: 'that is not the token' };
  return undefined;
}

export function refuse(socket: Duplex, { status, text }: Refusal): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
}
