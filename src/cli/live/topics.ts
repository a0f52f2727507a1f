import { resampled } from '../../feeds/live/resampled.ts';
import type { PaperOptions } from '../../live/paper.ts';
import { type PaperResult, tradeOnPaper } from '../../live/session.ts';
import { InputError } from '../../model/errors.ts';
import { realNetwork } from '../../net/real.ts';
import { Journal } from '../../store/journal.ts';
import type { KafkaFeedTerms } from '../../streaming/kafka/feed.ts';
import type { LoadedConfig } from '../config/config.ts';
import { instrumentTerms } from '../options/instrument-terms.ts';

interface TopicFlags {
  readonly feed?: string[];
  readonly real?: boolean;
  readonly symbol?: string[];
  readonly interval?: string[];
  readonly exchange?: string;
}

/** The topics to follow; undefined where an exchange is to be followed. Throws `OPTION_INVALID`, `KAFKA_ADDRESS`. */
export async function topicsOf(flags: TopicFlags): Promise<readonly KafkaFeedTerms[] | undefined> {
  const { exchange, feed, interval, real, symbol } = flags;
  if (feed === undefined) return undefined;
  for (const [name, given] of Object.entries({ real, symbol, interval, exchange })) {
    if (given === undefined) continue;
    throw new InputError('OPTION_INVALID', `--${name} was given with --feed`, {
      value: given,
      fix:
        name === 'real' || name === 'exchange'
          ? 'follow topics on paper, or an exchange without --feed'
          : 'say it in the address: kafka://HOST:9092/TOPIC?interval=1m&symbol=BTC-USDT',
    });
  }
  // Who follows an exchange need not load a client of brokers.
  const { kafkaFeedTerms } = await import('../../streaming/kafka/feed.ts');
  return feed.map(kafkaFeedTerms);
}

/** What a session on topics is called: the brokers and topics, without options. */
export function topicsName(topics: readonly KafkaFeedTerms[]): string {
  return topics.map(({ name }) => name).join(' ');
}

/** Trades on paper on the bars of topics. Throws what {@link tradeOnPaper} throws, and `KAFKA_*`. */
export async function paperOnTopics(
  topics: readonly KafkaFeedTerms[],
  loaded: LoadedConfig,
  options: Omit<PaperOptions, 'series' | 'exchange' | 'past'>,
): Promise<PaperResult> {
  const { openKafkaLive } = await import('../../streaming/kafka/live-feed.ts');
  // A store that cannot be written is told at once, not when the brokers have answered.
  new Journal(options.store).close();
  const live = await openKafkaLive(topics, {
    network: realNetwork,
    lateMs: options.lateMs,
    once: options.once,
    signal: options.signal,
    termsOf: await instrumentTerms(undefined, loaded),
    onNotice: options.onNotice,
  });
  try {
    return await tradeOnPaper(resampled(live, options.resample), {
      ...options,
      timers: realNetwork.timers,
      exchange: topicsName(topics),
    });
  } finally {
    await live.close();
  }
}
