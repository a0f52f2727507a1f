import { MarketStore } from '../../../store/market-records.ts';
import type { Partition } from '../reader.ts';
import type { RecordBatch } from '../source.ts';
import { type PipeStore, sourceOf } from './store.ts';

/** A SQLite file that any number of members of a group may share: positions are in the transactions of the rows. */
export class SqlitePipeStore implements PipeStore {
  readonly name: string;
  readonly #store: MarketStore;

  /** Throws `STORE_*`. */
  constructor(file: string) {
    this.name = file;
    this.#store = new MarketStore(file);
  }

  positionOf(topicId: string, partition: Partition): number | undefined {
    return this.#store.positionOf(sourceOf(topicId, partition));
  }

  write(batch: RecordBatch): number {
    const { next, offsets, records, topicId } = batch;
    return this.#store.addFrom(sourceOf(topicId, batch), records, offsets, next);
  }

  close(): void {
    this.#store.close();
  }
}
