import { createRequire } from 'node:module';
import type { OpenPeerBook } from './contract.ts';

const EXCHANGES: Readonly<Record<string, string>> = {
  'binance-spot': 'binance',
  'binance-usdm': 'binance-futures',
};

interface Level {
  readonly price: number;
}

interface Tardis {
  normalizeBookChanges(
    exchange: string,
    time: Date,
  ): { map(message: unknown, time: Date): Iterable<unknown> | undefined };
  OrderBook: new () => { update(change: unknown): void; bestBid(): Level; bestAsk(): Level };
}

/** Its normaliser is given what `JSON.parse` made of each frame, as its own client does. */
export const openTardis: OpenPeerBook = ({ frames, snapshot, venue }) => {
  const tardis = createRequire(import.meta.url)('tardis-dev') as Tardis;
  const time = new Date(1_723_161_255_000);
  const mapper = tardis.normalizeBookChanges(EXCHANGES[venue], time);
  const book = new tardis.OrderBook();
  const take = (message: unknown) => {
    for (const change of mapper.map(message, time) ?? []) book.update(change);
  };
  const see = (frame: string) => take(JSON.parse(frame));
  for (const frame of frames.slice(0, snapshot.after)) see(frame);
  take({ stream: 'btcusdt@depthSnapshot', generated: true, data: JSON.parse(snapshot.text) });
  return {
    see,
    get best() {
      return [book.bestBid().price, book.bestAsk().price] as const;
    },
  };
};
