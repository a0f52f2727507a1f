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

/** Where orders and accounts are. */
export interface TradingEndpoints {
  /** Without a slash at the end: `https://api.binance.com`. */
  readonly rest: string;
  /** The WebSocket API, with its path. */
  readonly account: string;
  /** True where `/sapi` tells what a key may do. */
  readonly permissions: boolean;
}

export interface ExchangeEndpoints extends Endpoints {
  readonly trading: TradingEndpoints;
}

const WEBSOCKET_API = '/ws-api/v3';

/** Where `qt exchange` listens unless told otherwise. */
export const LOCAL_PORT = 9876;

const KNOWN: readonly ExchangeEndpoints[] = [
  {
    // Market data only, needs no key.
    name: 'binance',
    rest: 'https://data-api.binance.vision',
    stream: 'wss://data-stream.binance.vision',
    trading: {
      rest: 'https://api.binance.com',
      account: `wss://ws-api.binance.com:443${WEBSOCKET_API}`,
      permissions: true,
    },
    local: false,
  },
  {
    name: 'testnet',
    rest: 'https://testnet.binance.vision',
    stream: 'wss://stream.testnet.binance.vision',
    trading: {
      rest: 'https://testnet.binance.vision',
      account: `wss://ws-api.testnet.binance.vision${WEBSOCKET_API}`,
      permissions: false,
    },
    local: false,
  },
  {
    // Real prices and an account of play money.
    name: 'demo',
    rest: 'https://demo-api.binance.com',
    stream: 'wss://demo-stream.binance.com',
    trading: {
      rest: 'https://demo-api.binance.com',
      account: `wss://demo-ws-api.binance.com${WEBSOCKET_API}`,
      permissions: false,
    },
    local: false,
  },
  {
    name: 'local',
    rest: `http://127.0.0.1:${LOCAL_PORT}`,
    stream: `ws://127.0.0.1:${LOCAL_PORT}`,
    trading: {
      rest: `http://127.0.0.1:${LOCAL_PORT}`,
      account: `ws://127.0.0.1:${LOCAL_PORT}${WEBSOCKET_API}`,
      permissions: true,
    },
    local: true,
  },
];

/** The endpoints by name (`binance`, `testnet`, `demo`, `local`) or by the http(s) URL of both REST and streams. */
export function endpointsOf(exchange: string): ExchangeEndpoints {
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
  const rest = `${url.protocol}//${url.host}${path}`;
  const stream = `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}${path}`;
  return {
    name: url.host,
    rest,
    stream,
    trading: { rest, account: `${stream}${WEBSOCKET_API}`, permissions: true },
    local: true,
  };
}
