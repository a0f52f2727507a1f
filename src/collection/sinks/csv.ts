import { join } from 'node:path';
import { type Level, type MarketRecord, METRICS } from '../../model/records.ts';
import { LineFile } from './line-file.ts';
import type { RecordSink } from './sink.ts';

type Row = readonly (string | number | boolean | null)[];

/** Columns that every row begins with. Times are microseconds since the epoch, UTC. */
const HEAD = ['venue', 'symbol', 'native', 'exchange_time', 'receive_time', 'publish_time', 'sequence'];

const snakeCase = (name: string) => name.replace(/[A-Z]|(?<=[a-z])[0-9]+/g, part => `_${part.toLowerCase()}`);

/** Further columns of each kind of record, and its rows. Prices and sizes are the texts of the wire. */
const TABLES = {
  trade: {
    file: 'trades',
    columns: ['id', 'side', 'price', 'size', 'is_history', 'is_late'],
    rows: record => [
      [record.id, record.side, record.priceText, record.sizeText, record.isHistory, record.isLate],
    ],
  },
  book: {
    file: 'book',
    columns: ['type', 'side', 'price', 'size'],
    rows: ({ asks, bids, type }) => [
      ...bids.map(level => levelRow(type, 'bid', level)),
      ...asks.map(level => levelRow(type, 'ask', level)),
    ],
  },
  order: {
    file: 'orders',
    columns: ['action', 'order_id', 'side', 'price', 'size'],
    rows: record => [[record.action, record.orderId, record.side, record.priceText, record.sizeText]],
  },
  kline: {
    file: 'klines',
    columns: [
      ...['interval', 'open_time', 'open', 'high', 'low', 'close', 'volume', 'quote_volume', 'trades'],
      ...['is_closed', 'is_history', 'is_late'],
    ],
    rows: ({ interval, isClosed, isHistory, isLate, openTime, quoteVolume, texts, trades }) => [
      [interval, openTime, ...texts, quoteVolume, trades, isClosed, isHistory, isLate],
    ],
  },
  ticker: {
    file: 'tickers',
    columns: ['bid', 'bid_size', 'ask', 'ask_size', 'last', 'volume', 'high', 'low'],
    rows: ({ ask, askSize, bid, bidSize, high, last, low, volume }) => [
      [bid, bidSize, ask, askSize, last, volume, high, low],
    ],
  },
  gap: {
    file: 'gaps',
    columns: [
      'channel',
      'gap',
      'state',
      'cause',
      'rule',
      'detail',
      'from',
      'to',
      'after',
      'before',
      'is_filled',
    ],
    rows: record => [
      [
        ...[record.channel, record.gap, record.state, record.cause, record.rule, record.detail],
        ...[record.from, record.to, record.after, record.before, record.isFilled],
      ],
    ],
  },
  metrics: {
    file: 'metrics',
    columns: ['from', 'to', 'is_valid', 'is_whole', ...METRICS.map(snakeCase)],
    rows: record => [
      [record.from, record.to, record.isValid, record.isWhole, ...METRICS.map(name => record[name])],
    ],
  },
} satisfies {
  [Kind in MarketRecord['kind']]: {
    readonly file: string;
    readonly columns: readonly string[];
    rows(record: Extract<MarketRecord, { kind: Kind }>): readonly Row[];
  };
};

/** A CSV file for each kind of record: trades.csv, book.csv (a row a level), klines.csv, … in one folder. */
export class CsvFolder implements RecordSink {
  readonly name: string;
  readonly #files = new Map<MarketRecord['kind'], LineFile>();

  constructor(folder: string) {
    this.name = folder;
  }

  /** Every file that may be in the folder. */
  get paths(): readonly string[] {
    return Object.values(TABLES).map(({ file }) => join(this.name, `${file}.csv`));
  }

  write(records: readonly MarketRecord[]): void {
    const lines = new Map<MarketRecord['kind'], string>();
    for (const record of records) {
      const head = [
        ...[record.venue, record.symbol, record.native, record.exchangeTime, record.receiveTime],
        ...[record.publishTime, record.sequence],
      ];
      const { rows } = TABLES[record.kind];
      for (const row of rows(record as never)) {
        lines.set(record.kind, `${lines.get(record.kind) ?? ''}${[...head, ...row].map(field).join(',')}\n`);
      }
    }
    for (const [kind, text] of lines) this.#file(kind).append(text);
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  #file(kind: MarketRecord['kind']): LineFile {
    const known = this.#files.get(kind);
    if (known !== undefined) return known;
    const { columns, file } = TABLES[kind];
    const opened = new LineFile(join(this.name, `${file}.csv`));
    if (opened.isEmpty) opened.append(`${[...HEAD, ...columns].join(',')}\n`);
    this.#files.set(kind, opened);
    return opened;
  }
}

function levelRow(type: string, side: string, [price, size]: Level): Row {
  return [type, side, price, size];
}

function field(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
