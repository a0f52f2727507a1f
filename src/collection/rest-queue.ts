import { BackOff } from '../net/back-off.ts';
import type { Network, Timer } from '../net/network.ts';
import { WeightWindow } from '../net/weight-window.ts';
import type { RestRequest } from '../venues/market-data/contract.ts';

const SECOND = 1000;
/** Until an answer must be there, ms. */
const TIMEOUT_MS = 15 * SECOND;
/** Requests that may wait; what finds no room is answered as failed. */
const MOST_WAITING = 2000;
/** Attempts at one request, before it is left to who needs it to ask again. */
const MOST_ATTEMPTS = 6;
const BACK_OFF = { first: SECOND, most: 30 * SECOND };
/** What a server that asks for silence without saying how long is given, ms. */
const DEFAULT_SILENCE_MS = 10 * SECOND;

export interface RestQueueOptions {
  readonly network: Network;
  /** Between the starts of two requests, ms. */
  readonly paceMs: number;
  /** What the venue bears of the weights of requests. */
  readonly limit?: { readonly weight: number; readonly withinMs: number };
  /** Status 0 where none came: it has been given up. Every request has one answer. */
  onAnswer(request: RestRequest, status: number, text: string): void;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/**
 * REST requests of one venue, one after the other: a request that waits or is under way is not asked for twice, failures
 * are repeated with growing pauses, the weights that the venue bears are kept, and a server that asks for silence (429, 418,
 * Retry-After) is left alone.
 */
export class RestQueue {
  readonly #options: RestQueueOptions;
  readonly #waiting = new Map<string, RestRequest>();
  readonly #active = new Set<string>();
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  readonly #weights: WeightWindow | undefined;
  #nextAt = 0;
  /** Requests that found no room. */
  dropped = 0;

  constructor(options: RestQueueOptions) {
    this.#options = options;
    const { limit } = options;
    this.#weights = limit && new WeightWindow(limit.weight, limit.withinMs);
  }

  /** Requests that wait or are under way. */
  get length(): number {
    return this.#waiting.size + this.#active.size;
  }

  ask(request: RestRequest): void {
    const name = `${request.method} ${request.url}`;
    if (this.#waiting.has(name) || this.#active.has(name) || this.#abort.signal.aborted) return;
    if (this.#waiting.size >= MOST_WAITING) {
      this.dropped++;
      this.#fail(request, 0);
      return;
    }
    this.#waiting.set(name, request);
    this.#schedule();
  }

  close(): void {
    this.#abort.abort();
    this.#waiting.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.size === 0 || this.#abort.signal.aborted) return;
    const { network } = this.#options;
    const now = network.timers.now();
    const [[, { weight = 1 }]] = this.#waiting;
    const wait = Math.max(0, this.#nextAt - now, this.#weights?.wait(now, weight) ?? 0);
    this.#timer = network.timers.after(wait, () => {
      this.#timer = undefined;
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [name, request] = next;
      this.#waiting.delete(name);
      this.#active.add(name);
      this.#nextAt = network.timers.now() + this.#options.paceMs;
      const back = new BackOff({ ...BACK_OFF, random: network.random });
      void this.#attempt(name, request, back);
      this.#schedule();
    });
  }

  async #attempt(name: string, request: RestRequest, back: BackOff): Promise<void> {
    const { network, onAnswer, onNotice } = this.#options;
    const { signal } = this.#abort;
    let problem: string;
    let pause: number;
    this.#weights?.spend(network.timers.now(), request.weight ?? 1);
    try {
      const answer = await network.http({ ...request, timeoutMs: TIMEOUT_MS, signal });
      if (signal.aborted) return;
      const { status } = answer;
      if (status === 200) {
        this.#active.delete(name);
        onAnswer(request, status, answer.body);
        return;
      }
      problem = `HTTP status ${status}`;
      pause = back.next();
      if (status === 429 || status === 418) {
        const seconds = Number(answer.headers['retry-after']);
        const silence = seconds > 0 ? seconds * SECOND : DEFAULT_SILENCE_MS;
        this.#nextAt = Math.max(this.#nextAt, network.timers.now() + silence);
        pause = Math.max(pause, silence);
      } else if (status >= 400 && status < 500) {
        // The same request will be refused again.
        this.#active.delete(name);
        onNotice('warning', 'REST_REFUSED', `${hostOf(request)}: ${problem}: ${answer.body.slice(0, 120)}`);
        onAnswer(request, status, answer.body);
        return;
      }
    } catch (error) {
      if (signal.aborted) return;
      problem = error instanceof Error ? error.message : String(error);
      pause = back.next();
    }
    if (back.attempts >= MOST_ATTEMPTS) {
      this.#active.delete(name);
      onNotice('warning', 'REST_FAILED', `${hostOf(request)}: ${problem}; ${MOST_ATTEMPTS} attempts`);
      onAnswer(request, 0, '');
      return;
    }
    const timer = network.timers.after(pause, () => {
      signal.removeEventListener('abort', cancel);
      void this.#attempt(name, request, back);
    });
    const cancel = () => timer.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** Who asked is at work still. */
  #fail(request: RestRequest, status: number): void {
    const { network, onAnswer } = this.#options;
    const { signal } = this.#abort;
    const timer = network.timers.after(0, () => {
      signal.removeEventListener('abort', cancel);
      onAnswer(request, status, '');
    });
    const cancel = () => timer.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  }
}

function hostOf(request: RestRequest): string {
  return new URL(request.url).host;
}
