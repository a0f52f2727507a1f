import type { DataFeed, FeedEvent, FeedRequest } from '../feed.ts';

/** Turns what one feed says into what another one says, event by event; made anew for each run. */
export interface FeedTransform {
  take(event: FeedEvent): readonly FeedEvent[];
  /** What is left to say when the source has ended. */
  end(): readonly FeedEvent[];
}

/** The terms of a transformed feed, where they differ from its source's, and what it asks of that. */
export interface TransformTerms
  extends Partial<Pick<DataFeed, 'interval' | 'stamps' | 'columns' | 'growsBy'>> {
  /** About how many bars there are, for one of the source. */
  readonly share?: number;
  readonly request?: (request: FeedRequest) => FeedRequest;
}

/** The feed that `make` makes of `feed`. */
export function transformFeed(
  feed: DataFeed,
  { share = 1, request: asked = request => request, ...terms }: TransformTerms,
  make: () => FeedTransform,
): DataFeed {
  const { length } = feed;
  return {
    instrument: feed.instrument,
    interval: feed.interval,
    stamps: feed.stamps,
    columns: feed.columns,
    ...(feed.growsBy === undefined ? {} : { growsBy: feed.growsBy }),
    ...(feed.tradingDay === undefined ? {} : { tradingDay: feed.tradingDay }),
    ...(feed.clocked === undefined ? {} : { clocked: feed.clocked }),
    ...(length === undefined ? {} : { length: Math.ceil(length * share) }),
    ...terms,
    progress: () => feed.progress?.() ?? Number.NaN,
    notes: () => feed.notes?.() ?? [],
    async *events(request): AsyncGenerator<FeedEvent> {
      const transform = make();
      for await (const event of feed.events(asked(request))) yield* transform.take(event);
      if (!request.signal.aborted) yield* transform.end();
    },
  };
}
