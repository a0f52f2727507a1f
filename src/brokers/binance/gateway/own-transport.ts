import { NetworkError } from '../../../model/errors.ts';
import { networkError } from '../../../net/failure.ts';
import type { Http } from '../../../net/network.ts';
import type { Keys } from './keys.ts';
import { queryString, signedQuery } from './signing.ts';
import type { ExchangeRequest, ExchangeResponse, Transport } from './transport.ts';

/**
 * Requests signed here and sent by a given HTTP client, which may live in virtual time. Connections are kept as long as that
 * client keeps them; nothing is redirected.
 */
export class OwnTransport implements Transport {
  readonly #http: Http;
  readonly #base: string;
  readonly #keys: Keys;

  /** `base` is the exchange's address without a slash at the end. */
  constructor(http: Http, base: string, keys: Keys) {
    this.#http = http;
    this.#base = base;
    this.#keys = keys;
  }

  async send(request: ExchangeRequest, limitMs: number): Promise<ExchangeResponse> {
    const { method, path, parameters, signed } = request;
    const query =
      signed === undefined
        ? queryString(parameters)
        : signedQuery(this.#keys, {
            ...parameters,
            recvWindow: String(signed.recvWindowMs),
            timestamp: String(signed.timestamp),
          });
    const address = `${this.#base}${path}`;
    try {
      const { status, headers, body } = await this.#http({
        method,
        url: query === '' ? address : `${address}?${query}`,
        headers: signed === undefined ? {} : { 'X-MBX-APIKEY': this.#keys.revealApiKey() },
        timeoutMs: limitMs,
      });
      return { status, headers, json: parse(body) };
    } catch (error) {
      // The error that came has the whole URL in it, and its cause the request.
      const code = error instanceof NetworkError ? error.code : networkError(address, error).code;
      const message = error instanceof NetworkError ? error.message : 'the connection failed';
      throw new NetworkError(code, this.#keys.redactor.line(message), { value: address });
    }
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
