import { InputError } from '../../model/errors.ts';
import type { MarketRecord } from '../../model/records.ts';
import type { RecordSource } from '../record-source.ts';
import { choiceOf, type KafkaAddress, parseKafkaAddress } from './address.ts';
import { kafkaConnection } from './connection.ts';
import { KafkaReader } from './reader.ts';
import { TopicRecords } from './topic-history.ts';
import { checkTopic } from './topics.ts';

/**
 * All records of topics as they come, to each who asks: no group, so that several servers have all of them. It begins with what
 * comes next, or with `?from=earliest` at the beginning. Topics in the path, with commas between. Throws InputError `KAFKA_*`.
 */
export function kafkaTail(text: string): RecordSource {
  const address = parseKafkaAddress(text, ['from']);
  const from = choiceOf(address, 'from', ['latest', 'earliest'], 'latest');
  const topics = topicsOf(address);
  const connection = kafkaConnection(address);
  return {
    name: address.name,
    async run(write: (records: readonly MarketRecord[]) => void | Promise<void>, signal: AbortSignal) {
      const reader = new KafkaReader(connection, topics);
      try {
        const records = new TopicRecords(reader);
        await records.open(undefined, from);
        while (!signal.aborted) {
          const came = await records.next();
          if (came.length > 0) await write(came.map(({ record }) => record));
        }
      } finally {
        await reader.close();
      }
    },
  };
}

/** The topics that an address names. Throws InputError `KAFKA_ADDRESS`, `KAFKA_TOPIC`. */
export function topicsOf({ name, topic }: KafkaAddress): readonly string[] {
  const topics = topic?.split(',').filter(one => one !== '') ?? [];
  if (topics.length === 0) {
    throw new InputError('KAFKA_ADDRESS', `${name} names no topic`, {
      value: name,
      fix: 'add it, several with commas: kafka://HOST:9092/BTC-USDT,ETH-USDT',
    });
  }
  for (const one of topics) checkTopic(one);
  return [...new Set(topics)];
}
