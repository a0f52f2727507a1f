import type { DataFeed, FeedEvent, FeedRequest } from '../../src/feeds/feed.ts';

/** What came of a feed, taken as fast as it comes. */
export interface Followed {
  readonly events: FeedEvent[];
  /** Open times of the closed bars, in the order in which they came. */
  readonly times: number[];
  /** Their closes and quote volumes. */
  readonly closes: number[];
  readonly quoteVolumes: number[];
  readonly phases: ('warmup' | 'run')[];
  readonly late: boolean[];
  readonly done: Promise<void>;
  ended: boolean;
  stop(): void;
}

/** Takes the events of a feed; `pace` may hold it back after each one. */
export function follow(
  feed: DataFeed,
  request: Partial<FeedRequest> = {},
  pace: (event: FeedEvent) => Promise<void> | undefined = () => undefined,
): Followed {
  const stopping = new AbortController();
  const followed: Followed = {
    events: [],
    times: [],
    closes: [],
    quoteVolumes: [],
    phases: [],
    late: [],
    ended: false,
    stop: () => stopping.abort(),
    done: Promise.resolve(),
  };
  const events = feed.events({ signal: stopping.signal, warmup: 0, ...request });
  const take = async () => {
    for await (const event of events) {
      followed.events.push(event);
      if (event.kind === 'bars') {
        for (let i = 0; i < event.bars.length; i++) {
          followed.times.push(event.bars.time[i]);
          followed.closes.push(event.bars.close[i]);
          followed.quoteVolumes.push(event.bars.extra.quoteVolume[i]);
          followed.phases.push(event.phase);
          followed.late.push(event.late);
        }
      }
      await pace(event);
    }
    followed.ended = true;
  };
  return Object.assign(followed, { done: take() });
}
