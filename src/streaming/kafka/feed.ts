import type { DataFeed, FeedEvent } from '../../feeds/feed.ts';
import { sliceBars } from '../../model/bars.ts';
import { DataError, InputError } from '../../model/errors.ts';
import { type Instrument, instrument } from '../../model/instrument.ts';
import { type Interval, parseInterval } from '../../model/interval.ts';
import { RecordBars, type RecordBarsOptions } from '../record-bars.ts';
import type { RecordBar } from '../trade-bars.ts';
import { choiceOf, parseKafkaAddress } from './address.ts';
import { type KafkaConnection, kafkaConnection } from './connection.ts';
import { KafkaReader } from './reader.ts';
import { BAR_COLUMNS, barsOfTopic, columnsOf, TopicRecords } from './topic-history.ts';

/** Options of a feed's address. */
export const FEED_OPTIONS = ['interval', 'bars', 'venue', 'symbol'] as const;

/** Bars given at once. */
const CHUNK = 16_384;
/** Trades may be on their way so long, ms. */
const GRACE_MS = 5000;

/** What a feed's address says. */
export interface KafkaFeedTerms extends RecordBarsOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
}

/** Reads `kafka://HOST:9092/TOPIC?interval=1m`. Throws InputError `KAFKA_*`, `INTERVAL_INVALID`. */
export function kafkaFeedTerms(text: string): KafkaFeedTerms {
  const address = parseKafkaAddress(text, FEED_OPTIONS);
  const { name, options, topic } = address;
  const interval = options.get('interval');
  if (topic === undefined || interval === undefined) {
    throw new InputError('KAFKA_ADDRESS', `${name} names no ${topic === undefined ? 'topic' : 'interval'}`, {
      value: name,
      fix: 'write kafka://HOST:9092/BTC-USDT?interval=1m',
    });
  }
  return {
    connection: kafkaConnection(address),
    ...{
      topic,
      name,
      interval: parseInterval(interval),
      venue: options.get('venue'),
      symbol: options.get('symbol'),
    },
    from: choiceOf(address, 'bars', ['auto', 'klines', 'trades'], 'auto'),
  };
}

/**
 * The history of a topic as a feed: its closed klines of an interval, or bars of its trades, up to what is there when it is opened.
 * All bars are in memory. Throws `KAFKA_*`, `FEED_MIXED`, DataError `KAFKA_NO_BARS`.
 */
export async function kafkaFeed(
  text: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<DataFeed> {
  const terms = kafkaFeedTerms(text);
  const reader = new KafkaReader(terms.connection, [terms.topic]);
  try {
    const records = new TopicRecords(reader);
    await records.open();
    const made = new RecordBars(terms);
    const bars = await barsOfTopic(records, made, Date.now() - GRACE_MS, signal);
    if (bars.length === 0 && !signal.aborted) throw noBars(terms);
    return historyFeed(terms, made, bars, records.invalid);
  } finally {
    await reader.close();
  }
}

function historyFeed(
  { interval, topic }: KafkaFeedTerms,
  made: RecordBars,
  list: readonly RecordBar[],
  invalid: number,
): DataFeed {
  const bars = columnsOf(list);
  const notes: string[] = [];
  if (!made.isOfKlines) notes.push(`${topic} has no klines of ${interval}: the bars are made of its trades`);
  if (invalid > 0) notes.push(`${invalid} messages of ${topic} are no records, and were left out`);
  if (made.trades.late > 0 && !made.isOfKlines)
    notes.push(`${made.trades.late} trades came too late for their bars`);
  return {
    instrument: instrumentOf(made, topic),
    interval,
    stamps: 'open',
    columns: [...BAR_COLUMNS],
    length: bars.length,
    notes: () => notes,
    async *events({ signal }): AsyncGenerator<FeedEvent> {
      for (let from = 0; from < bars.length && !signal.aborted; from += CHUNK) {
        const to = Math.min(bars.length, from + CHUNK);
        yield { kind: 'bars', bars: sliceBars(bars, from, to), phase: 'run', late: false };
      }
    },
  };
}

/** Whose bars they are, by their symbol; before there is a record by what was asked for, or the topic's name. */
export function instrumentOf(made: RecordBars, otherwise: string): Instrument {
  const symbol = made.instrument?.symbol || otherwise;
  return instrument(symbol, /-PERP$/.test(symbol) ? perpetual(symbol) : {});
}

function perpetual(symbol: string): Partial<Instrument> {
  const [base, quote] = symbol.split('-');
  return { base, quote, market: 'usdm' };
}

function noBars({ from, interval, name }: { from: string; interval: Interval; name: string }): DataError {
  const what =
    from === 'trades'
      ? 'trades'
      : from === 'klines'
        ? `closed klines of ${interval}`
        : `closed klines of ${interval}, and no trades`;
  return new DataError('KAFKA_NO_BARS', `${name} has no ${what}`, {
    value: interval,
    fix: 'check the topic and the interval; qt pipe kafka://… --sink stdout --until-end shows what is in it',
  });
}
