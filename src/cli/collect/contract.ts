import type { CollectionState } from '../../collection/collection.ts';
import type { Channel } from '../../model/records.ts';

/** What `qt collect` was told. */
export interface CollectFlags {
  readonly venue: string;
  readonly symbols: string;
  readonly channels: readonly Channel[];
  readonly interval: string;
  readonly sink?: readonly string[];
  readonly out: string;
  readonly capture?: string;
  /** Template of the topics of kafka:// sinks. */
  readonly topic?: string;
  /** Where raw frames go beside the records: `kafka://…/TOPIC`. */
  readonly raw?: string;
  readonly metricsPort?: number;
  /** µs. */
  readonly metrics?: number;
  readonly stream?: string;
  readonly rest?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly child?: boolean;
}

/** Who is told how a collection stands. */
export interface CollectWatcher {
  /** Once a second. */
  state(state: CollectionState): void;
  notice(level: 'info' | 'warning', code: string, message: string): void;
}
