import type Database from 'better-sqlite3';
import { type MarketRecord, METRICS } from '../model/records.ts';
import { openDatabase, storeFailure } from './database.ts';

/** "qtmk": by this a store of market data is told from other stores. */
const APPLICATION = 0x71746d6b;

const HEAD = `
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  native TEXT NOT NULL,
  exchange_time INTEGER,
  receive_time INTEGER NOT NULL,
  publish_time INTEGER NOT NULL,
  sequence TEXT,`;

/** Steps are only ever added. Times are microseconds since the epoch, UTC; prices and sizes the texts of the wire. */
const MIGRATIONS = [
  `
CREATE TABLE trades (${HEAD}
  id TEXT, side TEXT, price TEXT NOT NULL, size TEXT NOT NULL, price_value REAL NOT NULL, size_value REAL NOT NULL,
  is_history INTEGER NOT NULL
);
CREATE UNIQUE INDEX trade_ids ON trades (venue, native, id) WHERE id IS NOT NULL;
CREATE INDEX trade_times ON trades (venue, symbol, exchange_time);
CREATE TABLE books (${HEAD}
  type TEXT NOT NULL, bids TEXT NOT NULL, asks TEXT NOT NULL
);
CREATE INDEX book_times ON books (venue, symbol, receive_time);
CREATE TABLE orders (${HEAD}
  action TEXT NOT NULL, order_id TEXT NOT NULL, side TEXT NOT NULL, price TEXT, size TEXT
);
CREATE INDEX order_times ON orders (venue, symbol, receive_time);
CREATE TABLE klines (${HEAD}
  interval TEXT NOT NULL, open_time INTEGER NOT NULL, open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL,
  close TEXT NOT NULL, volume TEXT NOT NULL, quote_volume REAL, trades INTEGER, is_closed INTEGER,
  PRIMARY KEY (venue, native, interval, open_time)
);
CREATE TABLE tickers (${HEAD}
  bid TEXT, bid_size TEXT, ask TEXT, ask_size TEXT, last TEXT, volume TEXT, high TEXT, low TEXT
);
CREATE INDEX ticker_times ON tickers (venue, symbol, receive_time);
CREATE TABLE gaps (${HEAD}
  channel TEXT, gap INTEGER NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL, rule TEXT NOT NULL,
  detail TEXT NOT NULL, "from" INTEGER NOT NULL, "to" INTEGER, "after" TEXT, "before" TEXT
);
`,
  `
CREATE TABLE metrics (${HEAD}
  "from" INTEGER NOT NULL, "to" INTEGER NOT NULL, is_valid INTEGER, is_whole INTEGER NOT NULL,
  bid REAL, bid_size REAL, ask REAL, ask_size REAL, spread REAL, spread_bps REAL, mid REAL, microprice REAL,
  imbalance REAL, imbalance_signed REAL, imbalance_5 REAL, imbalance_5_signed REAL, imbalance_10 REAL,
  imbalance_10_signed REAL, bid_depth_10bps REAL, ask_depth_10bps REAL, bid_depth_50bps REAL,
  ask_depth_50bps REAL, bid_depth_100bps REAL, ask_depth_100bps REAL, open REAL, high REAL, low REAL,
  close REAL, volume REAL, quote_volume REAL, buy_volume REAL, sell_volume REAL, trades INTEGER, vwap REAL,
  vwap_since_start REAL, order_flow_imbalance REAL, inserts INTEGER, updates INTEGER, deletes INTEGER,
  insert_share REAL, update_share REAL, delete_share REAL, trades_per_second REAL,
  book_records_per_second REAL, receive_latency_mean REAL, receive_latency_most REAL,
  publish_latency_mean REAL, publish_latency_most REAL
);
CREATE INDEX metrics_times ON metrics (venue, symbol, "from");
`,
  `
ALTER TABLE trades ADD COLUMN is_late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gaps ADD COLUMN is_filled INTEGER;
`,
  `
CREATE TABLE sources (source TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
`,
];

/**
 * Market data as it was collected, a table for each kind of record. A trade with an id is there once, however often it is
 * written; of a kline the newest row stays. Throws `STORE_*`.
 */
export class MarketStore {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #position: Database.Statement;
  readonly #mark: Database.Statement;
  readonly #insert: { readonly [Kind in MarketRecord['kind']]: Database.Statement };

