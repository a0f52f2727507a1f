import { type Bar, type DataFeed, type Interval, type MemoryOptions, memoryFeed } from 'qt-trader';
import type { FeedEvent } from '../../src/feeds/feed.ts';
import type { Bars } from '../../src/model/bars.ts';
import type { Columns } from './bars.ts';
import { mulberry32 } from './random-walk.ts';

/** One look at a bar that grows: the bar as it stood, and by what it had grown. */
export interface Look {
  /** Number of the bar, from 0. */
  readonly bar: number;
  /** When this became known, epoch ms UTC. */
  readonly known: number;
  readonly row: Bar;
  readonly part: Bar;
}

/** Every bar as up to `most` random stages, and then as it is. */
export function randomLooks(columns: Columns, barMs: number, seed: number, most = 5): Look[] {
  const next = mulberry32(seed);
  const looks: Look[] = [];
  for (let i = 0; i < columns.time.length; i++) {
    const [time, open] = [columns.time[i], columns.open[i]];
    const [low, high] = [columns.low[i], columns.high[i]];
    const stages = Math.floor(next() * (most + 1));
    let before: Bar = { time, open, high: open, low: open, close: open, volume: 0 };
    let since = time;
    for (let stage = 0; stage <= stages; stage++) {
      const last = stage === stages;
      const price = low + (high - low) * next();
      const close = last ? columns.close[i] : price;
      const row = {
        time,
        open,
        high: last ? high : Math.max(before.high, price),
        low: last ? low : Math.min(before.low, price),
        close,
        volume: last ? columns.volume[i] : before.volume + (columns.volume[i] - before.volume) * next() * 0.5,
      };
      const known = last ? time + barMs : since + Math.max(1, Math.floor((time + barMs - since) * 0.3));
      const part = {
        time: since,
        open: before.close,
        high: row.high > before.high ? row.high : Math.max(before.close, close),
        low: row.low < before.low ? row.low : Math.min(before.close, close),
        close,
        volume: row.volume - before.volume,
      };
      looks.push({ bar: i, known, row, part });
      before = row;
      since = known;
    }
  }
  return looks;
}

/** A feed whose bars grow look by look, in chunks of the given sizes, in turn; `growsBy` is the shortest way between two. */
export function growingFeed(
  looks: readonly Look[],
  options: MemoryOptions & { readonly growsBy?: Interval; readonly sizes?: readonly number[] } = {},
): DataFeed {
  const { growsBy = '1s', sizes = [1000], ...rest } = options;
  const whole = memoryFeed(barsOf([...new Map(looks.map(look => [look.bar, look.row])).values()]), rest);
  return {
    ...whole,
    growsBy,
    async *events() {
      for (const event of growingEvents(looks, sizes)) yield event;
    },
  };
}

export function* growingEvents(looks: readonly Look[], sizes: readonly number[]): Generator<FeedEvent> {
  let last = -1;
  for (let from = 0, turn = 0; from < looks.length; turn++) {
    const some = looks.slice(from, from + sizes[turn % sizes.length]);
    from += some.length;
    const revises = Uint8Array.from(some, ({ bar }) => {
      const isSame = bar === last;
      last = bar;
      return isSame ? 1 : 0;
    });
    yield {
      kind: 'bars',
      bars: barsOf(some.map(look => look.row)),
      phase: 'run',
      late: false,
      growth: {
        revises,
        known: Float64Array.from(some, look => look.known),
        parts: barsOf(some.map(look => look.part)),
      },
    };
  }
}

export function barsOf(rows: readonly Bar[]): Bars {
  const column = (name: keyof Bar) => Float64Array.from(rows, row => row[name]);
  return {
    length: rows.length,
    time: column('time'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    extra: {},
  };
}
