import fc from 'fast-check';
import { type ColumnsInput, type DataFeed, type MemoryOptions, memoryFeed } from 'qt-trader';
import { mulberry32 } from './random-walk.ts';

export interface Columns extends ColumnsInput {
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface WalkOptions {
  readonly start?: number;
  readonly stepMs?: number;
  /** Share of the bars that are missing. */
  readonly gaps?: number;
  readonly price?: number;
}

/** A random walk with two decimals, gaps at the open, and now and then a missing bar. */
export function walk(bars: number, seed: number, options: WalkOptions = {}): Columns {
  const { start = Date.UTC(2024, 0, 1), stepMs = 60_000, gaps = 0, price = 100 } = options;
  const next = mulberry32(seed);
  const round = (value: number) => Math.max(0.01, Math.round(value * 100) / 100);
  const columns = {
    time: new Float64Array(bars),
    open: new Float64Array(bars),
    high: new Float64Array(bars),
    low: new Float64Array(bars),
    close: new Float64Array(bars),
    volume: new Float64Array(bars),
  };
  let time = start;
  let last = price;
  for (let i = 0; i < bars; i++) {
    const open = round(last * (1 + (next() - 0.5) * 0.004));
    const close = round(open * (1 + (next() - 0.5) * 0.02));
    columns.time[i] = time;
    columns.open[i] = open;
    columns.close[i] = close;
    columns.high[i] = round(Math.max(open, close) * (1 + next() * 0.005));
    columns.low[i] = Math.min(open, close, round(Math.min(open, close) * (1 - next() * 0.005)));
    columns.volume[i] = Math.floor(next() * 1000);
    last = close;
    time += stepMs * (next() < gaps ? 2 + Math.floor(next() * 5) : 1);
  }
  return columns;
}

/** Bars with the given closes, each opening at the previous close; one minute each, from 2024-01-01 UTC. */
export function closes(values: readonly number[], opens?: readonly number[]): Columns {
  const open = values.map((_, i) => opens?.[i] ?? values[Math.max(0, i - 1)]);
  return {
    time: Float64Array.from(values, (_, i) => Date.UTC(2024, 0, 1) + i * 60_000),
    open: Float64Array.from(open),
    high: Float64Array.from(values, (value, i) => Math.max(value, open[i])),
    low: Float64Array.from(values, (value, i) => Math.min(value, open[i])),
    close: Float64Array.from(values),
    volume: new Float64Array(values.length).fill(1),
  };
}

/** A feed that cuts its bars into chunks of the given sizes, in turn. */
export function chunked(columns: Columns, sizes: readonly number[], options: MemoryOptions = {}): DataFeed {
  const whole = memoryFeed(columns, { ...options, chunk: columns.time.length + 1 });
  return {
    ...whole,
    async *events(request) {
      for await (const event of whole.events(request)) {
        if (event.kind !== 'bars') continue;
        const { bars } = event;
        let from = 0;
        for (let turn = 0; from < bars.length; turn++) {
          const to = Math.min(bars.length, from + sizes[turn % sizes.length]);
          const cut = (column: Float64Array) => column.slice(from, to);
          yield {
            ...event,
            bars: {
              length: to - from,
              time: cut(bars.time),
              open: cut(bars.open),
              high: cut(bars.high),
              low: cut(bars.low),
              close: cut(bars.close),
              volume: cut(bars.volume),
              extra: {},
            },
          };
          from = to;
        }
      }
    },
  };
}

/** Sizes of chunks: bar by bar, ragged, and around the engine's own block of 1,024. */
export const chunkSizes: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 50 }), fc.constantFrom(1023, 1024, 1025, 3000)),
  { minLength: 1, maxLength: 6 },
);
