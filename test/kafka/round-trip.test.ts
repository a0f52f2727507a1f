import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKafkaAddress } from '../../src/streaming/kafka/address.ts';
import { kafkaConnection } from '../../src/streaming/kafka/connection.ts';
import { KafkaSink, SINK_OPTIONS } from '../../src/streaming/kafka/sink.ts';
import { KafkaSource } from '../../src/streaming/kafka/source.ts';
import { TopicNames } from '../../src/streaming/kafka/topics.ts';
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts';
import { tradeOf, tradesOf } from './trades.ts';

const COUNT = process.env.QT_SOAK === undefined ? 100_000 : 1_000_000;

describe.skipIf(noKafka)('records through a real broker', () => {
  const broker = new KafkaBroker();
  beforeAll(async () => {
    await broker.start();
  });
  afterAll(() => broker.end());

  test(`${COUNT} trades come back as they were, each once, in order for each instrument`, async () => {
    const connection = kafkaConnection(parseKafkaAddress(`${broker.address}?compression=lz4`, SINK_OPTIONS));
    const sink = new KafkaSink(connection, new TopicNames('trades'));
    const began = performance.now();
    for (const records of tradesOf(0, COUNT)) await sink.write(records);
    await sink.close();
    const produced = performance.now();
    const last = new Map<string, number>();
    let count = 0;
    let different = 0;
    let back = 0;
    const source = new KafkaSource({ connection, topics: ['trades'], group: 'round-trip', toEnd: true });
    await source.run(records => {
      for (const record of records) {
        count++;
        const n = Number(record.sequence);
        if (JSON.stringify(record) !== JSON.stringify(tradeOf(n))) different++;
        const key = `${record.venue} ${record.symbol}`;
        if (n <= (last.get(key) ?? -1)) back++;
        last.set(key, n);
      }
    }, new AbortController().signal);
    const consumed = performance.now();
    expect({ count, different, back, instruments: last.size }).toEqual({
      ...{ count: COUNT, different: 0, back: 0, instruments: 10 },
    });
    const rate = (ms: number) => Math.round((COUNT / ms) * 1000);
    console.log(`${rate(produced - began)} messages/s in, ${rate(consumed - produced)} messages/s out`);
  });
});
