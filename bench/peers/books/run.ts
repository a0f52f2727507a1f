/**
 * `npm install --prefix bench/peers/books`, then `node bench/peers/books/run.ts`: books kept by tardis-dev from the same depth
 * frames, in turn with ours. Its normaliser is given what `JSON.parse` made of each frame, as its own client does.
 */
import { createRequire } from 'node:module';
import { bookFrames } from '../../book-frames.ts';
import { pipelineOf } from '../../books.ts';
import { median } from '../../median.ts';

const ROUNDS = 11;
const WARM = 3;
const EXCHANGES: Readonly<Record<string, string>> = {
  'binance-spot': 'binance',
  'binance-usdm': 'binance-futures',
};

interface Tardis {
  normalizeBookChanges(
    exchange: string,
    time: Date,
  ): { map(message: unknown, time: Date): Iterable<unknown> | undefined };
  OrderBook: new () => { update(change: unknown): void; bestBid(): unknown };
}
const tardis = createRequire(import.meta.url)('tardis-dev') as Tardis;

for (const { frames, levels, name, snapshot, venue } of await bookFrames()) {
  const ms: { own: number[]; peer: number[] } = { own: [], peer: [] };
  for (let round = 0; round < ROUNDS + WARM; round++) {
    const pipeline = pipelineOf({ name, venue, snapshot, frames, levels, bytes: 0 });
    let before = performance.now();
    for (let at = snapshot.after; at < frames.length; at++)
      pipeline.feed(at, decoder => decoder.text(0, frames[at]));
    const own = performance.now() - before;

    const time = new Date(1_723_161_255_000);
    const mapper = tardis.normalizeBookChanges(EXCHANGES[venue], time);
    const book = new tardis.OrderBook();
    const see = (message: unknown) => {
      for (const change of mapper.map(message, time) ?? []) book.update(change);
    };
    for (const frame of frames.slice(0, snapshot.after)) see(JSON.parse(frame));
    see({ stream: 'btcusdt@depthSnapshot', generated: true, data: JSON.parse(snapshot.text) });
    before = performance.now();
    for (let at = snapshot.after; at < frames.length; at++) see(JSON.parse(frames[at]));
    const peer = performance.now() - before;
    if (book.bestBid() === undefined) throw new Error('tardis-dev has no book');
    if (round < WARM) continue;
    ms.own.push(own);
    ms.peer.push(peer);
  }
  const rate = (of: number[]) =>
    Math.round(((frames.length - snapshot.after) * 1000) / median(of)).toLocaleString('en');
  console.log(
    `${name}: qt-trader ${rate(ms.own)} messages/s, tardis-dev ${rate(ms.peer)}; ${(median(ms.peer) / median(ms.own)).toFixed(1)} ×`,
  );
}