  constructor(file: string) {
    this.file = file;
    this.#database = openDatabase(file, MIGRATIONS, { application: APPLICATION, option: '--sink' });
    this.#position = this.#database.prepare('SELECT next FROM sources WHERE source = ?');
    this.#mark = this.#database.prepare('INSERT OR REPLACE INTO sources VALUES (?, ?)');
    const insert = (how: string, table: string, width: number) =>
      this.#database.prepare(`${how} INTO ${table} VALUES (${Array(width).fill('?').join(', ')})`);
    this.#insert = {
      trade: insert('INSERT OR IGNORE', 'trades', 15),
      book: insert('INSERT', 'books', 10),
      order: insert('INSERT', 'orders', 12),
      kline: insert('INSERT OR REPLACE', 'klines', 17),
      ticker: insert('INSERT', 'tickers', 15),
      gap: insert('INSERT', 'gaps', 18),
      metrics: insert('INSERT', 'metrics', 11 + METRICS.length),
    };
  }

  /** All of them or none. */
  add(records: readonly MarketRecord[]): void {
    try {
      this.#database
        .transaction(() => {
          for (const record of records) this.#insert[record.kind].run(headOf(record), rowOf(record));
        })
        .immediate();
    } catch (error) {
      throw storeFailure(error, this.file, '--sink');
    }
  }

  /**
   * Takes records of a source that numbers them, and keeps how far it has come: all or nothing. What others have taken of the
   * same source in the meantime is left out. Returns how many were taken. Throws `STORE_*`.
   */
  addFrom(
    source: string,
    records: readonly MarketRecord[],
    numbers: readonly number[],
    next: number,
  ): number {
    try {
      return this.#database
        .transaction(() => {
          const known = this.positionOf(source) ?? 0;
          let taken = 0;
          for (const [i, record] of records.entries()) {
            if (numbers[i] < known) continue;
            this.#insert[record.kind].run(headOf(record), rowOf(record));
            taken++;
          }
          if (next > known) this.#mark.run(source, next);
          return taken;
        })
        .immediate();
    } catch (error) {
      throw storeFailure(error, this.file, '--sink');
    }
  }

  /** The number behind the last that was taken of a source; undefined for one that nothing was taken of. */
  positionOf(source: string): number | undefined {
    return (this.#position.get(source) as { next: number } | undefined)?.next;
  }

  close(): void {
    this.#database.close();
  }
}

function headOf(record: MarketRecord): unknown[] {
  const { exchangeTime, native, publishTime, receiveTime, sequence, symbol, venue } = record;
  return [venue, symbol, native, exchangeTime, receiveTime, publishTime, sequence];
}

function rowOf(record: MarketRecord): unknown[] {
  if (record.kind === 'trade') {
    const { id, isHistory, isLate, price, priceText, side, size, sizeText } = record;
    return [id, side, priceText, sizeText, price, size, Number(isHistory), Number(isLate)];
  }
  if (record.kind === 'book') {
    const text = (levels: typeof record.bids) => JSON.stringify(levels.map(([price, size]) => [price, size]));
    return [record.type, text(record.bids), text(record.asks)];
  }
  if (record.kind === 'order') {
    return [record.action, record.orderId, record.side, record.priceText, record.sizeText];
  }
  if (record.kind === 'kline') {
    const { interval, isClosed, openTime, quoteVolume, texts, trades } = record;
    return [interval, openTime, ...texts, quoteVolume, trades, isClosed === null ? null : Number(isClosed)];
  }
  if (record.kind === 'ticker') {
    const { ask, askSize, bid, bidSize, high, last, low, volume } = record;
    return [bid, bidSize, ask, askSize, last, volume, high, low];
  }
  if (record.kind === 'metrics') {
    const { from, isValid, isWhole, to } = record;
    const flag = isValid === null ? null : Number(isValid);
    return [from, to, flag, Number(isWhole), ...METRICS.map(name => record[name])];
  }
  const { after, before, cause, channel, detail, from, gap, isFilled, rule, state, to } = record;
  const flag = isFilled === null ? null : Number(isFilled);
  return [channel, gap, state, cause, rule, detail, from, to, after, before, flag];
}
