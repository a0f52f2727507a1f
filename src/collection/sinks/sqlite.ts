import type { MarketRecord } from '../../model/records.ts';
import { MarketStore } from '../../store/market-records.ts';
import type { RecordSink } from './sink.ts';

/** Tables of a SQLite file, for any number of processes. */
export class SqliteSink implements RecordSink {
  readonly name: string;
  readonly #store: MarketStore;

  /** Throws `STORE_*`. */
  constructor(file: string) {
    this.name = file;
    this.#store = new MarketStore(file);
  }

  write(records: readonly MarketRecord[]): void {
    this.#store.add(records);
  }

  close(): void {
    this.#store.close();
  }
}
