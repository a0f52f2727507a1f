import type { MarketRecord } from '../../model/records.ts';

/** Where records go. */
export interface RecordSink {
  /** As messages call it. */
  readonly name: string;
  /** Takes records, oldest first; the next ones come when it has done so. What it throws ends the collection. */
  write(records: readonly MarketRecord[]): void | Promise<void>;
  close(): void | Promise<void>;
}
