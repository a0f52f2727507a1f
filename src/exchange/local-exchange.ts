import type { DataFeed } from '../feeds/feed.ts';
import { InputError } from '../model/errors.ts';
import type { Timers } from '../net/network.ts';
import { LOCAL_PORT } from '../venues/binance/endpoints.ts';
import type { LocalInfo } from '../venues/binance/replay.ts';
import { Exchange, type ExchangeEvent, type ExchangeStatus } from './exchange.ts';
import type { SymbolInfo } from './exchange-info.ts';
import { type FaultScript, parseFaults } from './fault-script.ts';
import type { InjectedFault } from './faults.ts';

import { loadMarket, type Market } from './market.ts';
import { listen } from './server.ts';
import type { AccountOptions } from './trading/account.ts';
import type { AccountState } from './trading/account-state.ts';

export interface LocalExchangeOptions {
  /** What is replayed: one feed each symbol and interval, read into memory. */
  readonly data: readonly DataFeed[];
  /** Market seconds a second; default 60. */
  readonly speed?: number;
  /** Time goes on when the clients have acknowledged what they were told; `speed` has no meaning then. */
  readonly lockstep?: boolean;
  /** Default 127.0.0.1. Anyone who reaches the address may read; to trade takes a key. */
  readonly host?: string;
  /** Default 9876; 0 for any that is free. */
  readonly port?: number;
  /** Where the replay begins, epoch ms UTC; bars before are history that REST gives. Default: the first bar. */
  readonly from?: number | undefined;
  /** The data ends before the bar that opens here, epoch ms UTC. */
  readonly to?: number | undefined;
  /** The replay begins when so many clients listen. Default: 0, in lockstep 1. */
  readonly clients?: number | undefined;
  /** Updates of each open bar. */
  readonly updates?: number | undefined;
  /** Symbols of a real exchangeInfo, by name. Default: filters that do not bind, or the terms of the instruments. */
  readonly symbols?: ReadonlyMap<string, SymbolInfo> | undefined;
  /** Who may trade, with which keys and balances; default nobody. */
  readonly accounts?: readonly AccountOptions[] | undefined;
  /** What goes wrong, as a script or parsed; default nothing. */
  readonly faults?: FaultScript | string | undefined;
  /** Decides when; default 1. */
  readonly seed?: number | undefined;
  /** Hears each `executionReport` when it comes about, whatever becomes of it on its way to the account. */
  readonly onReport?: ((report: object) => void) | undefined;
  readonly onEvent?: ((event: ExchangeEvent) => void) | undefined;
}

export interface LocalExchange {
  /** `http://127.0.0.1:9876`; streams are at the same place by `ws:`. */
  readonly url: string;
  readonly port: number;
  readonly market: Market;
  /** Where the replay began, epoch ms UTC. */
  readonly from: number;
  readonly info: LocalInfo;
  readonly status: ExchangeStatus;
  /** The first thousand faults that were injected. */
  readonly injected: readonly InjectedFault[];
  /** The accounts as they are: balances, orders, executions. */
  readonly accounts: readonly AccountState[];
  /** Pays into an account (decimal text), or, with a minus, out of what is free. */
  transfer(uid: number, asset: string, amount: string): void;
  /** From now on nothing goes wrong any more, whatever the script has; what has begun takes its time. */
  calm(): void;
  /** Resolves when the data is over and the last client has left, or when it is closed. */
  readonly finished: Promise<void>;
  close(): Promise<void>;
}

export const DEFAULT_SPEED = 60;
const FASTEST = 1_000_000;

/**
 * Starts an exchange on this machine that speaks Binance's API (market data, and trading for the given accounts) and
 * replays data as if it were live. Throws an InputError for options that cannot work and a port that is taken, and what the feeds throw.
 */
export async function localExchange(options: LocalExchangeOptions): Promise<LocalExchange> {
  const { speed = DEFAULT_SPEED, lockstep = false, host = '127.0.0.1', port = LOCAL_PORT } = options;
  check(options);
  const faults = typeof options.faults === 'string' ? parseFaults(options.faults) : options.faults;
  if (lockstep && faults?.some(({ kind }) => kind === 'rest-lag')) {
    throw new InputError('FAULTS_INVALID', 'in lockstep REST cannot lag: time waits for whoever asks it', {
      value: 'rest-lag',
      fix: 'leave out rest-lag, or replay with a speed instead of in lockstep',
    });
  }
  const market = await loadMarket(options.data, { to: options.to });
  if (options.from !== undefined && options.from >= market.end) {
    throw new InputError('RANGE_EMPTY', 'the replay would begin behind the last bar', {
      value: options.from,
      limit: market.end,
      fix: `begin before ${new Date(market.end).toISOString()}`,
    });
  }
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const exchange: Exchange = new Exchange({
    market,
    timers: steadyTimers(),
    pace: lockstep ? 'lockstep' : speed,
    from: options.from,
    clients: options.clients,
    updates: options.updates,
    symbols: options.symbols,
    accounts: options.accounts,
    faults,
    seed: options.seed,
    onReport: options.onReport,
    onEvent: event => {
      options.onEvent?.(event);
      if (event.kind === 'ended' || event.kind === 'disconnected') finishIfOver();
    },
  });
  const finishIfOver = () => {
    const { ended, connections } = exchange.status;
    if (ended && connections === 0) finish();
  };
  const listener = await listen(exchange, { host, port });
  exchange.start();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
    port: listener.port,
    market,
    from: options.from ?? market.start,
    get info() {
      return exchange.info;
    },
    get status() {
      return exchange.status;
    },
    get injected() {
      return exchange.injected;
    },
    get accounts() {
      return exchange.accounts;
    },
    transfer: (uid, asset, amount) => exchange.transfer(uid, asset, amount),
    calm: () => exchange.calm(),
    finished,
    close: async () => {
      exchange.close();
      await listener.close();
      finish();
    },
  };
}

/** This machine's time, by a clock that nobody sets: the market's time must not jump. */
function steadyTimers(): Timers {
  return {
    now: () => Math.floor(performance.timeOrigin + performance.now()),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

function check({ speed, port, clients, updates }: LocalExchangeOptions): void {
  const wrong = (name: string, value: unknown, limit: string) =>
    new InputError('EXCHANGE_OPTION', `${name} was ${value}`, { value, limit, fix: `give ${limit}` });
  if (speed !== undefined && !(speed > 0 && speed <= FASTEST)) {
    throw wrong('speed', speed, `a number above 0, up to ${FASTEST}`);
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw wrong('port', port, 'a whole number from 0 to 65535');
  }
  if (clients !== undefined && !(Number.isInteger(clients) && clients >= 0)) {
    throw wrong('clients', clients, 'a whole number, 0 or more');
  }
  if (updates !== undefined && !(Number.isInteger(updates) && updates >= 1 && updates <= 1000)) {
    throw wrong('updates', updates, 'a whole number from 1 to 1000');
  }
}
