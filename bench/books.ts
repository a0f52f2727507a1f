/** Books kept from the frames of a depth stream, beside `JSON.parse` alone on the same frames. */
import { fileURLToPath } from 'node:url';
import { Pipeline } from '../src/collection/pipeline.ts';
import { venueNamed } from '../src/venues/market-data/index.ts';
import { type BookFrames, bookFrames } from './book-frames.ts';
import { median } from './median.ts';

const SELF = fileURLToPath(import.meta.url);
/** Of each file, parsed and read in turn; the first ones warm up. */
const ROUNDS = 41;
const WARM = 10;
/** Of the look at memory. */
const MESSAGES = 10_000_000;

export interface BooksBenchRow {
  readonly frames: BookFrames;
  readonly parseMs: number;
  readonly ownMs: number;
  /** Of the parser's time to ours, the median of all rounds. */
  readonly ratio: number;
  readonly ownCpuMs: number;
}

const WORLD = {
  fetch: () => {},
  send: () => {},
  reconnect: () => {},
  refused: () => {},
  granted: () => {},
  notice: () => {},
  publishTime: (time: number) => time,
};

export async function booksBench(): Promise<BooksBenchRow[]> {
  return (await bookFrames()).map(frames => {
    const parse: number[] = [];
    const own: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < ROUNDS + WARM; round++) {
      const parsed = timed(() => parseAll(frames));
      const pipeline = pipelineOf(frames);
      const read = timed(() => readAll(pipeline, frames, frames.snapshot.after));
      checked(pipeline, frames);
      if (round < WARM) continue;
      parse.push(parsed.ms);
      own.push(read.ms);
      cpu.push(read.cpuMs);
    }
    return {
      frames,
      parseMs: median(parse),
      ownMs: median(own),
      ratio: median(parse.map((ms, at) => ms / own[at])),
      ownCpuMs: median(cpu),
    };
  });
}

/** All that a warm parser has to do; nothing is made of it. */
function parseAll({ frames, snapshot }: BookFrames): void {
  let sides = 0;
  for (let at = snapshot.after; at < frames.length; at++) {
    const { data } = JSON.parse(frames[at]) as { data: { a: unknown[]; b: unknown[] } };
    if (data.a !== undefined && data.b !== undefined) sides += 2;
  }
  if (sides !== 2 * (frames.length - snapshot.after)) throw new Error('a frame without a side');
}

/** A pipeline that has its snapshot, and the deltas that came before it. */
export function pipelineOf(frames: BookFrames): Pipeline {
  const venue = venueNamed(frames.venue);
  if (venue === undefined) throw new Error(`no venue ${frames.venue}`);
  const pipeline = new Pipeline(venue, WORLD, () => {}, { channels: [] });
  readAll(pipeline, frames, 0, frames.snapshot.after);
  const request = { method: 'GET', url: frames.snapshot.url } as const;
  pipeline.feed(1, decoder => decoder.answer(request, 200, frames.snapshot.text));
  return pipeline;
}

function readAll(pipeline: Pipeline, { frames }: BookFrames, from: number, to: number = frames.length): void {
  for (let at = from; at < to; at++) pipeline.feed(at, decoder => decoder.text(0, frames[at]));
}

/** All deltas are in the book, and it is whole. */
function checked({ decoder, tally }: Pipeline, { frames, name }: BookFrames): void {
  const [feed] = decoder.books.values();
  const applied = tally.total('bookDeltasApplied') + tally.total('bookDeltasStale');
  if (!feed?.isValid || applied !== frames.length) throw new Error(`${name}: ${applied} deltas, not valid`);
}

function timed(run: () => void): { ms: number; cpuMs: number } {
  const cpu = process.cpuUsage();
  const before = performance.now();
  run();
  const ms = performance.now() - before;
  const { system, user } = process.cpuUsage(cpu);
  return { ms, cpuMs: (system + user) / 1000 };
}

/** The rows as a Markdown table. */
export function booksTable(rows: readonly BooksBenchRow[]): string {
  const lines = rows.map(({ frames, ownCpuMs, ownMs, parseMs, ratio }) => {
    const share = 1 - frames.snapshot.after / frames.frames.length;
    const perSecond = (count: number, ms: number) =>
      Math.round((count * share * 1000) / ms).toLocaleString('en');
    const cells = [
      frames.name,
      perSecond(frames.frames.length, ownMs),
      perSecond(frames.levels, ownMs),
      ((frames.bytes * share) / ownMs / 1000).toFixed(0),
      perSecond(frames.frames.length, parseMs),
      `${ratio.toFixed(2)} ×`,
      perSecond(frames.frames.length, ownCpuMs),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| frames | messages/s | levels/s | MB/s | JSON.parse alone, messages/s | rate by that of JSON.parse | messages per CPU second |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

/** Ten million messages, the prices going up and down: what is kept must not grow. */
async function memory(): Promise<void> {
  const snapshot = {
    url: 'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000',
    text: '{"lastUpdateId":1,"bids":[["50000.00000000","1.00000000"]],"asks":[["70000.00000000","1.00000000"]]}',
    after: 0,
  };
  const name = 'a walk';
  const pipeline = pipelineOf({ name, venue: 'binance-spot', snapshot, frames: [], levels: 0, bytes: 0 });
  let last = 1;
  for (let message = 0; message <= MESSAGES; message++) {
    if (message % (MESSAGES / 10) === 0) {
      globalThis.gc?.();
      const { arrayBuffers, heapUsed, rss } = process.memoryUsage();
      const [heap, buffers, resident] = [heapUsed, arrayBuffers, rss].map(bytes => (bytes / 1e6).toFixed(1));
      console.log(
        `${message.toLocaleString('en')} messages: heap ${heap} MB, buffers ${buffers} MB, resident ${resident} MB`,
      );
    }
    pipeline.feed(message, decoder => decoder.text(0, walking(message, ++last)));
  }
  const [feed] = pipeline.decoder.books.values();
  if (!feed?.isValid) throw new Error('the book is not whole');
}

/** Three levels a side around a price that goes up and down by 2,000; those of 200 messages ago go away. */
function walking(message: number, sequence: number): string {
  const middle = (at: number) => 60_000 + 2000 * Math.sin(at / 1_000_000);
  const side = (sign: 1 | -1) => {
    const price = (at: number, step: number) =>
      `${(middle(at) + sign * (0.5 + step * 0.37)).toFixed(2)}000000`;
    const gone = Math.max(0, message - 200);
    return [0, 1, 2]
      .flatMap(step => [
        `["${price(gone, step)}","0.00000000"]`,
        `["${price(message, step)}","${(1 + (message % 977) / 1000).toFixed(8)}"]`,
      ])
      .join(',');
  };
  return `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${1_723_161_255_208 + message},"s":"BTCUSDT","U":${sequence},"u":${sequence},"b":[${side(-1)}],"a":[${side(1)}]}}`;
}

if (process.argv[1] === SELF) {
  if (process.argv[2] === '--memory') await memory();
  else console.log(booksTable(await booksBench()));
}
