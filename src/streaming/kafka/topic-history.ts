import { BarBuilder } from '../../feeds/transforms/bar-builder.ts';
import type { Bars } from '../../model/bars.ts';
import { NetworkError } from '../../model/errors.ts';
import type { MarketRecord } from '../../model/records.ts';
import type { RecordBars } from '../record-bars.ts';
import type { RecordBar } from '../trade-bars.ts';
import { type Chunk, type KafkaReader, keyOf, OffsetsGone, type Position } from './reader.ts';
import { decodeRecord } from './record-json.ts';

/** Columns of the bars beyond OHLCV. */
export const BAR_COLUMNS = ['quoteVolume', 'trades'] as const;

/** Reads the records of a topic from its first message on, without any group. */
export class TopicRecords {
  readonly #reader: KafkaReader;
  readonly #positions = new Map<string, Position>();
  readonly #ends = new Map<string, number>();
  /** Messages that are no records. */
  invalid = 0;
  #first = 0;

  constructor(reader: KafkaReader) {
    this.#reader = reader;
  }

  /** Finds out where the topic begins, and where it ends now, or ended then; reads from there if told so. Throws `KAFKA_*`. */
  async open(ends?: ReadonlyMap<string, number>, from: 'earliest' | 'latest' = 'earliest'): Promise<void> {
    for (const { earliest, end, partition, topic } of await this.#reader.bounds()) {
      const key = keyOf({ topic, partition });
      this.#positions.set(key, { topic, partition, offset: from === 'earliest' ? earliest : end });
      this.#ends.set(key, ends === undefined ? end : (ends.get(key) ?? 0));
      this.#first += earliest;
    }
  }

  /** Where the partitions ended at the opening. */
  get ends(): ReadonlyMap<string, number> {
    return this.#ends;
  }

  /** True when all that was there at the opening has been read. */
  get isAtEnd(): boolean {
    return [...this.#positions].every(([key, { offset }]) => offset >= (this.#ends.get(key) ?? 0));
  }

  /** How much of it has been read, 0 … 1. */
  get progress(): number {
    const end = [...this.#ends.values()].reduce((sum, one) => sum + one, 0) - this.#first;
    const at = [...this.#positions.values()].reduce((sum, { offset }) => sum + offset, 0) - this.#first;
    return end <= 0 ? 1 : Math.min(1, at / end);
  }

  /** What comes next; nothing when nothing came for a while. Throws NetworkError, InputError `KAFKA_*`. */
  async next(): Promise<{ readonly record: MarketRecord; readonly time: number }[]> {
    let chunks: Chunk[];
    try {
      chunks = await this.#reader.fetch([...this.#positions.values()]);
    } catch (error) {
      if (!(error instanceof OffsetsGone)) throw error;
      throw new NetworkError('KAFKA_EXPIRED', 'the cluster deleted messages before they were read', {
        retriable: false,
        fix: 'give the topic a longer retention, then start again',
        cause: error,
      });
    }
    const records: { record: MarketRecord; time: number }[] = [];
    for (const chunk of chunks) {
      const { messages, next, partition, topic } = chunk;
      this.#positions.set(keyOf(chunk), { topic, partition, offset: next });
      for (const { time, value } of messages) {
        if (value === null) continue;
        const record = decodeRecord(value);
        if (typeof record === 'string') this.invalid++;
        else records.push({ record, time });
      }
    }
    return records;
  }
}

/**
 * All bars of what is there now, in the order of time, each once; klines that came late have their place. The last bar of trades is
 * one when it ended before `now`, epoch ms UTC.
 */
export async function barsOfTopic(
  records: TopicRecords,
  bars: RecordBars,
  now: number,
  signal: AbortSignal,
  next = () => records.next(),
): Promise<RecordBar[]> {
  const ofKlines = new Map<number, RecordBar>();
  const ofTrades = new Map<number, RecordBar>();
  while (!records.isAtEnd && !signal.aborted) {
    for (const { record } of await next()) {
      for (const bar of bars.push(record, true)) {
        const own = record.kind === 'kline' ? ofKlines : ofTrades;
        if (!own.has(bar.time)) own.set(bar.time, bar);
      }
    }
  }
  if (bars.isOfKlines) return inOrder(ofKlines);
  const { end, growing } = bars.trades;
  if (growing !== undefined && end <= now) ofTrades.set(growing.time, growing);
  return inOrder(ofTrades);
}

function inOrder(bars: ReadonlyMap<number, RecordBar>): RecordBar[] {
  return [...bars.values()].sort((one, other) => one.time - other.time);
}

export function columnsOf(bars: readonly RecordBar[]): Bars {
  const builder = new BarBuilder(BAR_COLUMNS);
  for (const { close, high, low, open, quoteVolume, time, trades, volume } of bars) {
    builder.push(time, open, high, low, close, volume);
    builder.pushExtra(0, quoteVolume);
    builder.pushExtra(1, trades);
  }
  return builder.take();
}
