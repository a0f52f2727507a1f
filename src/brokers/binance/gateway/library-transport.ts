import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import library from 'binance-api-node';
import { NetworkError } from '../../../model/errors.ts';
import { networkError } from '../../../net/failure.ts';
import type { Timers } from '../../../net/network.ts';
import type { Keys } from './keys.ts';
import type { ExchangeRequest, ExchangeResponse, Transport } from './transport.ts';

/** The library's calls that are used. Its own types are wrong about some of them. */
interface Client {
  privateRequest(method: string, path: string, payload: Record<string, string>): Promise<unknown>;
  publicRequest(method: string, path: string, payload?: Record<string, string>): Promise<unknown>;
}
type ClientFactory = (options: Record<string, unknown>) => Client;

/** What was seen of a request beside what the library tells. */
interface Observation {
  request: ClientRequest | undefined;
  response: IncomingMessage | undefined;
  redirected: boolean;
  /** The answer began, and will not be complete. */
  onCut(): void;
}

const observed = new AsyncLocalStorage<Observation>();
let isObserving = false;

/**
 * The library tells neither the status nor the headers of an answer in JSON (so not what Retry-After says), never gives up,
 * not even on an answer that was cut off, and follows redirects with the key in the header. Node announces every HTTP request that begins; of those that began
 * on behalf of a call of ours, the answer's head is kept, and a second one is not let out.
 */
function observe(): void {
  if (isObserving) return;
  isObserving = true;
  subscribe('http.client.request.start', message => {
    const seen = observed.getStore();
    if (seen === undefined) return;
    const { request } = message as { request: ClientRequest };
    if (seen.request !== undefined) {
      seen.redirected = true;
      request.destroy(new Error('redirects are not followed'));
      return;
    }
    seen.request = request;
    request.once('response', (response: IncomingMessage) => {
      seen.response = response;
      response.once('close', () => {
        if (!response.complete) seen.onCut();
      });
    });
  });
}

/**
 * Requests by binance-api-node, the only file that knows it. Everything goes through its generic signed request, because
 * its named calls change what they are given, invent order ids, and lack order lists.
 */
export class LibraryTransport implements Transport {
  readonly #client: Client;
  readonly #base: string;
  readonly #timers: Timers;
  #timestamp = Number.NaN;

  /** `base` is the exchange's address without a slash at the end. */
  constructor(timers: Timers, base: string, keys: Keys) {
    observe();
    this.#timers = timers;
    this.#base = base;
    const exported = library as unknown as ClientFactory & { default?: ClientFactory };
    this.#client = (exported.default ?? exported)({
      ...keys.revealForLibrary(),
      httpBase: base,
      // Asked for once by each signed request, before that returns.
      getTime: () => this.#timestamp,
    });
  }

  async send(request: ExchangeRequest, limitMs: number): Promise<ExchangeResponse> {
    const { promise, reject } = Promise.withResolvers<never>();
    const value = this.#address(request);
    const seen: Observation = {
      request: undefined,
      response: undefined,
      redirected: false,
      onCut: () => reject(new NetworkError('CONNECTION_LOST', 'the answer was cut off', { value })),
    };
    const timer = this.#timers.after(limitMs, () => {
      reject(
        new NetworkError('TIMED_OUT', `no answer within ${limitMs / 1000} s`, { value, limit: limitMs }),
      );
      seen.request?.destroy(new Error('given up'));
    });
    try {
      const json = await Promise.race([observed.run(seen, () => this.#call(request)), promise]);
      return { ...head(seen), json: plain(json) };
    } catch (error) {
      return this.#failed(request, seen, error);
    } finally {
      timer.cancel();
    }
  }

  #call({ method, path, parameters, signed }: ExchangeRequest): Promise<unknown> {
    if (signed === undefined) {
      const payload = Object.keys(parameters).length === 0 ? undefined : { ...parameters };
      return this.#client.publicRequest(method, path, payload);
    }
    this.#timestamp = signed.timestamp;
    return this.#client.privateRequest(method, path, {
      ...parameters,
      recvWindow: String(signed.recvWindowMs),
    });
  }

  /** What the library throws is an answer that was no success, or none at all. */
  #failed(request: ExchangeRequest, seen: Observation, error: unknown): ExchangeResponse {
    if (error instanceof NetworkError) throw error;
    const { code, message, response } = (error ?? {}) as {
      code?: unknown;
      message?: unknown;
      response?: unknown;
    };
    if (seen.redirected) {
      const problem = 'the server redirected the request, which is not followed';
      throw new NetworkError('REDIRECTED', problem, { value: this.#address(request) });
    }
    // A number is the exchange's own code; a text is one of Node's, of a connection that failed.
    if (typeof code === 'number') return { ...head(seen), json: { code, msg: String(message) } };
    const answered = seen.response?.complete === true;
    if (answered || response !== undefined) return { ...head(seen), json: undefined };
    // The library's message has the signed URL in it.
    const cause = Object.assign(new Error('the connection failed'), { code });
    const { code: known, message: problem } = networkError(this.#address(request), cause);
    throw new NetworkError(known, problem, { value: this.#address(request) });
  }

  #address({ path }: ExchangeRequest): string {
    return `${this.#base}${path}`;
  }
}

function head({ response }: Observation): Omit<ExchangeResponse, 'json'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response?.headers ?? {})) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: response?.statusCode ?? Number.NaN, headers };
}

/** The library reads long integers as objects of a class for big numbers. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if ((value as { _isBigNumber?: unknown })._isBigNumber === true) return Number(String(value));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
