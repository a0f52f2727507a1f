import { compatibilityPartitioner } from '@platformatic/kafka';
import type { Series } from '../../feeds/live/contract.ts';
import type { BarSink, OpenSinks } from '../../live/record/sinks.ts';
import type { Bars } from '../../model/bars.ts';
import { decimalText } from '../../model/decimal-text.ts';
import { instrument } from '../../model/instrument.ts';
import { barEnd, type Interval } from '../../model/interval.ts';
import type { GapRecord, KlineRecord, MarketRecord } from '../../model/records.ts';
import { type KafkaConnection, withAdmin } from './connection.ts';
import type { StreamMetrics } from './metrics.ts';
import { KafkaReader } from './reader.ts';
import { decodeRecord } from './record-json.ts';
import { KafkaSink } from './sink.ts';
import type { TopicNames } from './topics.ts';

/** Messages that are looked at from the end of a partition first; then twice as many, and so on. */
const FIRST_LOOK = 500;

export interface KlineSinkOptions {
  readonly connection: KafkaConnection;
  readonly topics: TopicNames;
  /** Who the klines are of, as records call them. */
  readonly venue: string;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  /** Time, µs UTC. */
  readonly clock: () => number;
  readonly metrics?: StreamMetrics;
}

/**
 * Opens topics for a recording: each closed kline is a record, delivered before the next one. Where each series goes on is found in
 * the topic itself. Throws `KAFKA_*`.
 */
export async function openKlineSinks(options: KlineSinkOptions): Promise<OpenSinks & { ending(): void }> {
  const { connection, interval, metrics, symbols, topics } = options;
  const lasts = new Map<string, number>();
  const there = new Set(await withAdmin(connection, admin => admin.listTopics()));
  for (const symbol of symbols) {
    const like = recordOf(options, { symbol, interval }, NOTHING, 0);
    const topic = topics.of(like);
    const last = there.has(topic) ? await lastKline(connection, topic, like) : undefined;
    if (last !== undefined) lasts.set(symbol, last.openTime / 1000);
  }
  const sink = new KafkaSink(connection, topics, metrics);
  let gaps: GapRecord[] = [];
  const send = async (records: readonly MarketRecord[]) => {
    const all = [...gaps, ...records];
    gaps = [];
    if (all.length > 0) await sink.write(all);
  };
  const own: BarSink = {
    last: symbol => lasts.get(symbol),
    write: (series, bars) =>
      send(Array.from({ length: bars.length }, (_, row) => recordOf(options, series, bars, row))),
    gap: (series, gap) => gaps.push(gapOf(options, series, gap, gaps.length + 1)),
  };
  return {
    of: new Map(symbols.map(symbol => [symbol, own])),
    files: [{ path: connection.address.name, torn: 0 }],
    different: 0,
    ending: () => sink.ending(),
    close: async () => {
      try {
        await send([]);
      } finally {
        await sink.close();
      }
    },
  };
}

/** Looks back from the end of the partition in which the series is. */
async function lastKline(
  connection: KafkaConnection,
  topic: string,
  { interval, native, symbol, venue }: KlineRecord,
): Promise<KlineRecord | undefined> {
  const reader = new KafkaReader(connection, [topic]);
  try {
    const bounds = (await reader.bounds()).sort((one, other) => one.partition - other.partition);
    const hash = compatibilityPartitioner({ topic }, Buffer.from(`${venue} ${symbol}`));
    const { earliest, end, partition } = bounds[hash % bounds.length];
    for (let look = FIRST_LOOK, to = end; to > earliest; look *= 2) {
      const from = Math.max(earliest, to - look);
      let last: KlineRecord | undefined;
      for (let offset = from; offset < to; ) {
        for (const chunk of await reader.fetch([{ topic, partition, offset }])) {
          for (const message of chunk.messages) {
            const record = message.value === null || message.offset >= to ? '' : decodeRecord(message.value);
            if (typeof record === 'string' || record.kind !== 'kline' || record.isClosed !== true) continue;
            if (record.venue !== venue || record.native !== native || record.interval !== interval) continue;
            if (last === undefined || record.openTime > last.openTime) last = record;
          }
          offset = chunk.next;
        }
      }
      if (last !== undefined) return last;
      to = from;
    }
    return undefined;
  } finally {
    await reader.close();
  }
}

/** `BTCUSDT` as records call it. */
function symbolOf(native: string): string {
  const { base, quote } = instrument(native);
  return `${base}${quote}` === native ? `${base}-${quote}` : native;
}

function recordOf(
  { clock, venue }: KlineSinkOptions,
  { interval, symbol: native }: Series,
  bars: Bars,
  row: number,
): KlineRecord {
  const { close, extra, high, low, open, time, volume } = bars;
  const now = clock();
  const extraOf = (name: string) => {
    const value = extra[name]?.[row] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  const texts = [open, high, low, close, volume].map(column => decimalText(column[row]));
  return {
    ...{ kind: 'kline', venue, symbol: symbolOf(native), native, interval },
    ...{
      exchangeTime: (barEnd(time[row], interval) - 1) * 1000,
      receiveTime: now,
      publishTime: now,
      sequence: null,
    },
    openTime: time[row] * 1000,
    ...{ open: open[row], high: high[row], low: low[row], close: close[row], volume: volume[row] },
    texts: texts as unknown as KlineRecord['texts'],
    ...{ quoteVolume: extraOf('quoteVolume'), trades: extraOf('trades') },
    ...{ isClosed: true, isHistory: false, isLate: false },
  };
}

/** A row of nothing, to learn what its record would be called. */
const NOTHING: Bars = {
  length: 1,
  ...{
    time: Float64Array.of(0),
    open: Float64Array.of(0),
    high: Float64Array.of(0),
    low: Float64Array.of(0),
  },
  ...{ close: Float64Array.of(0), volume: Float64Array.of(0), extra: {} },
};

function gapOf(
  { clock, venue }: KlineSinkOptions,
  { symbol: native }: Series,
  { from, to }: { readonly from: number; readonly to: number },
  number: number,
): GapRecord {
  const now = clock();
  return {
    ...{
      kind: 'gap',
      venue,
      symbol: symbolOf(native),
      native,
      channel: 'klines',
      gap: number,
      state: 'closed',
    },
    ...{ exchangeTime: null, receiveTime: now, publishTime: now, sequence: null, cause: 'NO_BARS' },
    rule: 'klines follow each other',
    detail: `the exchange has no klines from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`,
    ...{ from: from * 1000, to: to * 1000, after: null, before: null, isFilled: false },
  };
}
