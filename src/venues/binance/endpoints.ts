import { InputError } from '../../model/errors.ts';

/** Where an exchange that speaks Binance's API is reached. */
export interface Endpoints {
  /** Shown to people. */
  readonly name: string;
  /** Without a slash at the end: `https://data-api.binance.vision`. */
  readonly rest: string;
  /** Without a path: `wss://data-stream.binance.vision`. */
  readonly stream: string;
  /** True where a local exchange may be asked what it replays. */
  readonly local: boolean;
}

/** Where `qt exchange` listens unless told otherwise. */
export const LOCAL_PORT = 9876;

const KNOWN: readonly Endpoints[] = [
  {
    // Market data only, needs no key.
    name: 'binance',
    rest: 'https://data-api.binance.vision',
    stream: 'wss://data-stream.binance.vision',
    local: false,
  },
  {
    name: 'testnet',
    rest: 'https://testnet.binance.vision',
    stream: 'wss://stream.testnet.binance.vision',
    local: false,
  },
  {
    name: 'local',
    rest: `http://127.0.0.1:${LOCAL_PORT}`,
    stream: `ws://127.0.0.1:${LOCAL_PORT}`,
    local: true,
  },
];

/** The endpoints by name (`binance`, `testnet`, `local`) or by the http(s) URL of both REST and streams. */
export function endpointsOf(exchange: string): Endpoints {
  const known = KNOWN.find(({ name }) => name === exchange);
  if (known !== undefined) return known;
  const url = URL.canParse(exchange) ? new URL(exchange) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new InputError('EXCHANGE_UNKNOWN', `the exchange was "${exchange}"`, {
      value: exchange,
      limit: KNOWN.map(({ name }) => name),
      fix: `give ${KNOWN.map(({ name }) => name).join(', ')} or a URL such as http://127.0.0.1:${LOCAL_PORT}`,
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  return {
    name: url.host,
    rest: `${url.protocol}//${url.host}${path}`,
    stream: `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}${path}`,
    local: true,
  };
}
