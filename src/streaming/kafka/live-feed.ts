import type { LiveKlines, LiveStatus } from '../../feeds/live/contract.ts';
import type { KafkaFeedTerms } from './feed.ts';
import type { KafkaLiveOptions } from './live-options.ts';
import { TopicFollower } from './topic-follower.ts';

/**
 * Topics followed live, one feed each: what is there already warms up, or is what a session missed; then bars come as they come to
 * the topic, each once. Throws `KAFKA_*`.
 */
export async function openKafkaLive(
  terms: readonly KafkaFeedTerms[],
  options: KafkaLiveOptions,
): Promise<LiveKlines> {
  const closing = new AbortController();
  const followed = await Promise.all(terms.map(one => TopicFollower.open(one, options, closing.signal)));
  return {
    feeds: followed.map(one => one.feed),
    status: (): LiveStatus => ({
      connections: followed.map(one => ({ url: one.name, state: one.isLive ? 'open' : 'connecting' })),
      series: followed.map(({ feed, isLive, last }) => ({
        symbol: feed.instrument.symbol,
        interval: feed.interval,
        state: isLive ? 'live' : 'syncing',
        last,
      })),
      time: options.network.timers.now(),
      counters: {
        frames: followed.reduce((sum, { records }) => sum + records, 0),
        ...{ duplicates: 0, revised: 0, gapsFilled: 0, dropped: 0 },
        reconnects: followed.reduce((sum, { reconnects }) => sum + reconnects, 0),
      },
    }),
    close: async () => closing.abort(),
  };
}
