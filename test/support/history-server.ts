import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Fault, spoilt } from './history-faults.ts';
import type { Answer, HistoryVenue } from './history-venue.ts';

export interface ServerOptions {
  readonly random: () => number;
  readonly fault: (url: string) => Fault | undefined;
  /** What every answer waits, ms. */
  readonly latency?: number;
}

/** The venue on a port of this machine, over real sockets; closed after the test. */
export async function serveHistory(venue: HistoryVenue, options?: ServerOptions): Promise<string> {
  const server = createServer((request, response) => {
    const url = request.url!;
    const fault = options?.fault(url);
    const { range } = request.headers;
    const answer = venue.handle(url, range === undefined ? {} : { range });
    void send(response, spoilt(answer, fault, options?.random ?? Math.random), fault, options).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: Fault | undefined,
  options: ServerOptions | undefined,
): Promise<void> {
  if (options?.latency !== undefined) await pause(options.latency);
  if (fault === 'refused') {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  if (fault === undefined && options?.latency === undefined) {
    response.end(body);
    return;
  }
  const end = fault === 'reset' || fault === 'stall' ? Math.floor(body.length / 2) : body.length;
  const step = Math.max(1, Math.ceil(body.length / 4));
  for (let at = 0; at < end; at += step) {
    response.write(body.subarray(at, Math.min(end, at + step)));
    await pause(fault === 'slow' ? 20 : 2);
  }
  if (end < body.length) response.destroy();
  else response.end();
}
