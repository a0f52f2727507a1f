import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerMetrics } from './prometheus.ts';
import type { ServerStatus } from './status.ts';

export interface Answers {
  /** The page at `/`. */
  readonly page: string | undefined;
  readonly status: ServerStatus;
  readonly metrics: ServerMetrics;
  /** Whether the request shows the token, where there is one. */
  isAllowed(): boolean;
}

const PLAIN = 'text/plain; charset=utf-8';

/** What is there beside websockets: `/`, `/health`, `/metrics`. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { isAllowed, metrics, page, status }: Answers,
): Promise<void> {
  request.resume();
  const answer = (code: number, type: string, body: string, headers: Record<string, string> = {}) => {
    const own = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
    response.writeHead(code, { ...own, ...headers });
    response.end(request.method === 'HEAD' ? '' : body);
  };
  const path = (request.url ?? '/').split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(405, PLAIN, 'only GET\n', { allow: 'GET, HEAD' });
  } else if (path === '/health') {
    // Says nothing that a stranger may not know.
    const { clients, streams } = status;
    answer(200, 'application/json', `${JSON.stringify({ status: 'ok', clients, streams })}\n`);
  } else if (path === '/metrics') {
    if (isAllowed()) answer(200, metrics.contentType, await metrics.text());
    else answer(401, PLAIN, 'show the token: Authorization: Bearer …\n', { 'www-authenticate': 'Bearer' });
  } else if (path === '/' && page !== undefined) {
    answer(200, 'text/html; charset=utf-8', page, {
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
  } else answer(404, PLAIN, 'there is nothing here; connect with a websocket\n');
}
