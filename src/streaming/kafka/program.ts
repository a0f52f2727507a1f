import type { RecordSink } from '../../collection/sinks/sink.ts';
import type { DataFeed } from '../../feeds/feed.ts';
import type { LiveKlines } from '../../feeds/live/contract.ts';
import { realNetwork } from '../../net/real.ts';
import type { RecordSource } from '../record-source.ts';
import type { KafkaLiveOptions } from './live-options.ts';

/*
 * Kafka for programs. The client of the brokers is loaded when something of it is used: whoever only trades on files or an
 * exchange does not wait for it.
 */

export interface KafkaSinkOptions {
  /** A template as in docs/kafka.md, `md.{venue}.{symbol}`; default the path of the address, else `{symbol}`. */
  readonly topic?: string;
}

/**
 * Records to topics, by an idempotent producer. `write` resolves when the brokers have them, and waits while they are away;
 * close it when done. Rejects with NetworkError, InputError `KAFKA_*` where nobody answers at `kafka://HOST:9092`.
 */
export async function kafkaSink(address: string, { topic }: KafkaSinkOptions = {}): Promise<RecordSink> {
  const [{ reach }, { KafkaSink }] = await Promise.all([import('./reach.ts'), import('./sink.ts')]);
  const { connection, topics } = await reach(address, topic);
  return new KafkaSink(connection, topics);
}

export interface KafkaSourceOptions {
  /** Consumer group: members of one share the partitions, and go on where it was. */
  readonly group: string;
  /** Where a group that has read nothing begins; default earliest. */
  readonly from?: 'earliest' | 'latest';
  /** End when all that was there at the start has been taken; default: wait for more. */
  readonly toEnd?: boolean;
  /** What happens beside the records: `KAFKA_ASSIGNED`, `KAFKA_EXPIRED`, `KAFKA_RECORD`, … */
  onNotice?(level: 'info' | 'warning', code: string, message: string): void;
}

/**
 * Records of the topics of `kafka://HOST:9092/TOPIC,TOPIC`: at least once, in order for each key. The group moves on when
 * `write` has taken them. Throws InputError `KAFKA_*`; what its `run` rejects with is NetworkError, InputError `KAFKA_*`.
 */
export async function kafkaSource(address: string, options: KafkaSourceOptions): Promise<RecordSource> {
  const [{ parseKafkaAddress, topicsOf }, { kafkaConnection }, { KafkaSource }] = await Promise.all([
    import('./address.ts'),
    import('./connection.ts'),
    import('./source.ts'),
  ]);
  const parsed = parseKafkaAddress(address);
  return new KafkaSource({ ...options, connection: kafkaConnection(parsed), topics: topicsOf(parsed) });
}

/**
 * What is in a topic now as bars for a backtest: `kafka://HOST:9092/BTC-USDT?interval=1m`, its closed klines, or bars made of
 * its trades. All bars are in memory. Rejects with NetworkError, InputError `KAFKA_*`, DataError `KAFKA_NO_BARS`.
 */
export async function kafkaFeed(address: string, signal?: AbortSignal): Promise<DataFeed> {
  const feed = await import('./feed.ts');
  return feed.kafkaFeed(address, signal);
}

/**
 * Topics followed live, one address and one feed each, for `tradeOnPaper` or by themselves: what is there warms up, then each
 * bar comes once. Close it when done. Rejects with NetworkError, InputError `KAFKA_*`.
 */
export async function kafkaLive(
  addresses: readonly string[],
  options: Omit<KafkaLiveOptions, 'network'> & Partial<Pick<KafkaLiveOptions, 'network'>> = {},
): Promise<LiveKlines> {
  const [{ kafkaFeedTerms }, { openKafkaLive }] = await Promise.all([
    import('./feed.ts'),
    import('./live-feed.ts'),
  ]);
  return openKafkaLive(addresses.map(kafkaFeedTerms), { network: realNetwork, ...options });
}
