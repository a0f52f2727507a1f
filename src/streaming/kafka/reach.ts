import { InputError } from '../../model/errors.ts';
import { parseKafkaAddress } from './address.ts';
import { type KafkaConnection, kafkaConnection, withAdmin } from './connection.ts';
import { SINK_OPTIONS } from './sink.ts';
import { TopicNames } from './topics.ts';

/** Where a sink's records go, with brokers that answer. Throws InputError, NetworkError `KAFKA_*`. */
export async function reach(
  text: string,
  topic: string | undefined,
): Promise<{ readonly connection: KafkaConnection; readonly topics: TopicNames }> {
  const address = parseKafkaAddress(text, SINK_OPTIONS);
  if (topic !== undefined && address.topic !== undefined) {
    throw new InputError('OPTION_INVALID', `a topic was given, and ${address.name} names one as well`, {
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
