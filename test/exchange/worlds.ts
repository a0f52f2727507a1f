import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Exchange, type ExchangeOptions } from '../../src/exchange/exchange.ts';
import { inProcessExchange } from '../../src/exchange/in-process.ts';
import { listen } from '../../src/exchange/server.ts';
import type { Network, Timers } from '../../src/net/network.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';

/** An exchange, and a way to it: virtual or real, the rules are the same. */
export interface World {
  readonly exchange: Exchange;
  readonly network: Network;
  /** `http://127.0.0.1:9876`. */
  readonly url: string;
  /** Lets time pass until it holds. */
  until(done: () => boolean): Promise<void>;
  /** Lets the given time pass, ms of the exchange's real time. */
  pass(ms: number): Promise<void>;
}

export type MakeWorld = (options: Omit<ExchangeOptions, 'timers'>) => Promise<World>;

/** The clock on the wall when virtual time begins, epoch ms UTC. */
export const WALL = Date.UTC(2026, 0, 1);

export async function virtualWorld(
  options: Omit<ExchangeOptions, 'timers'>,
): Promise<World & { timers: VirtualTimers; openSockets(): number }> {
  const timers = new VirtualTimers(WALL);
  const { exchange, network, ...rest } = inProcessWith(timers, options);
  return {
    exchange,
    network: network(),
    url: 'http://127.0.0.1:9876',
    timers,
    openSockets: rest.openSockets,
    until: async done => {
      await timers.run({ done, until: timers.now() + 3_600_000 });
      if (!done()) throw new Error('it did not happen within an hour');
    },
    pass: ms => timers.run({ until: timers.now() + ms }),
  };
}

function inProcessWith(timers: VirtualTimers, options: Omit<ExchangeOptions, 'timers'>) {
  const inProcess = inProcessExchange({ ...options, timers });
  return {
    exchange: inProcess.exchange,
    network: () => inProcess.network(),
    openSockets: () => inProcess.openSockets,
  };
}

/** `haste`: how many times as fast as the clock on the wall the exchange's timers run. */
export async function loopbackWorld(
  options: Omit<ExchangeOptions, 'timers'>,
  haste = 1,
): Promise<World & { sockets: WebSocket[] }> {
  const begin = performance.now();
  const timers: Timers = {
    now: () => Math.floor(WALL + (performance.now() - begin) * haste),
    after: (ms, run) => {
      const timer = setTimeout(run, ms / haste);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const exchange = new Exchange({ ...options, timers });
  const listener = await listen(exchange, { host: '127.0.0.1', port: 0 });
  exchange.start();
  const sockets: WebSocket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.terminate();
    exchange.close();
    await listener.close();
  });
  const sleep = (ms: number) => new Promise(done => setTimeout(done, ms));
  return {
    exchange,
    sockets,
    url: `http://127.0.0.1:${listener.port}`,
    network: loopbackNetwork(timers, sockets),
    until: async done => {
      const patience = performance.now() + 20_000;
      while (!done()) {
        if (performance.now() > patience) throw new Error('it did not happen within 20 s');
        await sleep(1);
      }
    },
    pass: ms => sleep(ms / haste) as Promise<void>,
  };
}

function loopbackNetwork(timers: Timers, sockets: WebSocket[]): Network {
  return {
    timers,
    random: () => 0.5,
    connect: (url, handlers) => {
      const socket = new WebSocket(url);
      sockets.push(socket);
      let reason = '';
      socket.on('open', () => handlers.onOpen());
      socket.on('message', data => handlers.onMessage(data.toString()));
      socket.on('ping', () => handlers.onPing?.());
      socket.on('error', error => {
        reason = error.message;
      });
      socket.on('close', (code, text) => handlers.onClose(code, reason || text.toString()));
      return {
        send: text => socket.send(text),
        close: () => socket.close(),
        terminate: () => socket.terminate(),
      };
    },
    http: async ({ url, method = 'GET', headers = {}, body, timeoutMs }) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }), signal });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    },
  };
}
