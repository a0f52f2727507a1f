import type { RecordSink } from '../../collection/sinks/sink.ts';
import { InputError } from '../../model/errors.ts';
import { parseKafkaAddress } from '../../streaming/kafka/address.ts';
import { type KafkaConnection, kafkaConnection, withAdmin } from '../../streaming/kafka/connection.ts';
import { type KlineSinkOptions, openKlineSinks } from '../../streaming/kafka/kline-sink.ts';
import type { StreamMetrics } from '../../streaming/kafka/metrics.ts';
import { type RawTopicOptions, RawTopicWriter } from '../../streaming/kafka/raw.ts';
import { KafkaSink, SINK_OPTIONS } from '../../streaming/kafka/sink.ts';
import { TopicNames } from '../../streaming/kafka/topics.ts';

export interface KafkaSinkTerms {
  readonly topic?: string | undefined;
  readonly metrics?: StreamMetrics | undefined;
}

/** Records to `kafka://…`: topics as --topic says, or the path of the address. Throws InputError, NetworkError `KAFKA_*`. */
export async function openKafkaSink(text: string, { metrics, topic }: KafkaSinkTerms): Promise<RecordSink> {
  const { connection, topics } = await reach(text, topic);
  return new KafkaSink(connection, topics, metrics);
}

/** Where a sink's records go, with brokers that answer. */
export async function reach(
  text: string,
  topic: string | undefined,
): Promise<{ readonly connection: KafkaConnection; readonly topics: TopicNames }> {
  const address = parseKafkaAddress(text, SINK_OPTIONS);
  if (topic !== undefined && address.topic !== undefined) {
    throw new InputError('OPTION_INVALID', `--topic was given, and ${address.name} names a topic as well`, {
      value: topic,
      limit: address.topic,
      fix: 'leave out one of them',
    });
  }
  const topics = new TopicNames(topic ?? address.topic);
  const connection = kafkaConnection(address);
  // A mistake in the address is told at once, not when the first record comes.
  await withAdmin(connection, admin => admin.listTopics());
  return { connection, topics };
}

/** Raw frames to `kafka://…/TOPIC`. Throws InputError, NetworkError `KAFKA_*`. */
export async function openRawTopic(
  text: string,
  options: Omit<RawTopicOptions, 'connection' | 'topic' | 'run'>,
): Promise<RawTopicWriter> {
  const { connection } = await reach(text, undefined);
  const { topic } = connection.address;
  if (topic === undefined) {
    throw new InputError('KAFKA_ADDRESS', `--raw-to ${connection.address.name} names no topic`, {
      value: connection.address.name,
      fix: 'add it: kafka://HOST:9092/raw',
    });
  }
  return new RawTopicWriter({
    ...options,
    connection,
    topic,
    run: `${Date.now().toString(36)}-${process.pid}`,
  });
}

/** The klines of a recording to `kafka://…`. Throws InputError, NetworkError `KAFKA_*`. */
export async function openKlineTopics(
  text: string,
  {
    topic,
    ...options
  }: Pick<KlineSinkOptions, 'venue' | 'symbols' | 'interval'> & { readonly topic: string | undefined },
) {
  return openKlineSinks({ ...options, ...(await reach(text, topic)), clock: () => Date.now() * 1000 });
}
