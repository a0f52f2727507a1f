import { expect, test } from 'vitest';
import { SinkQueue } from '../../src/collection/sinks/sink-queue.ts';
import type { MarketRecord, TradeRecord } from '../../src/model/records.ts';

const trade = (number: number): TradeRecord => ({
  ...({ kind: 'trade', venue: 'okx', symbol: 'BTC-USDT', native: 'BTC-USDT', sequence: null } as const),
  ...{ exchangeTime: number, receiveTime: 1000 + number, publishTime: 1000 + number },
  ...({ id: String(number), side: 'buy', price: 1, priceText: '1', size: 1, sizeText: '1' } as const),
  ...{ isHistory: false, isLate: false, fills: null },
});

/** A sink that takes nothing before it is told to. */
function standing() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const taken: MarketRecord[] = [];
  const sink = {
    name: 'standing',
    write: async (records: readonly MarketRecord[]) => {
      await promise;
      taken.push(...records);
    },
    close: () => {},
  };
  return { sink, taken, go: resolve };
}

test('a sink that stands still is given no more than its queue holds, and is told what it misses', async () => {
  const { go, sink, taken } = standing();
  const queue = new SinkQueue(sink, { most: 100, onFailure: error => expect.unreachable(String(error)) });
  let longest = 0;
  for (let number = 0; number < 10_000; number++) {
    queue.push(trade(number));
    longest = Math.max(longest, queue.length);
    if (number % 50 === 0) await Promise.resolve();
  }
  expect(longest).toBeLessThanOrEqual(101);
  go();
  await queue.close();
  const trades = taken.flatMap(record => (record.kind === 'trade' ? [Number(record.id)] : []));
  const gaps = taken.flatMap(record => (record.kind === 'gap' ? [record] : []));
  expect(trades.length + queue.dropped).toBe(10_000);
  expect(queue.dropped).toBeGreaterThan(9000);
  expect(new Set(trades).size).toBe(trades.length);
  expect(trades.at(-1)).toBe(9999);
  expect(gaps.length).toBeGreaterThan(0);
  // Every record that was given up lies within a gap that the sink was told of.
  const kept = new Set(trades);
  for (let number = 0; number < 10_000; number++) {
    const time = 1000 + number;
    const isTold = gaps.some(({ cause, from, to }) => cause === 'SINK_SLOW' && from <= time && time <= to!);
    expect(kept.has(number) || isTold, `trade ${number}`).toBe(true);
  }
});

test('a sink that stands still holds up no other one', async () => {
  const [slow, quick] = [standing(), standing()];
  quick.go();
  const queues = [slow, quick].map(one => new SinkQueue(one.sink, { most: 100, onFailure: () => {} }));
  for (let number = 0; number < 5000; number++) {
    for (const queue of queues) queue.push(trade(number));
    if (number % 20 === 0) await new Promise(resolve => setImmediate(resolve));
  }
  await queues[1].close();
  expect(quick.taken.map(record => (record as TradeRecord).id)).toEqual(
    Array.from({ length: 5000 }, (_, number) => String(number)),
  );
  expect(queues[1].dropped).toBe(0);
  expect(queues[0].dropped).toBeGreaterThan(4000);
  slow.go();
  await queues[0].close();
});
