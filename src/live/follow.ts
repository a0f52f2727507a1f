import type { DataFeed, FeedEvent, FeedRequest } from '../feeds/feed.ts';
import type { Bar, Bars } from '../model/bars.ts';

/** What is done with the events of several feeds. */
export interface Follower {
  /** Closed bars, in order. A promise is awaited before the feed is read on. */
  onBars(
    feed: DataFeed,
    bars: Bars,
    event: Pick<FeedEvent & { kind: 'bars' }, 'phase' | 'late'>,
  ): void | Promise<void>;
  onForming?: ((feed: DataFeed, bar: Bar, time: number) => void) | undefined;
  onGap?: ((feed: DataFeed, gap: { from: number; to: number; cause: string }) => void) | undefined;
  onStatus?: ((feed: DataFeed, status: 'live' | 'disconnected') => void) | undefined;
}

/**
 * Reads all feeds beside each other until they end, one fails or `signal` aborts, which is no failure. Calls of the
 * follower never overlap: one that returns a promise holds up all feeds. What it throws ends the others and is thrown on.
 */
export async function follow(
  feeds: readonly DataFeed[],
  request: (feed: DataFeed) => Omit<FeedRequest, 'signal'>,
  follower: Follower,
  signal?: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    failed.abort();
  };
  let busy: Promise<void> | undefined;

  /** What the follower made of an event; true unless it threw. */
  const take = async (feed: DataFeed, event: FeedEvent): Promise<boolean> => {
    while (busy !== undefined) await busy;
    if (stop.aborted) return false;
    try {
      const result = hand(feed, event, follower);
      if (result === undefined) return true;
      const done = result.then(undefined, fail);
      busy = done.finally(() => {
        busy = undefined;
      });
      await busy;
    } catch (error) {
      fail(error);
    }
    return failure === undefined;
  };

  const read = async (feed: DataFeed): Promise<void> => {
    try {
      for await (const event of feed.events({ ...request(feed), signal: stop })) {
        if (!(await take(feed, event))) break;
      }
    } catch (error) {
      // A feed that was told to stop may well fail at what it was doing.
      if (!stop.aborted) fail(error);
    }
  };

  await Promise.all(feeds.map(read));
  if (failure !== undefined) throw failure.error;
}

function hand(feed: DataFeed, event: FeedEvent, follower: Follower): Promise<void> | undefined {
  switch (event.kind) {
    case 'bars':
      return follower.onBars(feed, event.bars, event) ?? undefined;
    case 'forming':
      follower.onForming?.(feed, event.bar, event.time);
      return undefined;
    case 'gap':
      follower.onGap?.(feed, event);
      return undefined;
    case 'status':
      follower.onStatus?.(feed, event.status);
      return undefined;
    case 'clock':
      return undefined;
  }
}
