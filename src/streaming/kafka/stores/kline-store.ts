import type { Column } from '../../../live/record/columns.ts';
import type { RowFormat } from '../../../live/record/row-format.ts';
import { filePath, type OpenSinks, openFiles } from '../../../live/record/sinks.ts';
import type { Bars } from '../../../model/bars.ts';
import { InputError, type OutputError } from '../../../model/errors.ts';
import { type Interval, parseInterval } from '../../../model/interval.ts';
import type { KlineRecord } from '../../../model/records.ts';
import { ClosedKlines } from '../../closed-klines.ts';
import type { Partition } from '../reader.ts';
import { keyOf } from '../reader.ts';
import type { RecordBatch } from '../source.ts';
import { MarksFile } from './marks-file.ts';
import { type PipeStore, sourceOf } from './store.ts';

export interface KlineStoreOptions {
  /** `{symbol}`, `{SYMBOL}` and `{interval}` are filled in. */
  readonly out: string;
  readonly format: RowFormat;
  readonly columns?: readonly Column[] | undefined;
  readonly onFailure: (error: OutputError) => void;
}

interface OneFile {
  readonly sinks: OpenSinks;
  readonly symbol: string;
  readonly interval: Interval;
  last: number;
}

/**
 * Closed klines in files of bars, as a recording writes them and feeds read them: each once and in order, found by its time. The
 * marks stay behind klines that may still grow.
 */
export class KlinePipeStore implements PipeStore {
  readonly name: string;
  readonly #options: KlineStoreOptions;
  readonly #marks: MarksFile;
  readonly #files = new Map<string, OneFile>();
  readonly #closed = new Map<string, ClosedKlines>();

  constructor(options: KlineStoreOptions) {
    this.name = options.out;
    this.#options = options;
    this.#marks = new MarksFile(`${options.out.replace(/[{}]/g, '')}.marks.json`);
  }

  positionOf(topicId: string, partition: Partition): number | undefined {
    return this.#marks.marks.positions[sourceOf(topicId, partition)];
  }

  write(batch: RecordBatch): number {
    const { next, offsets, records, topicId } = batch;
    const closed = this.#closedOf(batch);
    let taken = 0;
    for (const [i, record] of records.entries()) {
      if (record.kind !== 'kline') continue;
      for (const kline of closed.push(record, offsets[i])) taken += this.#add(kline);
    }
    const position = Math.min(next, closed.firstGrowing ?? next);
    const { positions, sizes } = this.#marks.marks;
    const source = sourceOf(topicId, batch);
    if (position > (positions[source] ?? 0))
      this.#marks.save({ positions: { ...positions, [source]: position }, sizes });
    return taken;
  }

  close(): void {
    for (const { sinks } of this.#files.values()) void sinks.close();
    this.#marks.close();
  }

  #closedOf(partition: Partition): ClosedKlines {
    const key = keyOf(partition);
    let closed = this.#closed.get(key);
    if (closed === undefined) {
      closed = new ClosedKlines();
      this.#closed.set(key, closed);
    }
    return closed;
  }

  #add(kline: KlineRecord): number {
    const interval = parseInterval(kline.interval);
    const symbol = nameOf(kline);
    const file = this.#file(symbol, interval);
    const time = kline.openTime / 1000;
    if (time <= file.last) return 0;
    const written = file.sinks.of.get(symbol)!.write({ symbol, interval }, barsOf(kline));
    if (written instanceof Promise) throw new Error('files are written at once');
    file.last = time;
    return 1;
  }

  #file(symbol: string, interval: Interval): OneFile {
    const { out } = this.#options;
    const path = filePath(out, symbol, interval);
    const known = this.#files.get(path);
    if (known === undefined) return this.#open(path, symbol, interval);
    if (known.symbol === symbol && known.interval === interval) return known;
    throw new InputError(
      'KLINES_MIXED',
      `${path} has ${known.symbol} ${known.interval}, and ${symbol} ${interval} came as well`,
      { value: out, fix: 'put {symbol} and {interval} into the name: csv:{symbol}-{interval}.csv' },
    );
  }

  #open(path: string, symbol: string, interval: Interval): OneFile {
    const { columns, format, onFailure } = this.#options;
    const sinks = openFiles({
      ...{ out: path, format, symbols: [symbol], interval, columns, header: true, sync: false, onFailure },
    });
    const file = {
      sinks,
      symbol,
      interval,
      last: sinks.of.get(symbol)!.last(symbol) ?? Number.NEGATIVE_INFINITY,
    };
    this.#files.set(path, file);
    return file;
  }
}

/** As its exchange writes it, where that is a name. */
function nameOf({ native, symbol }: KlineRecord): string {
  return /^[A-Za-z0-9]+$/.test(native) ? native.toUpperCase() : symbol;
}

function barsOf({ close, high, low, open, openTime, quoteVolume, trades, volume }: KlineRecord): Bars {
  const one = (value: number | null) => Float64Array.of(value ?? Number.NaN);
  return {
    ...{
      length: 1,
      time: one(openTime / 1000),
      open: one(open),
      high: one(high),
      low: one(low),
      close: one(close),
    },
    volume: one(volume),
    extra: { quoteVolume: one(quoteVolume), trades: one(trades) },
  };
}
