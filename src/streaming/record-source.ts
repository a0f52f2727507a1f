import type { MarketRecord } from '../model/records.ts';

/** Where records come from that something else collected: a topic, a capture, a running collection. */
export interface RecordSource {
  /** As messages call it. */
  readonly name: string;
  /**
   * Gives records, oldest first, until the source ends or the signal says stop; the next ones come when `write` has taken
   * those before. Rejects with a QtError.
   */
  run(write: (records: readonly MarketRecord[]) => void | Promise<void>, signal: AbortSignal): Promise<void>;
}
