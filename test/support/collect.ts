import type { Bars, DataFeed, FeedEvent } from 'qt-trader';

/** One bar as it was given: OHLCV, the further columns, and whether it was warm-up. */
export type Row = readonly [
  time: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  ...extra: number[],
];

export const rowsOf = (bars: Bars): Row[] =>
  Array.from({ length: bars.length }, (_, i) => [
    ...([bars.time[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]] as const),
    ...Object.keys(bars.extra).map(name => bars.extra[name][i]),
  ]);

/** Everything that a feed says, with bars as rows. */
export async function eventsOf(feed: DataFeed, warmup = 0): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for await (const event of feed.events({ signal: new AbortController().signal, warmup })) events.push(event);
  return events;
}

/** All bars of a feed. */
export async function barsOf(feed: DataFeed): Promise<Row[]> {
  return (await eventsOf(feed)).flatMap(event => (event.kind === 'bars' ? rowsOf(event.bars) : []));
}
