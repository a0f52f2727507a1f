import { loadMarket, type Market } from '../../src/exchange/market.ts';
import { type ColumnsInput, memoryFeed } from '../../src/feeds/memory.ts';
import type { Interval } from '../../src/model/interval.ts';
import type { Network, Socket } from '../../src/net/network.ts';
import { randomWalk } from '../support/random-walk.ts';

export const MINUTE = 60_000;
/** A Sunday, 22:00 UTC: the hour, the day, the week and the month all end soon. */
export const START = Date.UTC(2023, 3, 30, 22);

export function minutes(bars: number, seed = 1, start = START): ColumnsInput {
  return randomWalk(bars, { seed, start, step: MINUTE, price: 100, digits: 2 });
}

/** The columns without the rows for which `isGone` holds. */
export function without(columns: ColumnsInput, isGone: (row: number) => boolean): ColumnsInput {
  const cut = (column: ArrayLike<number>) => Float64Array.from(column).filter((_, row) => !isGone(row));
  return {
    time: cut(columns.time),
    open: cut(columns.open),
    high: cut(columns.high),
    low: cut(columns.low),
    close: cut(columns.close),
    volume: cut(columns.volume!),
  };
}

export function market(
  data: Readonly<Record<string, ColumnsInput>>,
  interval: Interval = '1m',
): Promise<Market> {
  return loadMarket(
    Object.entries(data).map(([symbol, columns]) => memoryFeed(columns, { symbol, interval })),
  );
}

/** What a client heard, in order. */
export interface Heard {
  readonly socket: Socket;
  readonly messages: unknown[];
  readonly closed: { code: number; reason: string }[];
  pings: number;
}

/** Connects and keeps what comes; `onMessage` may answer. */
export function listenTo(
  network: Network,
  url: string,
  onMessage: (message: unknown, socket: Socket) => void = () => {},
): Heard {
  const messages: unknown[] = [];
  const closed: { code: number; reason: string }[] = [];
  const heard = { messages, closed, pings: 0 };
  const socket = network.connect(url, {
    onOpen: () => {},
    onMessage: text => {
      const message = JSON.parse(text);
      messages.push(message);
      onMessage(message, socket);
    },
    onPing: () => {
      heard.pings++;
    },
    onClose: (code, reason) => closed.push({ code, reason }),
  });
  return Object.assign(heard, { socket });
}

export interface KlineEvent {
  readonly e: 'kline';
  readonly E: number;
  readonly s: string;
  readonly k: {
    readonly t: number;
    readonly T: number;
    readonly s: string;
    readonly i: string;
    readonly f: number;
    readonly L: number;
    readonly o: string;
    readonly c: string;
    readonly h: string;
    readonly l: string;
    readonly v: string;
    readonly n: number;
    readonly x: boolean;
    readonly q: string;
    readonly V: string;
    readonly Q: string;
  };
}

export interface Combined<T> {
  readonly stream: string;
  readonly data: T;
}
