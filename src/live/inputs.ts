import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import { type Bars, type Growth, OHLCV, sliceBars } from '../model/bars.ts';
import type { JournalEntry, JournalGrowth } from '../store/journal.ts';

type BarEntry = Extract<JournalEntry, { kind: 'warmup' | 'bar' | 'late' }>;

/** A chunk of bars as journal entries, one a bar, or a look at one that grows. */
export function barEntries(
  feed: number,
  columns: readonly string[],
  event: Extract<FeedEvent, { kind: 'bars' }>,
): BarEntry[] {
  const { bars, phase, late, growth } = event;
  const kind = phase === 'warmup' ? 'warmup' : late ? 'late' : 'bar';
  return Array.from({ length: bars.length }, (_, row) => ({
    kind,
    feed,
    time: bars.time[row],
    open: bars.open[row],
    high: bars.high[row],
    low: bars.low[row],
    close: bars.close[row],
    volume: bars.volume[row],
    extra: columns.map(name => bars.extra[name][row]),
    ...(growth === undefined ? {} : { growth: growthEntry(growth, columns, row) }),
  }));
}

function growthEntry(
  { revises, known, parts }: Growth,
  columns: readonly string[],
  row: number,
): JournalGrowth {
  const part = [
    parts.time[row],
    ...OHLCV.map(name => parts[name][row]),
    ...columns.map(name => parts.extra[name][row]),
  ];
  return { revises: revises[row] === 1, known: known[row], part };
}

/** Consecutive bars of one feed and kind as the chunk they came from. */
export function barsEvent(
  entries: readonly BarEntry[],
  columns: readonly string[],
): Extract<FeedEvent, { kind: 'bars' }> {
  // Not Float64Array.from: most chunks are one bar, and that takes ten times as long.
  const column = (value: (entry: BarEntry) => number) => {
    const values = new Float64Array(entries.length);
    for (let i = 0; i < values.length; i++) values[i] = value(entries[i]);
    return values;
  };
  const bars: Bars = {
    length: entries.length,
    time: column(entry => entry.time),
    open: column(entry => entry.open),
    high: column(entry => entry.high),
    low: column(entry => entry.low),
    close: column(entry => entry.close),
    volume: column(entry => entry.volume),
    extra: Object.fromEntries(columns.map((name, i) => [name, column(entry => entry.extra[i])])),
  };
  const [{ kind, growth }] = entries;
  return {
    ...{ kind: 'bars', bars, phase: kind === 'warmup' ? 'warmup' : 'run', late: kind === 'late' },
    ...(growth === undefined
      ? {}
      : {
          growth: growthOf(
            entries.map(entry => entry.growth!),
            columns,
          ),
        }),
  };
}

/** Looks at bars that grow in columns. */
export function growthOf(entries: readonly JournalGrowth[], columns: readonly string[]): Growth {
  const column = (at: number) => Float64Array.from(entries, ({ part }) => part[at]);
  const [time, open, high, low, close, volume] = ['time', ...OHLCV].map((_, at) => column(at));
  return {
    revises: Uint8Array.from(entries, entry => (entry.revises ? 1 : 0)),
    known: Float64Array.from(entries, entry => entry.known),
    parts: {
      ...{ length: entries.length, time, open, high, low, close, volume },
      extra: Object.fromEntries(columns.map((name, i) => [name, column(i + 1 + OHLCV.length)])),
    },
  };
}

/** Rows `from` (inclusive) to `to` (exclusive) as a view. */
export function sliceGrowth({ revises, known, parts }: Growth, from: number, to: number): Growth {
  return {
    revises: revises.subarray(from, to),
    known: known.subarray(from, to),
    parts: sliceBars(parts, from, to),
  };
}

/** What of a chunk the consumer does not have, who knows all up to `known` (epoch ms UTC): a bar that was left growing comes whole. */
export function unseen(
  event: Extract<FeedEvent, { kind: 'bars' }>,
  known: number,
): Extract<FeedEvent, { kind: 'bars' }> {
  const { bars, growth } = event;
  if (growth === undefined) return event;
  let from = 0;
  while (from < bars.length && growth.known[from] <= known) from++;
  if (from === 0) return event;
  return {
    ...event,
    bars: sliceBars(bars, from, bars.length),
    growth: sliceGrowth(growth, from, bars.length),
  };
}

/** A feed that stands for a recorded one: it has its terms and says nothing. */
export function silentFeed(
  terms: Pick<DataFeed, 'instrument' | 'interval' | 'stamps' | 'columns' | 'growsBy'>,
): DataFeed {
  const { instrument, interval, stamps, columns, growsBy } = terms;
  return { instrument, interval, stamps, columns, growsBy, async *events() {} };
}
