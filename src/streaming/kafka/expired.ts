import { InputError } from '../../model/errors.ts';
import type { GapRecord } from '../../model/records.ts';
import type { MessageBatch } from './message-batch.ts';
import type { Partition } from './reader.ts';

/** A gap record in the place of messages that the cluster deleted before they were read, from one offset up to another. */
export function expiredBatch(
  { partition, topic }: Partition,
  topicId: string,
  from: number,
  to: number,
): MessageBatch {
  const value = Buffer.from(JSON.stringify(gapOf(`${topic} ${partition}`, from, to)));
  const message = { offset: to - 1, key: '', value, time: 0, header: () => undefined };
  return { ...{ topic, partition, topicId }, messages: [message], next: to, taken: 0 };
}

/** A place that a partition does not have. */
export function beyond({ partition, topic }: Partition, offset: number, end: number): InputError {
  return new InputError(
    'KAFKA_OFFSET_BEYOND',
    `${topic} ${partition} was read up to ${offset}, and has ${end} messages only: it is another topic of the same name, or has lost some`,
    {
      value: offset,
      limit: end,
      fix: 'give another group=, and a new store, to read it from its beginning',
    },
  );
}

function gapOf(place: string, from: number, to: number): GapRecord {
  return {
    kind: 'gap',
    venue: 'kafka',
    ...{ symbol: '', native: place, exchangeTime: null, sequence: null, channel: null },
    ...{ receiveTime: 0, publishTime: 0, gap: 0, state: 'closed', cause: 'EXPIRED' },
    rule: 'messages are read before the cluster deletes them',
    detail: `${to - from} messages are missing`,
    ...{ from: 0, to: 0, after: String(from), before: String(to), isFilled: false },
  };
}
