import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import type { Bars } from '../model/bars.ts';
import type { JournalEntry } from '../store/journal.ts';

type BarEntry = Extract<JournalEntry, { kind: 'warmup' | 'bar' | 'late' }>;

/** A chunk of closed bars as journal entries, one a bar. */
export function barEntries(
  feed: number,
  columns: readonly string[],
  event: Extract<FeedEvent, { kind: 'bars' }>,
): BarEntry[] {
  const { bars, phase, late } = event;
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
  }));
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
  const [{ kind }] = entries;
  return { kind: 'bars', bars, phase: kind === 'warmup' ? 'warmup' : 'run', late: kind === 'late' };
}

/** A feed that stands for a recorded one: it has its terms and says nothing. */
export function silentFeed(
  terms: Pick<DataFeed, 'instrument' | 'interval' | 'stamps' | 'columns'>,
): DataFeed {
  const { instrument, interval, stamps, columns } = terms;
  return { instrument, interval, stamps, columns, async *events() {} };
}
