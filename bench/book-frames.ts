import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCapture } from '../src/collection/capture.ts';

/** What a depth stream brought: the frames, and the answer that the book begins with. */
export interface BookFrames {
  readonly name: string;
  readonly venue: string;
  /** The request for the whole book, its answer, and after how many frames it came. */
  readonly snapshot: { readonly url: string; readonly text: string; readonly after: number };
  readonly frames: readonly string[];
  readonly levels: number;
  readonly bytes: number;
}

const RECORDED = fileURLToPath(new URL('../../shared/recorded/', import.meta.url));

/** Recorded frames where they are beside the project, else invented ones of the same shape. */
export async function bookFrames(): Promise<BookFrames[]> {
  const all: BookFrames[] = [];
  for (const shape of SHAPES) {
    const file = `${RECORDED}${shape.venue}-btcusdt.jsonl.gz`;
    all.push(existsSync(file) ? await recorded(file, shape) : invented(shape));
  }
  return all;
}

interface Shape {
  readonly venue: string;
  readonly url: string;
  readonly frames: number;
  /** Changes of one frame, both sides together. */
  readonly changes: number;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** Digits after the point that the venue writes. */
  readonly written: readonly [price: number, size: number];
  readonly hasPrevious: boolean;
}

const SHAPES: readonly Shape[] = [
  {
    venue: 'binance-spot',
    url: 'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000',
    frames: 6500,
    changes: 46,
    priceDecimals: 2,
    sizeDecimals: 5,
    written: [8, 8],
    hasPrevious: false,
  },
  {
    venue: 'binance-usdm',
    url: 'https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000',
    frames: 6500,
    changes: 68,
    priceDecimals: 1,
    sizeDecimals: 3,
    written: [2, 3],
    hasPrevious: true,
  },
];

async function recorded(file: string, { venue }: Shape): Promise<BookFrames> {
  const frames: string[] = [];
  let snapshot: BookFrames['snapshot'] | undefined;
  for await (const line of readCapture(file)) {
    if (line.kind === 'http' && line.url.includes('/depth?')) {
      snapshot ??= { url: line.url, text: line.text, after: frames.length };
    }
    if (line.kind === 'recv' && 'text' in line && line.text.includes('"depthUpdate"')) frames.push(line.text);
  }
  if (snapshot === undefined) throw new Error(`${file} has no snapshot`);
  return counted({ name: `${venue}, recorded`, venue, snapshot, frames });
}

/** Changes are many near the best prices and few far from them; half of the levels that are touched go away. */
function invented(shape: Shape): BookFrames {
  const { changes, hasPrevious, priceDecimals, sizeDecimals, venue, written } = shape;
  const random = randomNumbers(1);
  const tick = 10 ** priceDecimals;
  const middle = 61_800 * tick;
  const price = (ticks: number) => (ticks / tick).toFixed(written[0]);
  const size = () => {
    const text = (random() < 0.45 ? 0 : random() ** 4 * 3 + 10 ** -sizeDecimals).toFixed(sizeDecimals);
    return text.padEnd(text.length - sizeDecimals + written[1], '0');
  };
  const side = (sign: 1 | -1, count: number) =>
    Array.from({ length: count }, () => middle + sign * (1 + Math.floor(random() ** 3 * 300 * tick)))
      .sort((a, b) => a - b)
      .map(ticks => `["${price(ticks)}","${size()}"]`)
      .join(',');
  const first = 50_000_000_000;
  const whole = (sign: 1 | -1) =>
    Array.from(
      { length: 1000 },
      (_, at) => `["${price(middle + sign * (1 + at))}","1.${'0'.repeat(written[1])}"]`,
    );
  const text = `{"lastUpdateId":${first},"bids":[${whole(-1)}],"asks":[${whole(1)}]}`;
  const frames: string[] = [];
  let last = first - 1;
  for (let at = 0; at < shape.frames; at++) {
    const next = last + changes + Math.floor(random() * 10);
    const own = Math.max(2, Math.round(changes * (0.3 + 1.4 * random())));
    const time = 1_723_161_255_208 + at * 100;
    const previous = hasPrevious ? `,"pu":${last}` : '';
    frames.push(
      `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${time},"s":"BTCUSDT","U":${last + 1},"u":${next}${previous},"b":[${side(-1, own >> 1)}],"a":[${side(1, own - (own >> 1))}]}}`,
    );
    last = next;
  }
  return counted({ name: `${venue}, invented`, venue, snapshot: { url: shape.url, text, after: 0 }, frames });
}

function counted(frames: Omit<BookFrames, 'levels' | 'bytes'>): BookFrames {
  let levels = 0;
  let bytes = 0;
  for (const frame of frames.frames) {
    const { data } = JSON.parse(frame) as { data: { a: unknown[]; b: unknown[] } };
    levels += data.a.length + data.b.length;
    bytes += frame.length;
  }
  return { ...frames, levels, bytes };
}

/** Uniform numbers from 0 to 1, always the same ones (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
