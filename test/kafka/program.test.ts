import {
  type FeedEvent,
  type KlineRecord,
  kafkaFeed,
  kafkaLive,
  kafkaSink,
  kafkaSource,
  type MarketRecord,
} from 'qt-trader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts';
import { tradeOf } from './trades.ts';

const MINUTE = 60_000_000;
const BEGIN = Date.UTC(2024, 0, 1) * 1000;

function klineOf(n: number): KlineRecord {
  const openTime = BEGIN + n * MINUTE;
  const price = 100 + n;
  const [open, high, low, close, volume] = [price, price + 2, price - 2, price + 1, 5];
  return {
    ...{ kind: 'kline', venue: 'okx', symbol: 'BTC-USDT', native: 'BTCUSDT', sequence: null },
    ...{ exchangeTime: openTime + MINUTE, receiveTime: openTime + MINUTE, publishTime: openTime + MINUTE },
    ...{ interval: '1m', openTime, open, high, low, close, volume, quoteVolume: 500, trades: 7 },
    texts: [String(open), String(high), String(low), String(close), String(volume)],
    ...{ isClosed: true, isHistory: false, isLate: false },
  };
}

describe.skipIf(noKafka)('Kafka in a program', () => {
  const broker = new KafkaBroker();
  beforeAll(async () => {
    await broker.start();
  });
  afterAll(() => broker.end());

  test('what a sink has written a source of the topic gives, once for each group', async () => {
    const trades = Array.from({ length: 1000 }, (_, n) => tradeOf(n));
    const sink = await kafkaSink(broker.address, { topic: 'all' });
    await sink.write(trades);
    await sink.close();
    const read = async () => {
      const got: MarketRecord[] = [];
      const source = await kafkaSource(`${broker.address}/all`, { group: 'one', toEnd: true });
      await source.run(records => void got.push(...records), new AbortController().signal);
      return got;
    };
    const inOrder = (records: readonly MarketRecord[]) =>
      records.toSorted((one, other) => Number(one.sequence) - Number(other.sequence));
    expect(inOrder(await read())).toEqual(trades);
    expect(await read()).toEqual([]);
  });

  test('klines of a topic are a feed, and the same feed goes on live', async () => {
    const sink = await kafkaSink(broker.address);
    await sink.write(Array.from({ length: 20 }, (_, n) => klineOf(n)));
    const address = `${broker.address}/BTC-USDT?interval=1m`;
    const times = (events: readonly FeedEvent[]) =>
      events.flatMap(event => (event.kind === 'bars' ? [...event.bars.time] : []));
    const expected = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => (BEGIN + (from + n) * MINUTE) / 1000);

    const history = await kafkaFeed(address);
    const past: FeedEvent[] = [];
    const request = { warmup: 20, signal: new AbortController().signal };
    for await (const event of history.events(request)) past.push(event);
    expect(times(past)).toEqual(expected(0, 20));

    const live = await kafkaLive([address]);
    const came: FeedEvent[] = [];
    for await (const event of live.feeds[0].events(request)) {
      came.push(event);
      if (event.kind === 'status' && event.status === 'live') await sink.write([klineOf(20), klineOf(21)]);
      if (times(came).length === 22) break;
    }
    await live.close();
    await sink.close();
    expect(times(came)).toEqual(expected(0, 22));
  });

  test('an address without anybody behind it is told in one line', async () => {
    const nobody = 'kafka://127.0.0.1:1';
    for (const attempt of [() => kafkaSink(nobody), () => kafkaFeed(`${nobody}/x?interval=1m`)]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
    }
    await expect(kafkaSource('kafka://127.0.0.1', { group: 'g' })).rejects.toMatchObject({
      code: 'KAFKA_ADDRESS',
    });
  });
});
