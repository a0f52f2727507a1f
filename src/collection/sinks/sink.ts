import type { MarketRecord } from '../../model/records.ts';

/** Where records go. */
export interface RecordSink {
  /** As messages call it. */
  readonly name: string;
  /** Takes records, oldest first; the next ones come when it has done so. What it throws ends the collection. */
  write(records: readonly MarketRecord[]): void | Promise<void>;
  /** The collection is about to end: what is still on its way may wait for nobody for long. */
  ending?(): void;
  close(): void | Promise<void>;
}
