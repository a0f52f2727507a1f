import { NetworkError } from '../../src/model/errors.ts';
import type { Download } from '../../src/net/download.ts';
import type { Http, Network, Timers } from '../../src/net/network.ts';
import { sleep } from '../../src/net/sleep.ts';
import type { Answer, HistoryVenue } from './history-venue.ts';

/** What may befall a request: of archives and of REST alike. */
export const FAULTS = [
  'refused',
  'reset',
  'truncated',
  'damaged',
  'html',
  '429',
  '418',
  '500',
  '503',
  'stall',
  'slow',
  'late',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultyNetworkOptions {
  readonly venue: HistoryVenue;
  readonly timers: Timers;
  readonly random: () => number;
  /** What befalls the next request; undefined for nothing. */
  readonly fault: (url: string) => Fault | undefined;
}

const PAGE = Buffer.from('<!DOCTYPE html><html><body>Please sign in to the network</body></html>');

/** What the venue's answer becomes by a fault that needs no time. */
export function spoilt(answer: Answer, fault: Fault | undefined, random: () => number): Answer {
  const text = { 'content-type': 'text/html', 'content-length': String(PAGE.length) };
  switch (fault) {
    case 'html':
      return { status: 200, headers: text, body: PAGE };
    case '429':
    case '418':
      return {
        status: Number(fault),
        headers: { 'retry-after': String(1 + Math.floor(random() * 20)) },
        body: PAGE,
      };
    case '500':
    case '503':
      return { status: Number(fault), headers: text, body: PAGE };
    case 'truncated': {
      const body = answer.body.subarray(0, Math.floor(answer.body.length * random()));
      return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
    }
    case 'damaged': {
      const body = Buffer.from(answer.body);
      if (body.length > 0) body[Math.floor(body.length * random())] ^= 0x40;
      return { ...answer, body };
    }
    default:
      return answer;
  }
}

/** A network in virtual time that leads to the venue alone, and a way to download from it. */
export function faultyNetwork(options: FaultyNetworkOptions): { network: Network; download: Download } {
  const { venue, timers, random, fault: draw } = options;
  const lost = (url: string) =>
    new NetworkError('CONNECTION_LOST', 'the connection was reset', { value: url });
  const silent = (url: string) => new NetworkError('TIMED_OUT', 'nothing came', { value: url });

  /** The answer, after the time that it takes; rejects where there is none. */
  async function answerOf(
    url: string,
    headers: Readonly<Record<string, string>>,
    patience: number,
    signal?: AbortSignal,
  ) {
    const fault = draw(url);
    await sleep(timers, fault === 'late' ? 1000 + random() * 5000 : 5 + random() * 40, signal);
    if (signal?.aborted)
      throw new NetworkError('REQUEST_ABORTED', 'the request was given up', { value: url });
    if (fault === 'refused')
      throw new NetworkError('CONNECTION_REFUSED', 'the connection was refused', { value: url });
    if (fault === 'stall' && !url.endsWith('.zip')) {
      await sleep(timers, patience, signal);
      throw silent(url);
    }
    return { answer: spoilt(venue.handle(url, headers), fault, random), fault };
  }

  const http: Http = async ({ url, headers = {}, timeoutMs, signal }) => {
    const { answer, fault } = await answerOf(url, headers, timeoutMs, signal);
    if (fault === 'reset') throw lost(url);
    return { status: answer.status, headers: answer.headers, body: Buffer.from(answer.body).toString() };
  };

  const download: Download = async ({ url, headers = {}, idleMs, signal }) => {
    const { answer, fault } = await answerOf(url, headers, idleMs, signal);
    const end =
      fault === 'reset' || fault === 'stall' ? Math.floor(answer.body.length * random()) : answer.body.length;
    async function* body() {
      const step = Math.max(1, Math.ceil(answer.body.length / (1 + Math.floor(random() * 6))));
      for (let at = 0; at < end; at += step) {
        await sleep(timers, fault === 'slow' ? random() * 20_000 : 5, signal);
        if (signal?.aborted) throw lost(url);
        yield answer.body.subarray(at, Math.min(end, at + step));
      }
      if (end === answer.body.length) return;
      await sleep(timers, fault === 'stall' ? idleMs : 5, signal);
      throw fault === 'stall' ? silent(url) : lost(url);
    }
    return { status: answer.status, headers: answer.headers, body: body() };
  };

  const connect = () => {
    throw new Error('no sockets here');
  };
  return { network: { timers, http, connect, random }, download };
}
